import type { RemovalContext, RemovalOutcome, ResourceId, Target } from '@dustpan/core/driver'
import type { Client } from '../library.ts'

/**
 * To be written: removes the targets in as few calls as the store allows, and says of each what became of it. That it is still what the
 * record says (its proof), and that nothing hangs on it, is part of the removing call where the store can. One that fails stops no other,
 * and nothing is tried twice: the core does that.
 */
export async function remove(
  _client: Client,
  _targets: readonly Target[],
  _ctx: RemovalContext,
): Promise<ReadonlyMap<ResourceId, RemovalOutcome>> {
  throw new Error('To be written: remove() in removal/remove.ts')
}
