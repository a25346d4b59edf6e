import { MessageWriter } from './message.ts'
import { noId } from './metadata.ts'
import type { Request } from './request.ts'

/** Deleted by id if it has one, so that a newer topic of the same name is left alone. */
export interface TopicToDelete {
  readonly name: string
  readonly id: string
}

export interface TopicResult {
  readonly name: string
  readonly id: string
  readonly error: number
}

export function deleteTopics(topics: readonly TopicToDelete[], timeoutMs: number): Request<readonly TopicResult[]> {
  const body = new MessageWriter()
  body.array(topics, ({ name, id }) =>
    body
      .string(id === noId ? name : null)
      .uuid(id)
      .end(),
  )
  body.int32(timeoutMs).end()
  return {
    api: 20,
    version: 6,
    name: 'DeleteTopics',
    body: body.bytes,
    read(answer) {
      answer.int32()
      return answer.array(() => {
        const deleted = { name: answer.string(), id: answer.uuid(), error: answer.int16() }
        answer.nullableString()
        answer.tags()
        return deleted
      })
    },
  }
}
