/** Sees which topics an Admin of @platformatic/kafka makes and deletes. */
import { patchAsync, type Watching } from './platformatic.ts'

interface MadeTopic {
  readonly name: string
  readonly topicId?: string
  readonly id?: string
  readonly errorCode?: number
}

export function captureAdmin(target: object, watching: Watching): readonly Disposable[] {
  return [
    patchAsync(target, 'createTopics', watching, ({ client, entry, options, plainly }) => {
      const names = topicNames(options)
      if (names.length === 0) return undefined
      let made: readonly MadeTopic[] = []
      const create = async () => {
        try {
          const created = await plainly(options)
          made = created as MadeTopic[]
          return created
        } catch (error) {
          made = madeAllTheSame(error)
          throw error
        }
      }
      return watching
        .of(client)
        .create(
          entry,
          names,
          create,
          async () => new Map(made.map(({ name, id, topicId }) => [name, id ?? topicId ?? ''])),
        )
    }),
    ...(['deleteTopics', 'deleteGroups'] as const).map((method) =>
      patchAsync(target, method, watching, async ({ client, options, plainly }) => {
        const result = await plainly(options)
        const { topics, groups } = Object(options) as { topics?: string[]; groups?: string[] }
        await watching.of(client).deleted(method === 'deleteTopics' ? 'topic' : 'group', topics ?? groups ?? [])
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

/** Of several topics some may have been made though the call has failed: the answer is kept with the error. */
function madeAllTheSame(error: unknown): readonly MadeTopic[] {
  const { response, errors } = Object(error) as {
    response?: { topics?: readonly MadeTopic[] }
    errors?: readonly unknown[]
  }
  if (response?.topics) return response.topics.filter(({ errorCode }) => errorCode === 0)
  return errors?.flatMap(madeAllTheSame).slice(0, 1000) ?? []
}
