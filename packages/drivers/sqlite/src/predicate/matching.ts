import type { Json } from '@dustpan/core/driver'
import type { Client, Row, SqlValue } from '../client.ts'
import { type Key, keyOf } from '../keys.ts'
import { quoted } from '../quote.ts'
import { isSoftDeleted } from '../removal/soft-delete.ts'
import { tableName } from '../rows.ts'
import { conditionSql, type Piece } from './condition-sql.ts'
import type { AskedKind } from './kinds.ts'
import type { Owner } from './owner.ts'

/** The number of rows that match. */
export function countRows(client: Client, kind: AskedKind, owner: Owner | undefined): number {
  const { text, params } = matchCondition(kind, owner)
  return Number(
    client.all(`SELECT count(*) AS n FROM ${tableName(kind.table)} AS x WHERE ${text}`, ...params)[0]?.n ?? 0,
  )
}

/** The keys of matching rows, up to the limit; a row with NULL in its key cannot be named. */
export function keysOfRows(client: Client, kind: AskedKind, owner: Owner | undefined, limit: number): readonly Key[] {
  const { text, params } = matchCondition(kind, owner)
  const columns = kind.table.key.map((column, i) => `x.${quoted(column)} AS k${i}`).join(', ')
  const rows = client.all(
    `SELECT ${columns} FROM ${tableName(kind.table)} AS x WHERE ${text} LIMIT ?`,
    ...params,
    limit,
  )
  return rows.flatMap((row: Row) => keyOf(kind.table.key.map((_, i) => row[`k${i}`] ?? null)) ?? [])
}

/** The condition that the row `x` matches, is not marked as deleted already, and is not spared. */
function matchCondition({ table, conditions, set, spared }: AskedKind, owner: Owner | undefined): Piece {
  const marked = set && isSoftDeleted(table, 'x', set)
  const pieces = [
    ...conditions.map((condition) => conditionSql(condition, table, owner)),
    ...(marked ? [{ text: `NOT (${marked.text})`, params: marked.params }] : []),
    ...(spared.length > 0 ? [isNotAmong(table.key, spared)] : []),
  ]
  const params = pieces.flatMap((piece): readonly SqlValue[] => piece.params)
  return { text: pieces.map(({ text }) => `(${text})`).join(' AND ') || '1', params }
}

/** Compares as text, as `7` and `'7'` are one id; passes all ids in one parameter, as there may be very many. */
function isNotAmong(key: readonly string[], ids: readonly Json[]): Piece {
  const rows = ids.map((id) => {
    const parts = Array.isArray(id) ? (id as readonly Json[]) : [id]
    return key.map((_, i) => String(parts[i] ?? ''))
  })
  const columns = key.map((column) => `CAST(x.${quoted(column)} AS TEXT)`)
  const values = key.map((_, i) => `json_extract(value, '$[${i}]')`)
  const text = `(${columns.join(', ')}) NOT IN (SELECT ${values.join(', ')} FROM json_each(?))`
  return { text: `coalesce(${text}, 1)`, params: [JSON.stringify(rows)] }
}
