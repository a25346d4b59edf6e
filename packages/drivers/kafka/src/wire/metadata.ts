/** Requests the brokers and topics of a cluster. */
import { type MessageReader, MessageWriter } from './message.ts'
import type { Request } from './request.ts'

export interface Metadata {
  readonly brokers: ReadonlyMap<number, { readonly host: string; readonly port: number }>
  readonly cluster: string
  readonly controller: number
  readonly topics: readonly TopicMetadata[]
}

export interface TopicMetadata {
  readonly error: number
  readonly name: string
  /** All zeros if the broker has no topic ids. */
  readonly id: string
  readonly isInternal: boolean
  readonly partitions: readonly { readonly partition: number; readonly leader: number }[]
}

/** `topics` null: all topics. Does not create topics. */
export function metadataOf(topics: readonly string[] | null): Request<Metadata> {
  const body = new MessageWriter()
  if (topics === null) body.varint(0)
  else body.array(topics, (name) => body.uuid(noId).string(name).end())
  body.boolean(false).boolean(false).boolean(false).end()
  return { api: 3, version: 10, name: 'Metadata', body: body.bytes, read: readMetadata }
}

export const noId = '00000000-0000-0000-0000-000000000000'

function readMetadata(answer: MessageReader): Metadata {
  answer.int32()
  const brokers = answer.array(() => {
    const broker = [answer.int32(), { host: answer.string(), port: answer.int32() }] as const
    answer.nullableString()
    answer.tags()
    return broker
  })
  const cluster = answer.string()
  const controller = answer.int32()
  return { brokers: new Map(brokers), cluster, controller, topics: answer.array(() => readTopic(answer)) }
}

function readTopic(answer: MessageReader): TopicMetadata {
  const head = { error: answer.int16(), name: answer.string(), id: answer.uuid(), isInternal: answer.boolean() }
  const partitions = answer.array(() => {
    answer.int16()
    const partition = { partition: answer.int32(), leader: answer.int32() }
    answer.int32()
    for (let lists = 0; lists < 3; lists++) answer.array(() => answer.int32())
    answer.tags()
    return partition
  })
  answer.int32()
  answer.tags()
  return { ...head, partitions }
}
