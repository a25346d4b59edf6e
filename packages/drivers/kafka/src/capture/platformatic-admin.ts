/** Captures topics that an Admin of @platformatic/kafka creates and deletes. */
import { type ClientCapture, patchAsync } from './platformatic.ts'

interface CreatedTopic {
  readonly name: string
  readonly topicId?: string
  readonly id?: string
  readonly errorCode?: number
}

export function captureAdmin(target: object, capture: ClientCapture): readonly Disposable[] {
  return [
    patchAsync(target, 'createTopics', capture, ({ client, entry, options, callOriginal }) => {
      const names = topicNames(options)
      if (names.length === 0) return undefined
      let made: readonly CreatedTopic[] = []
      const create = async () => {
        try {
          const created = await callOriginal(options)
          made = created as CreatedTopic[]
          return created
        } catch (error) {
          made = createdDespite(error)
          throw error
        }
      }
      return capture
        .of(client)
        .create(
          entry,
          names,
          create,
          async () => new Map(made.map(({ name, id, topicId }) => [name, id ?? topicId ?? ''])),
        )
    }),
    ...(['deleteTopics', 'deleteGroups'] as const).map((method) =>
      patchAsync(target, method, capture, async ({ client, options, callOriginal }) => {
        const result = await callOriginal(options)
        const { topics, groups } = Object(options) as { topics?: string[]; groups?: string[] }
        await capture.of(client).deleted(method === 'deleteTopics' ? 'topic' : 'group', topics ?? groups ?? [])
        return result
      }),
    ),
  ]
}

function topicNames(options: unknown): readonly string[] {
  const { topics } = Object(options) as { topics?: unknown }
  if (!Array.isArray(topics)) return []
  return topics.flatMap((one) => (typeof one === 'string' ? one : (one?.topic ?? [])))
}

/** Topics that a failed call has created: the error has the response. */
function createdDespite(error: unknown): readonly CreatedTopic[] {
  const { response, errors } = Object(error) as {
    response?: { topics?: readonly CreatedTopic[] }
    errors?: readonly unknown[]
  }
  if (response?.topics) return response.topics.filter(({ errorCode }) => errorCode === 0)
  return errors?.flatMap(createdDespite).slice(0, 1000) ?? []
}
