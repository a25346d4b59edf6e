/** Checks whether targets still exist; documents marked as deleted count as absent. */
import type { Presence, ResourceId, Target } from '@dustpan/core/driver'
import { type Batch, batchesOf, type SoftFieldsOf } from './batches.ts'
import { readCollections } from './collections.ts'
import { findDocuments, nameOf } from './find-documents.ts'
import type { OwnClient } from './own-client.ts'
import { countMatching } from './remove-matching.ts'
import { isMarked } from './soft-delete.ts'
import { filterArgs } from './spec.ts'

export async function probe(
  own: OwnClient,
  targets: readonly Target[],
  softFieldsOf: SoftFieldsOf,
): Promise<Map<ResourceId, Presence>> {
  const presence = new Map<ResourceId, Presence>()
  for (const target of targets.filter(({ removal }) => filterArgs(removal)))
    presence.set(target.id, await matchingPresence(own, target))
  for (const batch of batchesOf(targets, await readCollections(own), softFieldsOf))
    for (const [id, found] of await batchPresence(own, batch)) presence.set(id, found)
  return presence
}

/** The user's filter may still match documents after the user's own update. */
async function matchingPresence(own: OwnClient, target: Target): Promise<Presence> {
  if ((await countMatching(own, target)) === 0) return 'absent'
  return filterArgs(target.removal)?.update ? 'unknown' : 'present'
}

async function batchPresence(own: OwnClient, batch: Batch): Promise<[ResourceId, Presence][]> {
  const { set, state, targets } = batch
  if (state !== 'there') return targets.map(({ id }) => [id, 'absent'])
  const found = await findDocuments(own, batch)
  return targets.map(({ id, key }) => {
    const [document] = found.get(nameOf(batch, key)) ?? []
    const isThere = document !== undefined && !(set && isMarked(document, set, key))
    return [id, isThere ? 'present' : 'absent']
  })
}
