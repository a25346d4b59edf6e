import type { Json } from '@dustpan/core/driver'
import type { SetColumns } from '@dustpan/core/rows'
import { arrayLiteral } from '../array-literal.ts'
import { keyText } from '../key-text.ts'
import { keyOf, type TypedColumn } from '../key-value.ts'
import { quoteIdentifier } from '../names.ts'
import { textOf } from '../removal/batches.ts'
import type { Sql } from '../removal/exchange.ts'
import { keyJson, Parameters, tableSql, typedKey, typeOfColumn } from '../removal/statement-parts.ts'
import type { Table } from '../removal/tables.ts'
import { conditionSql } from './condition-sql.ts'
import type { AskedKind } from './kinds.ts'
import type { Owner } from './owner.ts'

/** Condition: the row `t` is selected, is not marked already, and is not spared. */
export function isSelected(kind: AskedKind, owner: Owner | undefined, parameters: Parameters): string {
  const { table, conditions, set, spared } = kind
  const tests = conditions.map((condition) => conditionSql(condition, table, owner, parameters))
  const notSpared = spared.length === 0 ? [] : [`NOT ${isAmong(table, spared, parameters)}`]
  return [...tests, ...(set ? [`NOT (${isMarked(set, table, parameters)})`] : []), ...notSpared].join(' AND ') || 'true'
}

/** The number of selected rows, and the keys of some. */
export function countSql(kind: AskedKind, owner: Owner | undefined, samples: number): Sql {
  const parameters = new Parameters()
  const text = `WITH m AS MATERIALIZED (SELECT ${keyJson(typedKey(kind.table))} AS k FROM ${tableSql(kind.table)} t WHERE ${isSelected(kind, owner, parameters)})
    SELECT count(*)::text, (SELECT coalesce(json_agg(k), '[]') FROM (SELECT k FROM m LIMIT ${samples}) s)::text FROM m`
  return { text, values: parameters.values }
}

/** The keys of the selected rows, limited to `limit`. */
export function keysSql(kind: AskedKind, owner: Owner | undefined, limit: number): Sql {
  const parameters = new Parameters()
  const text = `SELECT ${keyJson(typedKey(kind.table))}::text FROM ${tableSql(kind.table)} t WHERE ${isSelected(kind, owner, parameters)} LIMIT ${limit}`
  return { text, values: parameters.values }
}

export function keyFrom(table: Table, texts: readonly (string | null)[]): Json {
  return keyOf(typedKey(table), texts)
}

/**
 * Compares as text, because `7` and `'7'` are one id: in the form of records, or in the form that users write (`true` for
 * `t`).
 */
function isAmong(table: Table, ids: readonly Json[], parameters: Parameters): string {
  const lists = ids.map((id) => JSON.stringify((Array.isArray(id) ? (id as readonly Json[]) : [id]).map(textOf)))
  const among = `${parameters.add(arrayLiteral(lists))}::jsonb[]`
  return `(${rowsAsTexts(table)
    .map((texts) => `to_jsonb(ARRAY[${texts.join(', ')}]) = ANY (${among})`)
    .join(' OR ')})`
}

/** The key in every combination of the text forms of its columns. */
function rowsAsTexts(table: Table): readonly (readonly string[])[] {
  return typedKey(table).reduce<readonly (readonly string[])[]>(
    (rows, column) => rows.flatMap((row) => formsOf(column).map((form) => [...row, form])),
    [[]],
  )
}

function formsOf(column: TypedColumn): readonly string[] {
  const value = `t.${quoteIdentifier(column.name)}`
  return [...new Set([keyText(column, value), `${value}::text`])]
}

function isMarked(set: SetColumns, table: Table, parameters: Parameters): string {
  const constants = Object.entries(set).filter(([, value]) => typeof value !== 'string' || !value.includes('{id}'))
  const columns = constants.map(([column, value]) => {
    const name = `t.${quoteIdentifier(column)}`
    const type = typeOfColumn(table, column)
    if (value === 'now') return `${name} IS NOT NULL`
    return value === null ? `${name} IS NULL` : `${name} IS NOT DISTINCT FROM ${parameters.add(textOf(value))}::${type}`
  })
  return columns.join(' AND ') || 'false'
}
