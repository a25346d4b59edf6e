/** Requests to the leader of a partition. */
import { type MessageReader, MessageWriter } from './message.ts'
import type { Request } from './request.ts'

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** The first (`earliest`) or next (`latest`) offset of each partition: `topic/partition` → offset. */
export function offsetsAt(
  end: 'earliest' | 'latest',
  partitions: readonly TopicPartition[],
): Request<ReadonlyMap<string, bigint>> {
  const body = new MessageWriter().int32(-1).int8(0)
  body.array([...Map.groupBy(partitions, ({ topic }) => topic)], ([topic, own]) => {
    body.string(topic).array(own, ({ partition }) =>
      body
        .int32(partition)
        .int32(-1)
        .int64(end === 'latest' ? -1n : -2n)
        .end(),
    )
    body.end()
  })
  return { api: 2, version: 6, name: 'ListOffsets', body: body.end().bytes, read: readOffsets }
}

function readOffsets(answer: MessageReader): ReadonlyMap<string, bigint> {
  answer.int32()
  const offsets = new Map<string, bigint>()
  answer.array(() => {
    const topic = answer.string()
    answer.array(() => {
      const [partition, error] = [answer.int32(), answer.int16()]
      answer.int64()
      if (error === 0) offsets.set(`${topic}/${partition}`, answer.int64())
      else answer.int64()
      answer.int32()
      answer.tags()
    })
    answer.tags()
  })
  return offsets
}

export interface Produced {
  readonly error: number
  readonly offset: bigint
}

export function produce({ topic, partition }: TopicPartition, records: Buffer, timeoutMs: number): Request<Produced> {
  const body = new MessageWriter().string(null).int16(-1).int32(timeoutMs)
  body.array([topic], (name) => {
    body.string(name).array([partition], (number) => body.int32(number).blob(records).end())
    body.end()
  })
  return {
    api: 0,
    version: 9,
    name: 'Produce',
    body: body.end().bytes,
    read(answer) {
      const [result] = answer.array(() => {
        answer.string()
        return answer.array(() => {
          answer.int32()
          const produced = { error: answer.int16(), offset: answer.int64() }
          answer.int64()
          answer.int64()
          answer.array(() => {
            answer.int32()
            answer.nullableString()
            answer.tags()
          })
          answer.nullableString()
          answer.tags()
          return produced
        })[0]
      })
      return result ?? { error: -1, offset: -1n }
    },
  }
}
