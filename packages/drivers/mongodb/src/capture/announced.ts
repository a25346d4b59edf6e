/** A create from its intent to its fact. */
import { type CreatedSet, messageOf, type PendingCreate, type Proof, type RemovalStep } from '@dustpan/core/driver'
import { type IdType, keepsOrder, keyOf } from '../keys.ts'
import type { Session } from '../mongo.ts'
import { documentRemoval } from '../removal/spec.ts'
import { type Call, commandName, isIgnored, isRefused, readReply, type Send } from './call.ts'
import { collectionFacts, factsNumber, knownFacts } from './collection-facts.ts'
import { isDoubtful, isInDoubt } from './doubts.ts'
import { seeCollection } from './seen-collections.ts'
import { transactionOf } from './transactions.ts'
import { warnOfUnattributed } from './unattributed.ts'

export interface Creation {
  readonly collection: string
  /** What is sent in the command's place. */
  readonly command?: Call['command']
  /** Fields that were written into the documents, to be found there again. */
  readonly match?: NonNullable<Proof['match']>
  /** The ids, if all goes well. */
  readonly likely?: readonly unknown[]
  /** The ids of what came to be; a text: why they cannot be told. */
  created(reply: Call['command']): readonly unknown[] | string
  /** Whether the server may have made an id that it told: nothing had that before. */
  isMade?(id: unknown): boolean
}

/** Sends a command that may create documents of one collection. */
export async function creating(call: Call, send: Send, creation: Creation): Promise<unknown> {
  const pending = announce(call, creation.collection)
  if (!pending) return send()
  let reply: unknown
  let likely: Prepared | undefined
  try {
    const sent = send(creation.command)
    likely = prepare(call, creation, pending)
    reply = await sent
  } catch (error) {
    if (isRefused(error, call)) pending.none('rejected')
    else if (call.retries) again.set(call.session, { number: numberOf(call), pending })
    throw error
  }
  try {
    await record(call, creation, pending, reply, likely)
  } catch (error) {
    warnOfUnattributed(call, creation.collection, messageOf(error))
  }
  return reply
}

interface Prepared {
  readonly sets: readonly CreatedSet[]
  /** The state of the facts that they rest on. */
  readonly facts: number
}

/** While the server is busy: what will be told if all goes well, where that is known. Never throws. */
function prepare(call: Call, { collection, match, likely }: Creation, pending: PendingCreate): Prepared | undefined {
  try {
    const facts = likely && knownFacts(call, collection)
    if (!facts || !likely.every(keepsOrder)) return undefined
    const sets = setsOf(collection, likely, proofOf(facts.uuid, match))
    const [only, another] = sets
    if (only && !another) pending.expect(only)
    return { sets, facts: factsNumber() }
  } catch {
    return undefined
  }
}

/** Commands that the client sends once more under the same number. */
const again = new WeakMap<Session, { readonly number: number; readonly pending: PendingCreate }>()

/** Undefined: it is not tracked. */
export function announce(call: Call, collection: string): PendingCreate | undefined {
  const { sink, store } = call
  const before = again.get(call.session)
  again.delete(call.session)
  if (before && call.retries && before.number === numberOf(call)) return before.pending
  if (isIgnored(call, collection)) return undefined
  const via = `${commandName(call.command)} ${collection}`
  return sink.begin({ kind: '@dustpan/mongodb', store, type: collection, via })
}

const numberOf = ({ session }: Call): number => session.serverSession?.txnNumber ?? -1

async function record(
  call: Call,
  { collection, match, likely, created, isMade }: Creation,
  pending: PendingCreate,
  reply: unknown,
  prepared: Prepared | undefined,
): Promise<void> {
  const ids = created(readReply(reply))
  if (typeof ids === 'string') return warnOfUnattributed(call, collection, ids)
  if (ids.length === 0) return pending.none(call.command.insert === undefined ? 'updated-existing' : 'rejected')
  const isPrepared = prepared?.facts === factsNumber() && ids.length === likely?.length
  if (isPrepared && !isInDoubt(call, collection)) return tell(call, collection, prepared.sets, pending)
  await recordIds(call, collection, ids, match, pending, isMade)
}

export async function recordIds(
  call: Call,
  collection: string,
  ids: readonly unknown[],
  match: Proof['match'],
  pending: PendingCreate,
  isMade: Creation['isMade'] = () => false,
): Promise<void> {
  const told = ids.filter(keepsOrder)
  if (told.length < ids.length)
    warnOfUnattributed(call, collection, 'their _id has fields in an order that no object of JavaScript has')
  if (told.length === 0 && ids.length > 0) return
  const certain = isInDoubt(call, collection)
    ? told.filter((id) => isMade(id) || !isDoubtful(call, collection, id))
    : told
  if (certain.length < told.length) warnOfUnattributed(call, collection, mayHaveBeenThere)
  if (certain.length === 0 && ids.length > 0) return pending.none('not-a-creation')
  const { uuid } = await collectionFacts(call, collection)
  tell(call, collection, setsOf(collection, certain, proofOf(uuid, match)), pending)
}

const mayHaveBeenThere =
  'documents went out of it and nobody said which, so that these, with an _id of before, may have been among them'

function tell(call: Call, collection: string, sets: readonly CreatedSet[], pending: PendingCreate): void {
  seeCollection(call.store.id, collection)
  pending.created(sets, transactionOf(call))
}

function proofOf(uuid: string | undefined, match: Proof['match']): Proof {
  const strength = match ? 'exact' : uuid === undefined ? 'key-only' : 'incarnation'
  return { strength, ...(uuid === undefined ? {} : { incarnation: uuid }), ...(match ? { match } : {}) }
}

/** A set for each kind of key. */
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

/** The same for all that goes alike. */
function stepsFor(collection: string, idType: IdType): readonly RemovalStep[] {
  const key = `${idType}\n${collection}`
  const before = steps.get(key)
  if (before) return before
  const made = [documentRemoval('$driver', collection, idType)]
  steps.set(key, made)
  return made
}
