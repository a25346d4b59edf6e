import {
  DustpanError,
  each,
  isRowRemoval,
  messageOf,
  type Outcomes,
  type Presence,
  type ResourceId,
  readBack,
  type Target,
} from '@dustpan/core/driver'
import { readableTable } from '../names.ts'
import type { Batch } from './batches.ts'
import { type Looked, lookApart } from './look-apart.ts'
import { failed } from './outcomes.ts'
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
  const present = idsIn(found)
  const secured = batches.filter(({ shape }) => shape.secured)
  const moved = await renamedTables(client, rowsWithoutTable(targets.filter(isRowRemoval), batches), signal)
  const hidden = new Set([...secured.flatMap((batch) => batch.targets), ...moved.keys()])
  const errors = new Map(
    unread.flatMap(({ batch, error }) => batch.targets.map(({ id }) => [id, unseen(batch, error)] as const)),
  )
  const otherwise = (target: Target) => (isRowRemoval(target) && !hidden.has(target) ? 'absent' : 'unknown')
  return new Map(
    targets.map((target) => [
      target.id,
      errors.get(target.id) ?? (present.has(target.id) ? 'present' : otherwise(target)),
    ]),
  )
}

function unseen({ shape }: Batch, cause: unknown): DustpanError {
  const message = `${readableTable(shape)} could not be read: ${messageOf(cause)}`
  return new DustpanError('DUSTPAN_REMOVAL_FAILED', message, { cause })
}

/** The look after a removal: what cannot be looked at counts as not removed, as a look was asked for. Never throws. */
export async function readRowsBack(
  client: StoreClient,
  targets: readonly Target[],
  outcomes: Outcomes,
  batchesOf: (gone: readonly Target[]) => Promise<readonly Batch[]>,
  signal: AbortSignal,
): Promise<Outcomes> {
  const gone = targets.filter(({ id }) => outcomes.get(id)?.state === 'removed')
  try {
    const { found, unread } = await probeAll(client, await batchesOf(gone), signal)
    await readBack(gone, outcomes, async () => idsIn(found))
    for (const { batch, error } of unread)
      tell(batch.targets, `The look at ${readableTable(batch.shape)} after the removal`, error)
  } catch (error) {
    tell(gone, 'The look after the removal', error)
  }
  return outcomes

  function tell(unseen: readonly Target[], what: string, error: unknown): void {
    for (const [id, outcome] of each(unseen, failed(what, error))) outcomes.set(id, outcome)
  }
}

function probeAll(
  client: StoreClient,
  batches: readonly Batch[],
  signal: AbortSignal,
): Promise<Looked<readonly ResourceId[]>> {
  return lookApart(batches, client.store.id, (batch) => probeBatch(client, batch, signal))
}

const idsIn = (found: Looked<readonly ResourceId[]>['found']): ReadonlySet<ResourceId> => new Set(found.flat())

/** Which of a batch's rows are still there and, where rows are only marked, not marked yet. */
async function probeBatch(client: StoreClient, batch: Batch, signal: AbortSignal): Promise<readonly ResourceId[]> {
  const parameters = new Parameters()
  const text = `SELECT k.n FROM ${tableOf(batch.shape)} t, ${numbered(batch, parameters)} WHERE ${isNumbered(batch)}${isUnmarked(batch, parameters)}`
  const rows = await client.rows(text, parameters.values, signal)
  return rows.flatMap(([number]) => batch.targets[Number(number) - 1]?.id ?? [])
}
