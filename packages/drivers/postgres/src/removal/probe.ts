import type { ResourceId } from '@dustpan/core/driver'
import type { Batch } from './batches.ts'
import type { StoreClient } from './own-client.ts'
import { isNumbered, isUnmarked, numbered, Parameters, tableOf } from './statement-parts.ts'

/** Which of a batch's rows are still there and, where rows are only marked, not marked yet. */
export async function probeBatch(
  client: StoreClient,
  batch: Batch,
  signal: AbortSignal,
): Promise<ReadonlySet<ResourceId>> {
  const parameters = new Parameters()
  const text = `SELECT k.n FROM ${tableOf(batch.shape)} t, ${numbered(batch, parameters)} WHERE ${isNumbered(batch)}${isUnmarked(batch, parameters)}`
  const rows = await client.rows(text, parameters.values, signal)
  return new Set(rows.flatMap(([number]) => batch.targets[Number(number) - 1]?.id ?? []))
}
