/** Follows messages: whether a group has read past them, or, without a group, whether they can be read. */
import { clock, type Followed, type Json, type RemovalContext, type ResourceId } from '@dustpan/core/driver'
import type { Settings } from '../options.ts'
import type { Cluster } from '../wire/cluster.ts'
import { committedOffsets } from '../wire/groups.ts'
import { offsetsAt, type TopicPartition } from '../wire/partitions.ts'

interface Message extends TopicPartition {
  readonly id: ResourceId
  readonly offset: bigint
}

type Results = Map<ResourceId, string>

export async function followMessages(
  cluster: Cluster,
  followed: readonly Followed[],
  { consumerOf, consumedWithinMs }: Pick<Settings, 'consumerOf' | 'consumedWithinMs'>,
  ctx: RemovalContext,
): Promise<ReadonlyMap<ResourceId, string>> {
  const results: Results = new Map()
  const messages = followed.flatMap((one) => messageOf(one) ?? [])
  const until = Math.min(clock.now() + consumedWithinMs, ctx.deadline - 500)
  for (const [group, own] of Map.groupBy(messages, ({ topic }) => consumerOf(topic))) {
    if (group === undefined) await checkMessages(cluster, own, results, ctx.signal)
    else await waitForGroup(cluster, group, own, until, results, ctx.signal)
  }
  return results
}

/** Parses `[topic, partition, offset, key]`; undefined: the position is unknown (sent with acks 0). */
function messageOf({ id, key }: Followed): Message | undefined {
  const [topic, partition, offset] = key as readonly Json[]
  if (typeof topic !== 'string' || typeof partition !== 'number' || offset === null || offset === undefined)
    return undefined
  return { id, topic, partition, offset: BigInt(offset as number | string) }
}

async function waitForGroup(
  cluster: Cluster,
  group: string,
  messages: readonly Message[],
  until: number,
  results: Results,
  signal: AbortSignal,
): Promise<void> {
  let left = messages
  for (let delay = 20; ; delay = Math.min(delay * 2, 500)) {
    const offsets = await cluster.sendToCoordinator(group, committedOffsets(group), signal)
    const isPast = ({ topic, partition, offset }: Message) => (offsets?.get(`${topic}/${partition}`) ?? -1n) > offset
    for (const message of left) if (isPast(message)) results.set(message.id, `consumed by ${group}`)
    left = left.filter((message) => !isPast(message))
    for (const { id } of left)
      results.set(id, offsets === null ? `not known whether ${group} consumed it` : `not consumed by ${group}`)
    if (left.length === 0 || clock.now() + delay >= until) return
    await clock.sleep(delay, signal)
  }
}

async function checkMessages(
  cluster: Cluster,
  messages: readonly Message[],
  results: Results,
  signal: AbortSignal,
): Promise<void> {
  const metadata = await cluster.metadata([...new Set(messages.map(({ topic }) => topic))], signal)
  const leaders = new Map(
    metadata.topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partition, leader }) => [`${name}/${partition}`, leader] as const),
    ),
  )
  const led = Map.groupBy(messages, ({ topic, partition }) => leaders.get(`${topic}/${partition}`) ?? -1)
  for (const [leader, own] of led) {
    if (leader < 0) continue
    const partitions = [...new Map(own.map((one) => [`${one.topic}/${one.partition}`, one])).values()]
    const first = await cluster.sendToBroker(metadata, leader, offsetsAt('earliest', partitions), signal)
    const next = await cluster.sendToBroker(metadata, leader, offsetsAt('latest', partitions), signal)
    for (const { id, topic, partition, offset } of own) {
      const place = `${topic}/${partition}`
      const isThere = offset >= (first.get(place) ?? 0n) && offset < (next.get(place) ?? 0n)
      results.set(id, isThere ? 'there to be read' : 'no longer there')
    }
  }
}
