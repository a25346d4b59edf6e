import type { ResourceId } from '@dustpan/core/driver'
import { idsNumbered, type LookAtRows } from '@dustpan/core/rows'
import type { Batch } from './batches.ts'
import type { StoreClient } from './own-client.ts'
import { isNumbered, numbered, Parameters, tableSql } from './statement-parts.ts'

/** Which rows of a batch exist. */
export async function presentTargets(
  client: StoreClient,
  batch: Batch,
  lock: string,
  signal: AbortSignal,
): Promise<ReadonlySet<ResourceId>> {
  const parameters = new Parameters()
  const text = `SELECT k.n FROM ${tableSql(batch.table)} t, ${numbered(batch, parameters)} WHERE ${isNumbered(batch)}${lock}`
  return new Set(idsNumbered(batch, await client.rows(text, parameters.values, signal)))
}

/** For rows that another transaction has locked. */
export const lockLookup = (client: StoreClient, signal: AbortSignal): LookAtRows<Batch> => ({
  present: (batch) => presentTargets(client, batch, '', signal),
  free: (batch) => presentTargets(client, batch, ' FOR UPDATE OF t SKIP LOCKED', signal),
})
