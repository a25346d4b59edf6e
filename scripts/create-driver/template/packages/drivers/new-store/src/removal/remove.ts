import type { RemovalContext, RemovalOutcome, ResourceId, Target } from '@dustpan/core/driver'
import type { Client } from '../library.ts'

/**
 * To be written: removes the targets in as few calls as the store allows, and returns the outcome of each. If the store
 * supports it, the removing call itself checks the proof and that there are no dependents. A failure must not stop other
 * removals. Do not retry: the core does that.
 */
export async function remove(
  _client: Client,
  _targets: readonly Target[],
  _ctx: RemovalContext,
): Promise<ReadonlyMap<ResourceId, RemovalOutcome>> {
  throw new Error('To be written: remove() in removal/remove.ts')
}
