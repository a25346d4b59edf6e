/** Removes keys in batches, with a script that checks each key's type before it deletes it. */
import { clock, type Presence, type RemovalContext, type Target } from '@dustpan/core/driver'
import type { Outcomes } from '@dustpan/core/rows'
import { keyChange } from '../key-changes.ts'
import type { Arg } from '../keys.ts'
import type { KeySpace, Part } from '../server/key-space.ts'
import { type Reply, ServerError } from '../server/reply.ts'
import type { Server, ServerCommand } from '../server/server.ts'
import { adviceOn, alreadyGone, expired, failed, otherType, recreatedLater, removed } from './outcomes.ts'
import { expiresIn, keyIn } from './spec.ts'
import { unlinkWatched } from './unlink-watched.ts'

/** A target and its key. */
export interface KeyTarget {
  readonly target: Target
  readonly key: Arg
  /** The type that the key must have; undefined: any. */
  readonly type: string | undefined
  /** When it expires, in milliseconds since the epoch. */
  readonly expires: number | undefined
}

/** Returns, for each key that was not deleted, its index and its type. */
const script = `local call, keys, wanted, others, n = redis.call, KEYS, ARGV[1], {}, 0
for i = 1, #keys do
  local type = call('TYPE', keys[i]).ok
  if type ~= wanted and (wanted ~= '' or type == 'none') then
    others[n + 1], others[n + 2], n = i, type, n + 2
  end
end
if n > 0 then
  local there, other = {}, 1
  for i = 1, #keys do
    if i == others[other] then other = other + 2 else there[#there + 1] = keys[i] end
  end
  keys = there
end
if #keys > 0 then call('UNLINK', unpack(keys)) end
return others`

/** Keys per script; a script blocks the server while it runs. */
const perScript = 500

/** `store`: the store for which to apply changes that this process has seen since the keys were recorded. */
export function keyTargets(targets: readonly Target[], store?: string): readonly KeyTarget[] {
  return targets.map((target) => {
    const key = keyIn(target.removal, target.key)
    const since = store === undefined ? undefined : keyChange(store, key)
    const type = since?.type === undefined ? target.proof.match?.type : since.type
    const expires = since?.expires ?? expiresIn(target.removal)
    return { target, key, type: typeof type === 'string' ? type : undefined, expires }
  })
}

export async function removeKeys(
  space: KeySpace,
  targets: readonly KeyTarget[],
  { signal }: RemovalContext,
): Promise<Outcomes> {
  const outcomes: Outcomes = new Map()
  const { lapsed = [], rest = [] } = Object.groupBy(targets, (one) => (isExpired(one) ? 'lapsed' : 'rest'))
  const parts = await space.parts(rest, ({ key }) => key, signal)
  const batches = rest.length === 0 ? [] : parts.flatMap(batchesOf)
  const byServer = Map.groupBy(batches, ({ server }) => server)
  const removals = [...byServer.values()].map((some) => removeBatches(space, some, outcomes, signal))
  await Promise.all([...removals, checkLapsed(space, lapsed, outcomes, signal)])
  return outcomes
}

/** These keys have expired: a key that exists now was created later, by somebody else. */
async function checkLapsed(
  space: KeySpace,
  lapsed: readonly KeyTarget[],
  outcomes: Outcomes,
  signal: AbortSignal,
): Promise<void> {
  if (lapsed.length === 0) return
  for (const { items, replies } of await typesOf(space, lapsed, signal))
    for (const [index, { target, expires = 0 }] of items.entries()) {
      const reply = replies[index] ?? null
      const instead = reply instanceof ServerError ? failed(reply) : recreatedLater(expires)
      outcomes.set(target.id, reply === 'none' ? expired : instead)
    }
}

/** Sends all batches of one server at once: it works on the first while the next is being written. */
async function removeBatches(
  space: KeySpace,
  batches: readonly Batch[],
  outcomes: Outcomes,
  signal: AbortSignal,
): Promise<void> {
  try {
    const replies = await Promise.all(
      groupedWrites(batches).map(([server, commands]) => server.request(commands, signal)),
    )
    const each = replies.flat()
    for (const [index, batch] of batches.entries()) {
      const reply = each[index] as Reply
      if (!(reply instanceof ServerError)) settle(batch, reply, outcomes)
      else if (isScriptDenied(reply)) await unlinkWatched(batch, outcomes, signal)
      else if (reply.kind === 'NOPERM' && batch.items.length > 1)
        await removeBatches(space, oneByOne(batch), outcomes, signal) // so that one forbidden key does not stop the others
      else fail(batch, reply, outcomes)
      if (reply instanceof ServerError && adviceOn(reply)?.isTransient) space.forgetSlots()
    }
  } catch (error) {
    for (const batch of batches) fail(batch, error, outcomes)
  }
}

/** Combines small batches into one write (in a cluster, each batch has the keys of one slot). */
function groupedWrites(batches: readonly Batch[]): readonly (readonly [Server, readonly ServerCommand[]])[] {
  const all: (readonly [Server, ServerCommand[]])[] = []
  let room = 0
  for (const batch of batches) {
    if (room < batch.items.length) {
      all.push([batch.server, []])
      room = perScript
    }
    all.at(-1)?.[1].push(commandFor(batch))
    room -= batch.items.length
  }
  return all
}

const oneByOne = (batch: Batch): readonly Batch[] => batch.items.map((item) => ({ ...batch, items: [item] }))

function fail({ items }: Batch, error: unknown, outcomes: Outcomes): void {
  for (const { target } of items) if (!outcomes.has(target.id)) outcomes.set(target.id, failed(error))
}

/** Keys of one type on one server. */
export type Batch = Part<KeyTarget> & { readonly type: string | undefined }

function batchesOf({ server, items }: Part<KeyTarget>): readonly Batch[] {
  const byType = Map.groupBy(items, ({ type }) => type)
  return [...byType].flatMap(([type, some]) => {
    const batches: Batch[] = []
    for (let at = 0; at < some.length; at += perScript)
      batches.push({ server, type, items: some.slice(at, at + perScript) })
    return batches
  })
}

function commandFor({ items, type }: Batch): ServerCommand {
  return ['EVAL', script, String(items.length), ...items.map(({ key }) => key), type ?? '']
}

const isScriptDenied = ({ kind, message }: ServerError) => kind === 'NOPERM' && /'eval'/i.test(message)

function settle({ items, type }: Batch, reply: Reply, outcomes: Outcomes): void {
  for (const { target } of items) outcomes.set(target.id, removed)
  const others = reply as readonly Reply[]
  for (let at = 0; at < others.length; at += 2) {
    const item = items[Number(others[at]) - 1]
    if (item) outcomes.set(item.target.id, outcomeByType(item, type, String(others[at + 1])))
  }
}

/** The outcome of a key that was not deleted, by its type. */
export function outcomeByType(item: KeyTarget, expected: string | undefined, found: string) {
  if (found !== 'none') return otherType(expected ?? '', found)
  return isExpired(item) ? expired : alreadyGone
}

export function isExpired({ expires }: KeyTarget): boolean {
  return expires !== undefined && expires <= clock.now()
}

/** Checks keys with TYPE: one of another type, or one that should have expired, is a different key. */
export async function probeKeys(
  space: KeySpace,
  targets: readonly KeyTarget[],
  signal: AbortSignal,
): Promise<Map<string, Presence>> {
  const found = new Map<string, Presence>()
  for (const { items, replies } of await typesOf(space, targets, signal))
    for (const [index, item] of items.entries()) found.set(item.target.id, presenceBy(replies[index] ?? null, item))
  return found
}

async function typesOf(space: KeySpace, targets: readonly KeyTarget[], signal: AbortSignal) {
  const parts = await space.parts(targets, ({ key }) => key, signal)
  return Promise.all(
    parts.map(async ({ server, items }) => {
      const commands = items.map(({ key }): ServerCommand => ['TYPE', key])
      return { items, replies: await server.request(commands, signal) }
    }),
  )
}

function presenceBy(reply: Reply, item: KeyTarget): Presence {
  if (reply instanceof ServerError) return 'unknown'
  if (reply === 'none' || isExpired(item)) return 'absent'
  return item.type === undefined || reply === item.type ? 'present' : 'absent'
}
