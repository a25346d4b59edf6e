/** Counts the rows of each key: with one summary if all keys have equally many, otherwise in detail. */
import { writtenKey } from '../capture/row-keys.ts'
import type { QueryOptions, Server } from '../sql/server.ts'
import { tableName } from '../sql/table.ts'
import { keyIn, keyNames, keyTexts, partsOf } from '../sql/where.ts'
import { type Batch, type KeyTargets, whereOf } from './batches.ts'

/** The number of rows of a key. */
export type RowCount = (key: KeyTargets) => number

interface Summary {
  readonly keys: string | number
  readonly least: string | number
  readonly most: string | number
}

export async function countByKey(server: Server, batch: Batch, options: QueryOptions): Promise<RowCount> {
  const grouped = `SELECT count() AS dustpan_rows FROM ${from(batch)} GROUP BY ${keyNames(batch.columns)}`
  const sql = `SELECT count() AS keys, min(dustpan_rows) AS least, max(dustpan_rows) AS most FROM (${grouped})`
  const [summary] = await server.rows<Summary>(sql, options)
  const [keys, least, most] = [summary?.keys, summary?.least, summary?.most].map(Number)
  if (keys === 0) return () => 0
  if (keys === batch.keys.length && least === most) return () => least ?? 0
  return (await byWrittenKey(server, batch, options)) ?? oneByOne(server, batch, options)
}

/** The number of rows with any of the keys. */
export async function countRows(
  server: Server,
  batch: Batch,
  keys: readonly KeyTargets[],
  options: QueryOptions,
): Promise<number> {
  const sql = `SELECT count() AS dustpan_rows FROM ${tableName(batch.table)} WHERE ${whereOf(batch, keys)}`
  const [row] = await server.rows<{ dustpan_rows: string }>(sql, options)
  return Number(row?.dustpan_rows ?? 0)
}

const from = (batch: Batch): string => `${tableName(batch.table)} WHERE ${whereOf(batch)}`

/** Undefined: the server may write keys differently from the records. */
async function byWrittenKey(server: Server, batch: Batch, options: QueryOptions): Promise<RowCount | undefined> {
  const { table, columns } = batch
  const names = keyNames(columns)
  const sql = `SELECT ${keyTexts(columns)}, count() AS dustpan_rows FROM ${from(batch)} GROUP BY ${names}`
  const rows = await server.rows<Record<string, unknown>>(sql, options)
  const counts = new Map<string | undefined, number>()
  for (const row of rows) {
    const written = writtenKey(table, columns, keyIn(row, columns))
    if (written === undefined) return undefined
    counts.set(written, Number(row.dustpan_rows))
  }
  return ({ key }) => counts.get(writtenKey(table, columns, partsOf(key))) ?? 0
}

const keysPerQuery = 100

async function oneByOne(server: Server, batch: Batch, options: QueryOptions): Promise<RowCount> {
  const counts = new Map<KeyTargets, number>()
  for (let start = 0; start < batch.keys.length; start += keysPerQuery) {
    const some = batch.keys.slice(start, start + keysPerQuery)
    const selects = some.map(
      (key, i) =>
        `SELECT toUInt32(${i}) AS dustpan_key, count() AS dustpan_rows FROM ${tableName(batch.table)} WHERE ${whereOf(batch, [key])}`,
    )
    const sql = `SELECT dustpan_key, dustpan_rows FROM (${selects.join(' UNION ALL ')})`
    for (const row of await server.rows<{ dustpan_key: number; dustpan_rows: string }>(sql, options)) {
      const key = some[Number(row.dustpan_key)]
      if (key) counts.set(key, Number(row.dustpan_rows))
    }
  }
  return (key) => counts.get(key) ?? 0
}
