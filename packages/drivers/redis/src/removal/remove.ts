/** Keys go in batches; that a key is still of its type is looked at in the script that deletes it. */
import { clock, type Outcomes, type Presence, type RemovalContext, type Target } from '@dustpan/core/driver'
import type { Arg } from '../keys.ts'
import type { KeySpace, Part } from '../server/key-space.ts'
import { type Reply, ServerError } from '../server/reply.ts'
import type { Question, Server } from '../server/server.ts'
import { sinceMade } from '../since-made.ts'
import { adviceOn, alreadyGone, expired, failed, madeLater, otherType, removed } from './outcomes.ts'
import { expiresIn, keyIn } from './spec.ts'
import { unlinkWatched } from './unlink-watched.ts'

/** A target, and the key that it is. */
export interface KeyTarget {
  readonly target: Target
  readonly key: Arg
  /** What TYPE must say; undefined: anything. */
  readonly type: string | undefined
  /** When it goes by itself, in milliseconds since the epoch. */
  readonly expires: number | undefined
}

/** Answers of each key that did not go its place and what TYPE said of it. */
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

/** So many keys in a script: the server does nothing else meanwhile. */
const perScript = 500

/** `store`: where this process may have seen what became of them since they were recorded. */
export function keyTargets(targets: readonly Target[], store?: string): readonly KeyTarget[] {
  return targets.map((target) => {
    const key = keyIn(target.removal, target.key)
    const since = store === undefined ? undefined : sinceMade(store, key)
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
  const { over = [], rest = [] } = Object.groupBy(targets, (one) => (isExpired(one) ? 'over' : 'rest'))
  const parts = await space.parts(rest, ({ key }) => key, signal)
  const batches = rest.length === 0 ? [] : parts.flatMap(batchesOf)
  const byServer = Map.groupBy(batches, ({ server }) => server)
  const removals = [...byServer.values()].map((some) => removeBatches(space, some, outcomes, signal))
  await Promise.all([...removals, lookAt(space, over, outcomes, signal)])
  return outcomes
}

/** Their time was over: what is there now was made later, by somebody else. */
async function lookAt(
  space: KeySpace,
  over: readonly KeyTarget[],
  outcomes: Outcomes,
  signal: AbortSignal,
): Promise<void> {
  if (over.length === 0) return
  for (const { items, replies } of await typesOf(space, over, signal))
    for (const [index, { target, expires = 0 }] of items.entries()) {
      const reply = replies[index] ?? null
      const instead = reply instanceof ServerError ? failed(reply) : madeLater(expires)
      outcomes.set(target.id, reply === 'none' ? expired : instead)
    }
}

/** All of one server's, without waiting: it is at the first while the next is written. */
async function removeBatches(
  space: KeySpace,
  batches: readonly Batch[],
  outcomes: Outcomes,
  signal: AbortSignal,
): Promise<void> {
  try {
    const replies = await Promise.all(writes(batches).map(([server, questions]) => server.ask(questions, signal)))
    const each = replies.flat()
    for (const [index, batch] of batches.entries()) {
      const reply = each[index] as Reply
      if (!(reply instanceof ServerError)) settle(batch, reply, outcomes)
      else if (isAboutScripts(reply)) await unlinkWatched(batch, outcomes, signal)
      else if (reply.kind === 'NOPERM' && batch.items.length > 1)
        await removeBatches(space, oneByOne(batch), outcomes, signal) // one key that is forbidden stops no other
      else fail(batch, reply, outcomes)
      if (reply instanceof ServerError && adviceOn(reply)?.isPassing) space.forgetSlots()
    }
  } catch (error) {
    for (const batch of batches) fail(batch, error, outcomes)
  }
}

/** Small batches (a cluster's have the keys of one slot each) go together. */
function writes(batches: readonly Batch[]): readonly (readonly [Server, readonly Question[]])[] {
  const all: (readonly [Server, Question[]])[] = []
  let room = 0
  for (const batch of batches) {
    if (room < batch.items.length) {
      all.push([batch.server, []])
      room = perScript
    }
    all.at(-1)?.[1].push(questionFor(batch))
    room -= batch.items.length
  }
  return all
}

const oneByOne = (batch: Batch): readonly Batch[] => batch.items.map((item) => ({ ...batch, items: [item] }))

function fail({ items }: Batch, error: unknown, outcomes: Outcomes): void {
  for (const { target } of items) if (!outcomes.has(target.id)) outcomes.set(target.id, failed(error))
}

/** Of one type. */
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

function questionFor({ items, type }: Batch): Question {
  return ['EVAL', script, String(items.length), ...items.map(({ key }) => key), type ?? '']
}

const isAboutScripts = ({ kind, message }: ServerError) => kind === 'NOPERM' && /'eval'/i.test(message)

function settle({ items, type }: Batch, reply: Reply, outcomes: Outcomes): void {
  for (const { target } of items) outcomes.set(target.id, removed)
  const others = reply as readonly Reply[]
  for (let at = 0; at < others.length; at += 2) {
    const item = items[Number(others[at]) - 1]
    if (item) outcomes.set(item.target.id, insteadOf(item, type, String(others[at + 1])))
  }
}

/** What TYPE said, of a key that did not go. */
export function insteadOf(item: KeyTarget, expected: string | undefined, found: string) {
  if (found !== 'none') return otherType(expected ?? '', found)
  return isExpired(item) ? expired : alreadyGone
}

export function isExpired({ expires }: KeyTarget): boolean {
  return expires !== undefined && expires <= clock.now()
}

/** What TYPE says of each: of another type, or where its time was over, it is another key. */
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
      const questions = items.map(({ key }): Question => ['TYPE', key])
      return { items, replies: await server.ask(questions, signal) }
    }),
  )
}

function presenceBy(reply: Reply, item: KeyTarget): Presence {
  if (reply instanceof ServerError) return 'unknown'
  if (reply === 'none' || isExpired(item)) return 'absent'
  return item.type === undefined || reply === item.type ? 'present' : 'absent'
}
