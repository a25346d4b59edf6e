import { idsNumbered, type LookAtRows, type ResourceId } from '@dustpan/core/driver'
import type { Batch } from './batches.ts'
import type { StoreClient } from './own-client.ts'
import { heldBy, isUnmarked, targetsOf } from './statement-parts.ts'

/** Which of a batch's rows are there and, where rows are only marked, not marked yet. */
export async function presentTargets(
  client: StoreClient,
  batch: Batch,
  lock: string,
  signal: AbortSignal,
): Promise<ReadonlySet<ResourceId>> {
  const text = `SELECT k.n FROM ${targetsOf(batch)} WHERE TRUE${isUnmarked(batch)}${lock}`
  return new Set(idsNumbered(batch, await client.rows(text, signal)))
}

/** For rows that somebody's transaction holds. */
export const looksAt = (client: StoreClient, signal: AbortSignal): LookAtRows<Batch> => ({
  present: (batch) => presentTargets(client, batch, '', signal),
  free: (batch) => presentTargets(client, batch, heldBy(client.session, 'SKIP LOCKED'), signal),
})
