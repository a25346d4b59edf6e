import type { Json, ResourceId } from '@dustpan/core/driver'
import { targetNumbered } from '@dustpan/core/rows'
import { quoteName } from '../names.ts'
import type { Batch } from '../removal/batches.ts'
import type { StoreClient } from '../removal/own-client.ts'
import { isBinary, isUnmarked, targetsOf, valueSql } from '../removal/statement-parts.ts'
import type { Column, Table } from '../tables.ts'

/** Columns and their values as lossless text: bytes in hex, points in time in UTC. */
export type Fields = { readonly [column: string]: string | null }

const setUtc = `SET time_zone = '+00:00'`
const resetTimeZone = 'SET time_zone = DEFAULT'

/** Runs `work` with the session in UTC, in which no hour occurs twice. */
export async function inUtc<T>(client: StoreClient, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  await client.run([setUtc], signal)
  try {
    return await work()
  } finally {
    await client.run([resetTimeZone], signal).catch(() => {})
  }
}

/** `unmarked`: leaves out rows that are marked as deleted. */
export async function readRows(
  client: StoreClient,
  batches: readonly Batch[],
  signal: AbortSignal,
  unmarked = false,
): Promise<ReadonlyMap<ResourceId, Fields>> {
  const found = new Map<ResourceId, Fields>()
  for (const batch of batches) {
    const columns = writtenColumns(batch.table)
    const values = columns.map((column) => exactText(column)).join(', ')
    const where = unmarked ? ` WHERE TRUE${isUnmarked(batch)}` : ''
    const sql = `SELECT k.n, ${values} FROM ${targetsOf(batch)}${where}`
    for (const [number, ...texts] of await client.rows(sql, signal)) {
      const target = targetNumbered(batch, number)
      const fields = columns.map(({ name }, index) => [name, texts[index] ?? null] as const)
      if (target) found.set(target.id, Object.fromEntries(fields))
    }
  }
  return found
}

/** Columns that can be set. */
export function writtenColumns({ columns }: Table): readonly Column[] {
  return [...columns.values()].filter(({ generated }) => !generated)
}

export function exactValue(column: Column, value: Json | undefined): string {
  if (typeof value !== 'string') return 'NULL'
  if (isBytes(column)) return `x'${value.replace(/[^\da-f]/gi, '')}'`
  return column.type === 'bit' ? String(BigInt(value)) : valueSql(value)
}

function exactText(column: Column): string {
  const name = `t.${quoteName(column.name)}`
  if (isBytes(column)) return `HEX(${name})`
  if (column.type === 'bit') return `CAST(${name} + 0 AS CHAR)`
  return column.type === 'float' ? `CAST(CAST(${name} AS DOUBLE) AS CHAR)` : `CAST(${name} AS CHAR)`
}

const shapes = ['geometry', 'point', 'linestring', 'polygon', 'multipoint', 'multilinestring', 'multipolygon']
const spatial = new Set([...shapes, 'geometrycollection', 'geomcollection', 'vector'])

function isBytes(column: Column): boolean {
  return isBinary(column) || spatial.has(column.type)
}
