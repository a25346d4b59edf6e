import type { ResourceId } from '@dustpan/core/driver'
import { idsNumbered, type LookAtRows } from '@dustpan/core/rows'
import type { Batch } from './batches.ts'
import type { StoreClient } from './own-client.ts'
import { isUnmarked, lockClause, targetsOf } from './statement-parts.ts'

/** The batch's rows that exist and, if rows are only marked, are not marked yet. */
export async function presentTargets(
  client: StoreClient,
  batch: Batch,
  lock: string,
  signal: AbortSignal,
): Promise<ReadonlySet<ResourceId>> {
  const text = `SELECT k.n FROM ${targetsOf(batch)} WHERE TRUE${isUnmarked(batch)}${lock}`
  return new Set(idsNumbered(batch, await client.rows(text, signal)))
}

/** Queries for rows that another transaction may have locked. */
export const looksAt = (client: StoreClient, signal: AbortSignal): LookAtRows<Batch> => ({
  present: (batch) => presentTargets(client, batch, '', signal),
  free: (batch) => presentTargets(client, batch, lockClause(client.session, 'SKIP LOCKED'), signal),
})
