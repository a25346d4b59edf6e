/** How many rows there are of each key: one answer for all where it is as it should be, a closer look where it is not. */
import { writtenKey } from '../capture/row-keys.ts'
import type { How, Server } from '../sql/server.ts'
import { tableName } from '../sql/table.ts'
import { keyIn, keyNames, keyTexts, partsOf } from '../sql/where.ts'
import { type Batch, type KeyTargets, whereOf } from './batches.ts'

/** Rows, by key. */
export type Census = (key: KeyTargets) => number

interface Summary {
  readonly keys: string | number
  readonly least: string | number
  readonly most: string | number
}

export async function census(server: Server, batch: Batch, how: How): Promise<Census> {
  const grouped = `SELECT count() AS dustpan_rows FROM ${from(batch)} GROUP BY ${keyNames(batch.columns)}`
  const sql = `SELECT count() AS keys, min(dustpan_rows) AS least, max(dustpan_rows) AS most FROM (${grouped})`
  const [summary] = await server.rows<Summary>(sql, how)
  const [keys, least, most] = [summary?.keys, summary?.least, summary?.most].map(Number)
  if (keys === 0) return () => 0
  if (keys === batch.keys.length && least === most) return () => least ?? 0
  return (await byWrittenKey(server, batch, how)) ?? oneByOne(server, batch, how)
}

/** All rows of the batch. */
export async function countRows(server: Server, batch: Batch, keys: readonly KeyTargets[], how: How): Promise<number> {
  const sql = `SELECT count() AS dustpan_rows FROM ${tableName(batch.table)} WHERE ${whereOf(batch, keys)}`
  const [row] = await server.rows<{ dustpan_rows: string }>(sql, how)
  return Number(row?.dustpan_rows ?? 0)
}

const from = (batch: Batch): string => `${tableName(batch.table)} WHERE ${whereOf(batch)}`

/** Undefined: the server may write keys otherwise than they are recorded. */
async function byWrittenKey(server: Server, batch: Batch, how: How): Promise<Census | undefined> {
  const { table, columns } = batch
  const names = keyNames(columns)
  const sql = `SELECT ${keyTexts(columns)}, count() AS dustpan_rows FROM ${from(batch)} GROUP BY ${names}`
  const rows = await server.rows<Record<string, unknown>>(sql, how)
  const counts = new Map<string | undefined, number>()
  for (const row of rows) {
    const written = writtenKey(table, columns, keyIn(row, columns))
    if (written === undefined) return undefined
    counts.set(written, Number(row.dustpan_rows))
  }
  return ({ key }) => counts.get(writtenKey(table, columns, partsOf(key))) ?? 0
}

/** So many in one statement. */
const atOnce = 100

async function oneByOne(server: Server, batch: Batch, how: How): Promise<Census> {
  const counts = new Map<KeyTargets, number>()
  for (let start = 0; start < batch.keys.length; start += atOnce) {
    const some = batch.keys.slice(start, start + atOnce)
    const selects = some.map(
      (key, i) =>
        `SELECT toUInt32(${i}) AS dustpan_key, count() AS dustpan_rows FROM ${tableName(batch.table)} WHERE ${whereOf(batch, [key])}`,
    )
    const sql = `SELECT dustpan_key, dustpan_rows FROM (${selects.join(' UNION ALL ')})`
    for (const row of await server.rows<{ dustpan_key: number; dustpan_rows: string }>(sql, how)) {
      const key = some[Number(row.dustpan_key)]
      if (key) counts.set(key, Number(row.dustpan_rows))
    }
  }
  return (key) => counts.get(key) ?? 0
}
