/** Whether targets are still there; what was marked as deleted is not. */
import type { Presence, ResourceId, Target } from '@dustpan/core/driver'
import { type Batch, batchesOf, type SoftlyIn } from './batches.ts'
import { readCollections } from './collections.ts'
import { lookFor, nameOf } from './look.ts'
import type { OwnClient } from './own-client.ts'
import { countMatching } from './remove-matching.ts'
import { isMarked } from './soft-delete.ts'
import { filterArgs } from './spec.ts'

export async function probe(
  own: OwnClient,
  targets: readonly Target[],
  softly: SoftlyIn,
): Promise<Map<ResourceId, Presence>> {
  const presence = new Map<ResourceId, Presence>()
  for (const target of targets.filter(({ removal }) => filterArgs(removal)))
    presence.set(target.id, await matchingPresence(own, target))
  for (const batch of batchesOf(targets, await readCollections(own), softly))
    for (const [id, found] of await batchPresence(own, batch)) presence.set(id, found)
  return presence
}

/** What the user's own update leaves, its filter may still find. */
async function matchingPresence(own: OwnClient, target: Target): Promise<Presence> {
  if ((await countMatching(own, target)) === 0) return 'absent'
  return filterArgs(target.removal)?.update ? 'unknown' : 'present'
}

async function batchPresence(own: OwnClient, batch: Batch): Promise<[ResourceId, Presence][]> {
  const { set, state, targets } = batch
  if (state !== 'there') return targets.map(({ id }) => [id, 'absent'])
  const found = await lookFor(own, batch)
  return targets.map(({ id, key }) => {
    const [document] = found.get(nameOf(batch, key)) ?? []
    const isThere = document !== undefined && !(set && isMarked(document, set, key))
    return [id, isThere ? 'present' : 'absent']
  })
}
