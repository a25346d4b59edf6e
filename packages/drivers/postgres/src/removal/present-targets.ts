import { idsNumbered, type LookAtRows, type ResourceId } from '@dustpan/core/driver'
import type { Batch } from './batches.ts'
import type { StoreClient } from './own-client.ts'
import { isNumbered, numbered, Parameters, tableOf } from './statement-parts.ts'

/** Which of a batch's rows are there. */
export async function presentTargets(
  client: StoreClient,
  batch: Batch,
  lock: string,
  signal: AbortSignal,
): Promise<ReadonlySet<ResourceId>> {
  const parameters = new Parameters()
  const text = `SELECT k.n FROM ${tableOf(batch.shape)} t, ${numbered(batch, parameters)} WHERE ${isNumbered(batch)}${lock}`
  return new Set(idsNumbered(batch, await client.rows(text, parameters.values, signal)))
}

/** For rows that somebody's transaction holds. */
export const looksAt = (client: StoreClient, signal: AbortSignal): LookAtRows<Batch> => ({
  present: (batch) => presentTargets(client, batch, '', signal),
  free: (batch) => presentTargets(client, batch, ' FOR UPDATE OF t SKIP LOCKED', signal),
})
