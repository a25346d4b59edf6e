/** Writes tombstones: a message without a value removes its key from a compacted topic. */
import { clock, isDustpanError, type RemovalContext, type RemovalOutcome } from '@dustpan/core/driver'
import { partitionOf, tombstoneBatch } from '../wire/batch.ts'
import type { Cluster } from '../wire/cluster.ts'
import { produce } from '../wire/partitions.ts'
import { brokerError } from './outcomes.ts'
import type { Outcomes, RemovalTarget } from './remove.ts'

export async function writeTombstones(
  cluster: Cluster,
  wanted: readonly RemovalTarget[],
  outcomes: Outcomes,
  ctx: RemovalContext,
): Promise<void> {
  if (wanted.length === 0) return
  const metadata = await cluster.metadata([...new Set(wanted.map(({ meant }) => meant.name))], ctx.signal)
  for (const { target, meant } of wanted) {
    const topic = metadata.topics.find(({ name }) => name === meant.name)
    if (!topic || topic.error === 3) {
      outcomes.set(target.id, { state: 'already-gone' })
      continue
    }
    try {
      const partition = partitionOf(meant.key, topic.partitions.length)
      const leader = topic.partitions.find((one) => one.partition === partition)?.leader ?? -1
      const batch = tombstoneBatch(meant.key, clock.now())
      const { error } = await cluster.sendToBroker(
        metadata,
        leader,
        produce({ topic: topic.name, partition }, batch, 10_000),
        ctx.signal,
      )
      outcomes.set(target.id, outcomeOf(meant.key, topic.name, error))
    } catch (error) {
      if (!isDustpanError(error)) throw error
      outcomes.set(target.id, { state: 'failed', error, retry: {} })
    }
  }
}

function outcomeOf(key: string, topic: string, error: number): RemovalOutcome {
  if (error === 0) return { state: 'removed', result: 'tombstone' }
  return brokerError(`${key} in ${topic}`, error)
}
