import type { RemovalContext, ResourceId, Target } from '@dustpan/core/driver'
import type { Client } from '../library.ts'

/** To be written: whether each target exists; `unknown` if the store cannot tell. */
export async function probe(
  _client: Client,
  _targets: readonly Target[],
  _ctx: RemovalContext,
): Promise<ReadonlyMap<ResourceId, 'present' | 'absent' | 'unknown'>> {
  throw new Error('To be written: probe() in removal/probe.ts')
}
