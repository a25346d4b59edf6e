import { DustpanError, type Json, notBackedUpRows, type ResourceId, type Unread } from '@dustpan/core/driver'
import type { Batch } from '../removal/batches.ts'
import { isOfTable, lookApart, telling } from '../removal/look-apart.ts'
import type { StoreClient } from '../removal/own-client.ts'
import { forgetShapes } from '../removal/shapes.ts'
import { exactly, type Fields, rowsIn, rowsSql } from './row-texts.ts'

type Rows = ReadonlyMap<ResourceId, Fields>

export interface ReadRows {
  readonly rows: Rows
  readonly unread: readonly Unread<Batch>[]
}

/**
 * The rows of batches as they are, all in one round trip. Where a table is another one than its shape says, shapes are read anew; where one
 * cannot be read, each is read by itself. `unmarked`: without those that are marked as deleted.
 */
export async function readRows(
  client: StoreClient,
  batchesNow: () => Promise<readonly Batch[]>,
  signal: AbortSignal,
  unmarked = false,
): Promise<ReadRows> {
  const rows = await readOnce(client, await batchesNow(), signal, unmarked)
  if (rows) return { rows, unread: [] }
  forgetShapes(client.store.id)
  const batches = await batchesNow()
  const again = await readOnce(client, batches, signal, unmarked)
  return again ? { rows: again, unread: [] } : readApart(client, batches, signal, unmarked)
}

async function readApart(
  client: StoreClient,
  batches: readonly Batch[],
  signal: AbortSignal,
  unmarked: boolean,
): Promise<ReadRows> {
  const { found, unread } = await lookApart(batches, client.store.id, (batch) =>
    read(client, [batch], signal, unmarked),
  )
  return { rows: new Map(found.flatMap((rows) => [...rows])), unread }
}

/** Undefined: not all of it can be read so. */
async function readOnce(
  client: StoreClient,
  batches: readonly Batch[],
  signal: AbortSignal,
  unmarked: boolean,
): Promise<Rows | undefined> {
  try {
    return await read(client, batches, signal, unmarked)
  } catch (error) {
    if (!isOfTable(error)) throw error
    return undefined
  }
}

async function read(
  client: StoreClient,
  batches: readonly Batch[],
  signal: AbortSignal,
  unmarked: boolean,
): Promise<Rows> {
  if (batches.length === 0) return new Map()
  const [, ...answers] = await client.run([exactly, ...batches.flatMap((batch) => rowsSql(batch, unmarked))], signal)
  const found = batches.map((batch, i) => rowsIn(batch, answers.slice(2 * i, 2 * i + 2)))
  if (found.includes(undefined)) throw new DustpanError('DUSTPAN_REMOVAL_FAILED', 'its columns change while it is read')
  return new Map(found.flatMap((rows) => [...(rows ?? [])]))
}

export function asBackups({ rows, unread }: ReadRows): ReadonlyMap<ResourceId, Json | DustpanError> {
  return new Map<ResourceId, Json | DustpanError>([
    ...[...rows].map(([id, fields]) => [id, { fields }] as const),
    ...notBackedUpRows(unread, telling),
  ])
}
