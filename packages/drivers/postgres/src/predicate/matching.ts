import type { Json, SetColumns } from '@dustpan/core/driver'
import { arrayLiteral } from '../array-literal.ts'
import { keyText } from '../key-text.ts'
import { keyOf, type TypedColumn } from '../key-value.ts'
import { quoteIdentifier } from '../names.ts'
import { textOf } from '../removal/batches.ts'
import type { Sql } from '../removal/exchange.ts'
import type { TableShape } from '../removal/shapes.ts'
import { keyJson, Parameters, tableOf, typedKey, typeOfColumn } from '../removal/statement-parts.ts'
import { conditionSql } from './condition-sql.ts'
import type { AskedKind } from './kinds.ts'
import type { Owner } from './owner.ts'

/** That the row `t` is one that is meant, is not marked already, and is not among those that stay. */
export function isMeant(kind: AskedKind, owner: Owner | undefined, parameters: Parameters): string {
  const { table: shape, conditions, set, spared } = kind
  const tests = conditions.map((condition) => conditionSql(condition, shape, owner, parameters))
  const stays = spared.length === 0 ? [] : [`NOT ${isAmong(shape, spared, parameters)}`]
  return [...tests, ...(set ? [`NOT (${isMarked(set, shape, parameters)})`] : []), ...stays].join(' AND ') || 'true'
}

/** How many rows are meant, and the keys of some. */
export function countSql(kind: AskedKind, owner: Owner | undefined, samples: number): Sql {
  const parameters = new Parameters()
  const text = `WITH m AS MATERIALIZED (SELECT ${keyJson(typedKey(kind.table))} AS k FROM ${tableOf(kind.table)} t WHERE ${isMeant(kind, owner, parameters)})
    SELECT count(*)::text, (SELECT coalesce(json_agg(k), '[]') FROM (SELECT k FROM m LIMIT ${samples}) s)::text FROM m`
  return { text, values: parameters.values }
}

/** The keys of the rows that are meant, at most so many. */
export function keysSql(kind: AskedKind, owner: Owner | undefined, most: number): Sql {
  const parameters = new Parameters()
  const text = `SELECT ${keyJson(typedKey(kind.table))}::text FROM ${tableOf(kind.table)} t WHERE ${isMeant(kind, owner, parameters)} LIMIT ${most}`
  return { text, values: parameters.values }
}

export function keyFrom(shape: TableShape, texts: readonly (string | null)[]): Json {
  return keyOf(typedKey(shape), texts)
}

/** By text, as `7` and `'7'` are one id: by that of a record, or by the one that somebody would write (`true` for `t`). */
function isAmong(shape: TableShape, ids: readonly Json[], parameters: Parameters): string {
  const lists = ids.map((id) => JSON.stringify((Array.isArray(id) ? (id as readonly Json[]) : [id]).map(textOf)))
  const among = `${parameters.add(arrayLiteral(lists))}::jsonb[]`
  return `(${rowsAsTexts(shape)
    .map((texts) => `to_jsonb(ARRAY[${texts.join(', ')}]) = ANY (${among})`)
    .join(' OR ')})`
}

/** The key in each combination of the forms that its columns have. */
function rowsAsTexts(shape: TableShape): readonly (readonly string[])[] {
  return typedKey(shape).reduce<readonly (readonly string[])[]>(
    (rows, column) => rows.flatMap((row) => formsOf(column).map((form) => [...row, form])),
    [[]],
  )
}

function formsOf(column: TypedColumn): readonly string[] {
  const value = `t.${quoteIdentifier(column.name)}`
  return [...new Set([keyText(column, value), `${value}::text`])]
}

function isMarked(set: SetColumns, shape: TableShape, parameters: Parameters): string {
  const fixed = Object.entries(set).filter(([, value]) => typeof value !== 'string' || !value.includes('{id}'))
  const columns = fixed.map(([column, value]) => {
    const name = `t.${quoteIdentifier(column)}`
    const type = typeOfColumn(shape, column)
    if (value === 'now') return `${name} IS NOT NULL`
    return value === null ? `${name} IS NULL` : `${name} IS NOT DISTINCT FROM ${parameters.add(textOf(value))}::${type}`
  })
  return columns.join(' AND ') || 'false'
}
