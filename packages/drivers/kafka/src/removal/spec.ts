/** The removals of this driver, as data: `delete-topic`, `delete-group`, `tombstone`. */
import { invalidArgument, type Json, type Removal } from '@dustpan/core/driver'

/** The removal for the `remove` argument of `track()`. @throws TypeError `DUSTPAN_INVALID_ARGUMENT` */
export function removalOf(driver: string, spec: { readonly [key: string]: Json }, keys: readonly Json[]): Removal {
  const { store: _store, topic, group, tombstone, ...others } = spec
  const isAlone = Object.keys(others).length === 0
  if (isAlone && isName(group) && topic === undefined && tombstone === undefined)
    return removal(driver, 'delete-group', { group })
  if (isAlone && isName(topic) && group === undefined) {
    const internalTopic = keys.map((key) => filledIn(topic, key)).find(isInternal)
    if (internalTopic !== undefined && tombstone === undefined) throw internal(internalTopic)
    if (tombstone === undefined) return removal(driver, 'delete-topic', { topic })
    if (isName(tombstone)) return removal(driver, 'tombstone', { topic, key: tombstone })
  }
  throw invalidArgument(
    `A removal by '${driver}' needs a topic or a group, got ${JSON.stringify(spec)}.`,
    "Write { topic: '{id}' }, { group: '{id}' }, or { topic: 'users', tombstone: '{id}' } for a compacted topic.",
  )
}

export const deleteTopicRemoval = removal('$driver', 'delete-topic', { topic: '{id}' })

/** Whether it is one of the broker's own topics. */
export function isInternal(topic: string): boolean {
  return topic.startsWith('__')
}

export interface KafkaRemoval {
  readonly op: 'delete-topic' | 'delete-group' | 'tombstone'
  /** The topic's or group's name. */
  readonly name: string
  /** The message's key. */
  readonly key: string
}

/** Resolves a removal for a key; undefined: unknown operation or version. */
export function parseRemoval({ op, v, args }: Removal, key: Json): KafkaRemoval | undefined {
  const { topic, group, key: message } = args as { topic?: unknown; group?: unknown; key?: unknown }
  if (v !== 1 || (op !== 'delete-topic' && op !== 'delete-group' && op !== 'tombstone')) return undefined
  const name = op === 'delete-group' ? group : topic
  return isName(name) ? { op, name: filledIn(name, key), key: filledIn(String(message ?? ''), key) } : undefined
}

function removal(driver: string, op: string, args: Json): Removal {
  return { driver, op, v: 1, args }
}

const isName = (value: unknown): value is string => typeof value === 'string' && value !== ''

const filledIn = (text: string, key: Json): string =>
  text.replaceAll('{id}', typeof key === 'string' ? key : JSON.stringify(key))

function internal(topic: string): TypeError {
  return invalidArgument(
    `${topic} is one of Kafka's own topics, which are never deleted.`,
    'Track topics of the tests only.',
  )
}
