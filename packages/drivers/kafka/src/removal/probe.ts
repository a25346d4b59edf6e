/** Checks whether topics and groups still exist. */
import type { Json, Presence, ResourceId, Target } from '@dustpan/core/driver'
import type { Cluster } from '../wire/cluster.ts'
import { listGroups } from '../wire/groups.ts'
import { parseRemoval } from './spec.ts'

export async function probeTargets(
  cluster: Cluster,
  targets: readonly Target[],
  signal: AbortSignal,
): Promise<ReadonlyMap<ResourceId, Presence>> {
  const wanted = targets.map((target) => ({ target, meant: parseRemoval(target.removal, target.key) }))
  const names = wanted.flatMap(({ meant }) => (meant?.op === 'delete-topic' ? [meant.name] : []))
  const topics = names.length === 0 ? [] : (await cluster.metadata([...new Set(names)], signal)).topics
  const presence = new Map<ResourceId, Presence>()
  for (const { target, meant } of wanted) {
    if (meant?.op === 'delete-group') presence.set(target.id, await groupPresence(cluster, meant.name, signal))
    else if (meant?.op === 'delete-topic')
      presence.set(
        target.id,
        topicPresence(
          topics.find(({ name }) => name === meant.name),
          target.proof.incarnation,
        ),
      )
    else presence.set(target.id, 'unknown')
  }
  return presence
}

function topicPresence(
  topic: { readonly error: number; readonly id: string } | undefined,
  incarnation: Json | undefined,
): Presence {
  if (!topic || topic.error === 3) return 'absent'
  if (topic.error !== 0) return 'unknown'
  return incarnation === undefined || incarnation === topic.id ? 'present' : 'absent'
}

async function groupPresence(cluster: Cluster, group: string, signal: AbortSignal): Promise<Presence> {
  return (await cluster.sendToCoordinator(group, listGroups(), signal)).has(group) ? 'present' : 'absent'
}
