/** Requests about consumer groups. */
import { MessageWriter } from './message.ts'
import type { Request } from './request.ts'

export function findCoordinator(
  group: string,
): Request<{ readonly error: number; readonly host: string; readonly port: number }> {
  return {
    api: 10,
    version: 3,
    name: 'FindCoordinator',
    body: new MessageWriter().string(group).int8(0).end().bytes,
    read(answer) {
      answer.int32()
      const error = answer.int16()
      answer.nullableString()
      answer.int32()
      return { error, host: answer.string(), port: answer.int32() }
    },
  }
}

/** The groups of a coordinator, with their states. */
export function listGroups(): Request<ReadonlyMap<string, string>> {
  return {
    api: 16,
    version: 4,
    name: 'ListGroups',
    body: new MessageWriter().array([], () => {}).end().bytes,
    read(answer) {
      answer.int32()
      answer.int16()
      return new Map(
        answer.array(() => {
          const group = answer.string()
          answer.string()
          const state = answer.string()
          answer.tags()
          return [group, state] as const
        }),
      )
    },
  }
}

export function deleteGroup(group: string): Request<number> {
  const body = new MessageWriter()
  return {
    api: 42,
    version: 2,
    name: 'DeleteGroups',
    body: body.array([group], (name) => body.string(name)).end().bytes,
    read(answer) {
      answer.int32()
      return (
        answer.array(() => {
          answer.string()
          const error = answer.int16()
          answer.tags()
          return error
        })[0] ?? 0
      )
    },
  }
}

/** The committed offsets of a group: `topic/partition` → the next offset to read; null if the broker returns an error. */
export function committedOffsets(group: string): Request<ReadonlyMap<string, bigint> | null> {
  return {
    api: 9,
    version: 7,
    name: 'OffsetFetch',
    body: new MessageWriter().string(group).varint(0).boolean(false).end().bytes,
    read(answer) {
      answer.int32()
      const offsets = answer.array(() => {
        const topic = answer.string()
        const partitions = answer.array(() => {
          const offset = [`${topic}/${answer.int32()}`, answer.int64()] as const
          answer.int32()
          answer.nullableString()
          answer.int16()
          answer.tags()
          return offset
        })
        answer.tags()
        return partitions
      })
      return answer.int16() === 0 ? new Map(offsets.flat()) : null
    },
  }
}
