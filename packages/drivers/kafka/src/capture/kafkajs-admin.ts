/**
 * Captures topics that an admin of kafkajs creates and deletes. `createTopics` also returns false if it has created
 * some of several.
 */
import { clock, type PatchedCall } from '@dustpan/core/driver'
import { patch } from '../patch.ts'
import { metadataOf } from '../wire/metadata.ts'
import type { WatchedClient } from './kafkajs.ts'
import type { Broker } from './kafkajs-library.ts'

type Topics = readonly { readonly topic: string }[]

export function captureAdmin(admin: object, client: WatchedClient): void {
  const created = trackCreated(client)
  patch(admin, 'createTopics', (create) => {
    const captured: PatchedCall = function (this: unknown, ...args) {
      const topics = client.isOn ? topicsIn(args[0]) : undefined
      if (!topics) return create.apply(this, args)
      const names = topics.map(({ topic }) => topic)
      return client.create(
        captured,
        names,
        () => create.apply(this, args) as Promise<unknown>,
        () => idsOf(client, created.get(topics) ?? []),
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

/** The names that each call of `createTopics` has created, by its list of topics, according to the controller. */
function trackCreated({ cluster }: WatchedClient): WeakMap<Topics, readonly string[]> {
  const created = new WeakMap<Topics, readonly string[]>()
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
            created.set(topics, names)
            return result
          } catch (error) {
            const { errors } = error as { errors?: readonly { readonly topic?: string }[] }
            const failing = new Set(errors?.map(({ topic }) => topic))
            if (errors)
              created.set(topics, [...(created.get(topics) ?? []), ...names.filter((name) => !failing.has(name))])
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
  return created
}

/** A broker may list a new topic a little later; a topic that it does not list in time is recorded by name alone. */
async function idsOf({ link }: WatchedClient, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const ids = new Map(names.map((name) => [name, '']))
  for (let delay = 10; delay < 1000; delay *= 3) {
    const missing = names.filter((name) => ids.get(name) === '')
    if (missing.length === 0) break
    const { topics } = await link.send(metadataOf(missing))
    for (const { name, id, error } of topics) if (error !== unknownTopic) ids.set(name, id)
    if (topics.some(({ error }) => error === unknownTopic)) await clock.sleep(delay)
  }
  return ids
}

const unknownTopic = 3
