import type { DustpanError, Presence, ResourceId, Target } from '@dustpan/core/driver'
import { idsNumbered, isRowRemoval, type Looked, type Outcomes, readBackApart, unseenRows } from '@dustpan/core/rows'
import type { Batch } from './batches.ts'
import { errorTexts, lookApart } from './look-apart.ts'
import type { StoreClient } from './own-client.ts'
import { renamedTables, rowsWithoutTable } from './renamed-tables.ts'
import { isNumbered, isUnmarked, numbered, Parameters, tableSql } from './statement-parts.ts'

/** Which of the targets exist. Unknown for tables that cannot be read, and for rows that our role may not see. */
export async function probeRows(
  client: StoreClient,
  targets: readonly Target[],
  batches: readonly Batch[],
  signal: AbortSignal,
): Promise<ReadonlyMap<ResourceId, Presence | DustpanError>> {
  const { found, unread } = await probeAll(client, batches, signal)
  const present = new Set(found.flat())
  const secured = batches.filter(({ table }) => table.secured)
  const renamed = await renamedTables(client, rowsWithoutTable(targets.filter(isRowRemoval), batches), signal)
  const hidden = new Set([...secured.flatMap((batch) => batch.targets), ...renamed.keys()])
  const errors = unseenRows(unread, errorTexts)
  const ifNotFound = (target: Target) => (isRowRemoval(target) && !hidden.has(target) ? 'absent' : 'unknown')
  return new Map(
    targets.map((target) => [
      target.id,
      errors.get(target.id) ?? (present.has(target.id) ? 'present' : ifNotFound(target)),
    ]),
  )
}

/** Checks the outcomes of a removal by reading back. Never throws. */
export function readRowsBack(
  client: StoreClient,
  targets: readonly Target[],
  outcomes: Outcomes,
  batchesOf: (gone: readonly Target[]) => Promise<readonly Batch[]>,
  signal: AbortSignal,
): Promise<Outcomes> {
  return readBackApart(targets, outcomes, async (gone) => probeAll(client, await batchesOf(gone), signal), errorTexts)
}

function probeAll(
  client: StoreClient,
  batches: readonly Batch[],
  signal: AbortSignal,
): Promise<Looked<Batch, readonly ResourceId[]>> {
  return lookApart(batches, client.store.id, (batch) => probeBatch(client, batch, signal))
}

/** Which rows of a batch still exist and, where rows are marked, are not marked yet. */
async function probeBatch(client: StoreClient, batch: Batch, signal: AbortSignal): Promise<readonly ResourceId[]> {
  const parameters = new Parameters()
  const text = `SELECT k.n FROM ${tableSql(batch.table)} t, ${numbered(batch, parameters)} WHERE ${isNumbered(batch)}${isUnmarked(batch, parameters)}`
  return idsNumbered(batch, await client.rows(text, parameters.values, signal))
}
