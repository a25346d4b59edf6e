import { DustpanError, type Json, type ResourceId } from '@dustpan/core/driver'
import { notBackedUpRows, type Unread } from '@dustpan/core/rows'
import type { Batch } from '../removal/batches.ts'
import { errorTexts, isOfTable, lookApart } from '../removal/look-apart.ts'
import type { StoreClient } from '../removal/own-client.ts'
import { forgetTables } from '../removal/tables.ts'
import { exactly, type Fields, rowsIn, rowsSql } from './row-texts.ts'

type Rows = ReadonlyMap<ResourceId, Fields>

export interface ReadRows {
  readonly rows: Rows
  readonly unread: readonly Unread<Batch>[]
}

/**
 * Reads the current rows of batches in one round trip. If a table differs from its cached description, the tables are read
 * again; if one cannot be read, each is read by itself. `unmarked`: without rows that are marked as deleted.
 */
export async function readRows(
  client: StoreClient,
  currentBatches: () => Promise<readonly Batch[]>,
  signal: AbortSignal,
  unmarked = false,
): Promise<ReadRows> {
  const rows = await tryRead(client, await currentBatches(), signal, unmarked)
  if (rows) return { rows, unread: [] }
  forgetTables(client.store.id)
  const batches = await currentBatches()
  const reread = await tryRead(client, batches, signal, unmarked)
  return reread ? { rows: reread, unread: [] } : readEach(client, batches, signal, unmarked)
}

async function readEach(
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

/** Undefined when not all rows can be read this way. */
async function tryRead(
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
    ...notBackedUpRows(unread, errorTexts),
  ])
}
