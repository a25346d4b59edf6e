import type { Server } from '../sql/server.ts'
import { type Table, tableName } from '../sql/table.ts'
import { among, keyIn, keyNames, keyTexts, partsOf } from '../sql/where.ts'
import { type RowKeys, writtenKey } from './row-keys.ts'

/** Those of the keys, as JSON, that the table has; `unknown`: some, and nobody can tell which. */
export async function knownKeys(server: Server, table: Table, keys: RowKeys): Promise<ReadonlySet<string> | 'unknown'> {
  const { columns } = keys
  const wanted = keys.byKey().map(({ key }) => key)
  if (columns.length === 0 || wanted.length === 0) return new Set()
  const sql = `SELECT ${keyTexts(columns)} FROM ${tableName(table)} WHERE ${among(table, columns, wanted)} GROUP BY ${keyNames(columns)}`
  const rows = await server.rows<Record<string, unknown>>(sql)
  if (rows.length === 0) return new Set()
  const there = new Set(rows.map((row) => writtenKey(table, columns, keyIn(row, columns))))
  const found = wanted.filter((key) => there.has(writtenKey(table, columns, partsOf(key))))
  return there.has(undefined) ? 'unknown' : new Set(found.map((key) => JSON.stringify(key)))
}

/** How many rows have one of the keys. */
export async function countKeys(server: Server, table: Table, keys: RowKeys): Promise<number> {
  const wanted = keys.byKey().map(({ key }) => key)
  const sql = `SELECT count() AS n FROM ${tableName(table)} WHERE ${among(table, keys.columns, wanted)}`
  const [row] = await server.rows<{ n: string | number }>(sql)
  return Number(row?.n ?? 0)
}
