import {
  type DustpanError,
  idsNumbered,
  isRowRemoval,
  type Looked,
  type Outcomes,
  type Presence,
  type ResourceId,
  readBackApart,
  type Target,
  unseenRows,
} from '@dustpan/core/driver'
import type { Batch } from './batches.ts'
import { lookApart, telling } from './look-apart.ts'
import type { StoreClient } from './own-client.ts'
import { renamedTables, rowsWithoutTable } from './renamed-tables.ts'
import { isNumbered, isUnmarked, numbered, Parameters, tableOf } from './statement-parts.ts'

/** Which of the targets are there. Of those in tables that cannot be read, or whose rows our role may not see, nobody can tell. */
export async function probeRows(
  client: StoreClient,
  targets: readonly Target[],
  batches: readonly Batch[],
  signal: AbortSignal,
): Promise<ReadonlyMap<ResourceId, Presence | DustpanError>> {
  const { found, unread } = await probeAll(client, batches, signal)
  const present = new Set(found.flat())
  const secured = batches.filter(({ shape }) => shape.secured)
  const moved = await renamedTables(client, rowsWithoutTable(targets.filter(isRowRemoval), batches), signal)
  const hidden = new Set([...secured.flatMap((batch) => batch.targets), ...moved.keys()])
  const errors = unseenRows(unread, telling)
  const otherwise = (target: Target) => (isRowRemoval(target) && !hidden.has(target) ? 'absent' : 'unknown')
  return new Map(
    targets.map((target) => [
      target.id,
      errors.get(target.id) ?? (present.has(target.id) ? 'present' : otherwise(target)),
    ]),
  )
}

/** The look after a removal. Never throws. */
export function readRowsBack(
  client: StoreClient,
  targets: readonly Target[],
  outcomes: Outcomes,
  batchesOf: (gone: readonly Target[]) => Promise<readonly Batch[]>,
  signal: AbortSignal,
): Promise<Outcomes> {
  return readBackApart(targets, outcomes, async (gone) => probeAll(client, await batchesOf(gone), signal), telling)
}

function probeAll(
  client: StoreClient,
  batches: readonly Batch[],
  signal: AbortSignal,
): Promise<Looked<Batch, readonly ResourceId[]>> {
  return lookApart(batches, client.store.id, (batch) => probeBatch(client, batch, signal))
}

/** Which of a batch's rows are still there and, where rows are only marked, not marked yet. */
async function probeBatch(client: StoreClient, batch: Batch, signal: AbortSignal): Promise<readonly ResourceId[]> {
  const parameters = new Parameters()
  const text = `SELECT k.n FROM ${tableOf(batch.shape)} t, ${numbered(batch, parameters)} WHERE ${isNumbered(batch)}${isUnmarked(batch, parameters)}`
  return idsNumbered(batch, await client.rows(text, parameters.values, signal))
}
