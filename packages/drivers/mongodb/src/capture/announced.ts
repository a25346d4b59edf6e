/** Tracks a command that creates documents, from its intent to the record. */
import { type CreatedSet, messageOf, type PendingCreate, type Proof, type RemovalStep } from '@dustpan/core/driver'
import { type IdType, keepsOrder, keyOf } from '../keys.ts'
import type { Session } from '../mongo.ts'
import { documentRemoval } from '../removal/spec.ts'
import { type Call, commandName, isIgnored, isRefused, readReply, type Send } from './call.ts'
import { collectionFacts, factsVersion, knownFacts } from './collection-facts.ts'
import { isDoubtful, isInDoubt } from './doubts.ts'
import { noteCollection } from './seen-collections.ts'
import { transactionOf } from './transactions.ts'
import { warnOfUnattributed } from './unattributed.ts'

export interface Creation {
  readonly collection: string
  /** The command to send instead. */
  readonly command?: Call['command']
  /** Fields written into the documents, which prove later that they are the test's. */
  readonly match?: NonNullable<Proof['match']>
  /** The ids if the command succeeds. */
  readonly expectedIds?: readonly unknown[]
  /** The ids of the created documents; a string: why they are unknown. */
  created(reply: Call['command']): readonly unknown[] | string
  /** Whether the server generated the id, so that no earlier document had it. */
  isGenerated?(id: unknown): boolean
}

/** Sends a command that may create documents in one collection, and records them. */
export async function sendCreating(call: Call, send: Send, creation: Creation): Promise<unknown> {
  const pending = announce(call, creation.collection)
  if (!pending) return send()
  let reply: unknown
  let prepared: Prepared | undefined
  try {
    const sent = send(creation.command)
    prepared = prepare(call, creation, pending)
    reply = await sent
  } catch (error) {
    if (isRefused(error, call)) pending.none('rejected')
    else if (call.retries) retried.set(call.session, { number: numberOf(call), pending })
    throw error
  }
  try {
    await record(call, creation, pending, reply, prepared)
  } catch (error) {
    warnOfUnattributed(call, creation.collection, messageOf(error))
  }
  return reply
}

interface Prepared {
  readonly sets: readonly CreatedSet[]
  /** The version of the collection facts that they are based on. */
  readonly facts: number
}

/** Prepares the record for a successful command while the server is busy. Undefined if the facts are unknown. Never throws. */
function prepare(
  call: Call,
  { collection, match, expectedIds }: Creation,
  pending: PendingCreate,
): Prepared | undefined {
  try {
    const facts = expectedIds && knownFacts(call, collection)
    if (!facts || !expectedIds.every(keepsOrder)) return undefined
    const sets = setsOf(collection, expectedIds, proofOf(facts.uuid, match))
    const [only, another] = sets
    if (only && !another) pending.expect(only)
    return { sets, facts: factsVersion() }
  } catch {
    return undefined
  }
}

/** Failed commands that the client will retry under the same transaction number. */
const retried = new WeakMap<Session, { readonly number: number; readonly pending: PendingCreate }>()

/** Undefined if the collection is not tracked. */
export function announce(call: Call, collection: string): PendingCreate | undefined {
  const { sink, store } = call
  const earlier = retried.get(call.session)
  retried.delete(call.session)
  if (earlier && call.retries && earlier.number === numberOf(call)) return earlier.pending
  if (isIgnored(call, collection)) return undefined
  const via = `${commandName(call.command)} ${collection}`
  return sink.begin({ kind: '@dustpan/mongodb', store, type: collection, via })
}

const numberOf = ({ session }: Call): number => session.serverSession?.txnNumber ?? -1

async function record(
  call: Call,
  { collection, match, expectedIds, created, isGenerated }: Creation,
  pending: PendingCreate,
  reply: unknown,
  prepared: Prepared | undefined,
): Promise<void> {
  const ids = created(readReply(reply))
  if (typeof ids === 'string') return warnOfUnattributed(call, collection, ids)
  if (ids.length === 0) return pending.none(call.command.insert === undefined ? 'updated-existing' : 'rejected')
  const isPrepared = prepared?.facts === factsVersion() && ids.length === expectedIds?.length
  if (isPrepared && !isInDoubt(call, collection)) return confirm(call, collection, prepared.sets, pending)
  await recordIds(call, collection, ids, match, pending, isGenerated)
}

export async function recordIds(
  call: Call,
  collection: string,
  ids: readonly unknown[],
  match: Proof['match'],
  pending: PendingCreate,
  isGenerated: Creation['isGenerated'] = () => false,
): Promise<void> {
  const trackable = ids.filter(keepsOrder)
  if (trackable.length < ids.length)
    warnOfUnattributed(call, collection, 'their _id has fields in an order that no object of JavaScript has')
  if (trackable.length === 0 && ids.length > 0) return
  const certain = isInDoubt(call, collection)
    ? trackable.filter((id) => isGenerated(id) || !isDoubtful(call, collection, id))
    : trackable
  if (certain.length < trackable.length) warnOfUnattributed(call, collection, mayHaveExisted)
  if (certain.length === 0 && ids.length > 0) return pending.none('not-a-creation')
  const { uuid } = await collectionFacts(call, collection)
  confirm(call, collection, setsOf(collection, certain, proofOf(uuid, match)), pending)
}

const mayHaveExisted =
  'documents went out of it and nobody said which, so that these, with an _id of before, may have been among them'

function confirm(call: Call, collection: string, sets: readonly CreatedSet[], pending: PendingCreate): void {
  noteCollection(call.store.id, collection)
  pending.created(sets, transactionOf(call))
}

function proofOf(uuid: string | undefined, match: Proof['match']): Proof {
  const strength = match ? 'exact' : uuid === undefined ? 'key-only' : 'incarnation'
  return { strength, ...(uuid === undefined ? {} : { incarnation: uuid }), ...(match ? { match } : {}) }
}

/** One set per type of key. */
function setsOf(collection: string, ids: readonly unknown[], proof: Proof): CreatedSet[] {
  const groups = Map.groupBy(ids.map(keyOf), ({ idType }) => idType)
  return [...groups].map(([idType, keys]) => ({
    type: collection,
    keys: keys.map(({ json }) => json),
    steps: stepsFor(collection, idType),
    proof,
  }))
}

const steps = new Map<string, readonly RemovalStep[]>()

/** One shared array per collection and type of key. */
function stepsFor(collection: string, idType: IdType): readonly RemovalStep[] {
  const key = `${idType}\n${collection}`
  const cached = steps.get(key)
  if (cached) return cached
  const added = [documentRemoval('$driver', collection, idType)]
  steps.set(key, added)
  return added
}
