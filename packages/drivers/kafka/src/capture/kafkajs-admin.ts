/** Sees which topics an admin of kafkajs makes and deletes. `createTopics` says false also where it has made some of several. */
import { clock, type PatchedCall } from '@dustpan/core/driver'
import { patch } from '../patch.ts'
import { metadataOf } from '../wire/metadata.ts'
import type { WatchedClient } from './kafkajs.ts'
import type { Broker } from './kafkajs-library.ts'

type Topics = readonly { readonly topic: string }[]

export function captureAdmin(admin: object, client: WatchedClient): void {
  const made = madeThrough(client)
  patch(admin, 'createTopics', (create) => {
    const captured: PatchedCall = function (this: unknown, ...args) {
      const topics = client.isOn ? topicsIn(args[0]) : undefined
      if (!topics) return create.apply(this, args)
      const names = topics.map(({ topic }) => topic)
      return client.create(
        captured,
        names,
        () => create.apply(this, args) as Promise<unknown>,
        () => idsOf(client, made.get(topics) ?? []),
      )
    }
    return captured
  })
  for (const [method, type, namesIn] of deletions) {
    patch(
      admin,
      method,
      (remove) =>
        async function (this: unknown, ...args) {
          const result = await remove.apply(this, args)
          if (client.isOn) await client.deleted(type, namesIn(args[0]))
          return result
        },
    )
  }
}

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []

const deletions = [
  ['deleteTopics', 'topic', (request: unknown) => texts((request as { topics?: unknown }).topics)],
  ['deleteGroups', 'group', texts],
] as const

function topicsIn(request: unknown): Topics | undefined {
  const { topics, validateOnly } = Object(request) as { topics?: unknown; validateOnly?: unknown }
  const isTopics = Array.isArray(topics) && topics.every((one) => typeof one?.topic === 'string')
  return isTopics && !validateOnly ? topics : undefined
}

/** The names that a call of `createTopics` has made, by its list of topics: as the controller tells. */
function madeThrough({ cluster }: WatchedClient): WeakMap<Topics, readonly string[]> {
  const made = new WeakMap<Topics, readonly string[]>()
  const watch = (broker: Broker) =>
    patch(
      broker,
      'createTopics',
      (create) =>
        async function (this: unknown, ...args) {
          const { topics } = args[0] as { topics: Topics }
          const names = topics.map(({ topic }) => topic)
          try {
            const result = await create.apply(this, args)
            made.set(topics, names)
            return result
          } catch (error) {
            const { errors } = error as { errors?: readonly { readonly topic?: string }[] }
            const failing = new Set(errors?.map(({ topic }) => topic))
            if (errors) made.set(topics, [...(made.get(topics) ?? []), ...names.filter((name) => !failing.has(name))])
            throw error
          }
        },
    )
  patch(
    cluster,
    'findControllerBroker',
    (find) =>
      async function (this: unknown, ...args) {
        const broker = (await find.apply(this, args)) as Broker
        watch(broker)
        return broker
      },
  )
  return made
}

/** A broker may show what was just made a moment later; what it does not show in time is known by its name alone. */
async function idsOf({ link }: WatchedClient, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const ids = new Map(names.map((name) => [name, '']))
  for (let delay = 10; delay < 1000; delay *= 3) {
    const missing = names.filter((name) => ids.get(name) === '')
    if (missing.length === 0) break
    const { topics } = await link.ask(metadataOf(missing))
    for (const { name, id, error } of topics) if (error !== unknownTopic) ids.set(name, id)
    if (topics.some(({ error }) => error === unknownTopic)) await clock.sleep(delay)
  }
  return ids
}

const unknownTopic = 3
