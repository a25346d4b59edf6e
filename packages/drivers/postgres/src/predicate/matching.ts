import type { Json } from '@dustpan/core/driver'
import { arrayLiteral } from '../array-literal.ts'
import { keyOf } from '../key-value.ts'
import { quoteIdentifier } from '../names.ts'
import { type SetColumns, textOf } from '../removal/batches.ts'
import type { Sql } from '../removal/exchange.ts'
import type { TableShape } from '../removal/shapes.ts'
import { keyJson, Parameters, tableOf, typeOfColumn } from '../removal/statement-parts.ts'
import { conditionSql } from './condition-sql.ts'
import type { AskedKind } from './kinds.ts'
import type { Owner } from './owner.ts'

/** That the row `t` is one that is meant, is not marked already, and is not among those that stay. */
export function isMeant(kind: AskedKind, owner: Owner | undefined, parameters: Parameters): string {
  const { shape, conditions, set, spared } = kind
  const tests = conditions.map((condition) => conditionSql(condition, shape, owner, parameters))
  const stays = spared.length === 0 ? [] : [`NOT ${isAmong(shape, spared, parameters)}`]
  return [...tests, ...(set ? [`NOT (${isMarked(set, shape, parameters)})`] : []), ...stays].join(' AND ') || 'true'
}

/** How many rows are meant, and the keys of some. */
export function countSql(kind: AskedKind, owner: Owner | undefined, samples: number): Sql {
  const parameters = new Parameters()
  const text = `WITH m AS MATERIALIZED (SELECT ${keyJson(kind.shape.key)} AS k FROM ${tableOf(kind.shape)} t WHERE ${isMeant(kind, owner, parameters)})
    SELECT count(*)::text, (SELECT coalesce(json_agg(k), '[]') FROM (SELECT k FROM m LIMIT ${samples}) s)::text FROM m`
  return { text, values: parameters.values }
}

/** The keys of the rows that are meant, at most so many. */
export function keysSql(kind: AskedKind, owner: Owner | undefined, most: number): Sql {
  const parameters = new Parameters()
  const text = `SELECT ${keyJson(kind.shape.key)}::text FROM ${tableOf(kind.shape)} t WHERE ${isMeant(kind, owner, parameters)} LIMIT ${most}`
  return { text, values: parameters.values }
}

export function keyFrom({ key, columns }: TableShape, texts: readonly (string | null)[]): Json {
  return keyOf(
    key.map((name) => ({ name, type: columns[name] ?? '' })),
    texts,
  )
}

/** By text, as `7` and `'7'` are one id. */
function isAmong({ key }: TableShape, ids: readonly Json[], parameters: Parameters): string {
  const lists = ids.map((id) => JSON.stringify((Array.isArray(id) ? (id as readonly Json[]) : [id]).map(textOf)))
  const row = `to_jsonb(ARRAY[${key.map((name) => `t.${quoteIdentifier(name)}::text`).join(', ')}])`
  return `(${row} = ANY (${parameters.add(arrayLiteral(lists))}::jsonb[]))`
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
