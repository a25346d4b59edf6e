/** Removes targets: deletes topics and groups, and writes tombstones. */
import type { RemovalContext, RemovalOutcome, ResourceId, Target } from '@dustpan/core/driver'
import type { Cluster } from '../wire/cluster.ts'
import { removeGroups } from './groups.ts'
import { failed } from './outcomes.ts'
import { type KafkaRemoval, parseRemoval } from './spec.ts'
import { writeTombstones } from './tombstones.ts'
import { removeTopics } from './topics.ts'

export interface RemovalTarget {
  readonly target: Target
  readonly meant: KafkaRemoval
}

export type Outcomes = Map<ResourceId, RemovalOutcome>

export async function removeTargets(
  cluster: Cluster,
  targets: readonly Target[],
  ctx: RemovalContext,
): Promise<Outcomes> {
  const outcomes: Outcomes = new Map()
  const wanted = targets.map((target) => ({ target, meant: parseRemoval(target.removal, target.key) }))
  for (const { target, meant } of wanted) if (!meant) outcomes.set(target.id, unknownRemoval(target))
  const all = wanted.filter((one): one is RemovalTarget => one.meant !== undefined)
  const of = (op: KafkaRemoval['op']) => all.filter(({ meant }) => meant.op === op)
  await removeTopics(cluster, of('delete-topic'), outcomes, ctx)
  await removeGroups(cluster, of('delete-group'), outcomes, ctx)
  await writeTombstones(cluster, of('tombstone'), outcomes, ctx)
  return outcomes
}

function unknownRemoval({ removal }: Target): RemovalOutcome {
  return failed('DUSTPAN_REMOVAL_FAILED', `This version of @dustpan/kafka knows no removal ${removal.op} ${removal.v}.`)
}
