/**
 * Collections out of which documents went, and nobody knows which. Who inserts one with an `_id` of old may be putting back what was there: only
 * an ObjectId that this process has made since was certainly nobody's before.
 */
import { keyOf } from '../keys.ts'
import type { Ejson } from '../mongo.ts'
import { countedOn, type ObjectIdParts, partsOf } from '../object-id.ts'
import type { Call } from './call.ts'
import { hadDeletion } from './seen-collections.ts'

type Where = Pick<Call, 'store' | 'ejson'>

interface Doubt {
  /** Of every copy of the library that there was. */
  readonly newest: readonly ObjectIdParts[]
  /** How many copies there had been. */
  readonly makers: number
}

/** By place. */
const doubts = new Map<string, Doubt>()

/** Copies of the library, each a maker of ObjectIds: a runner may load one for each file of tests. */
const copies = new Set<WeakRef<Ejson>>()
const seen = new WeakSet<Ejson>()
/** The place of each in the order in which they came, also of those that are no more. */
const makers = new Map<string, number>()

/** Before anything is made through it. */
export function seeCopy(ejson: Ejson): void {
  if (seen.has(ejson)) return
  seen.add(ejson)
  copies.add(new WeakRef(ejson))
  const parts = newest(ejson)
  if (parts) makers.set(parts.maker, makers.size + 1)
}

/** Without a collection: of all of the store. */
export function noteDoubt({ store, ejson }: Where, collection = ''): void {
  if (ejson) seeCopy(ejson)
  doubts.set(placeOf(store.id, collection), { newest: newestOfAll(), makers: makers.size })
}

function newestOfAll(): readonly ObjectIdParts[] {
  return [...copies].flatMap((reference) => {
    const copy = reference.deref()
    if (!copy) copies.delete(reference)
    return (copy && newest(copy)) ?? []
  })
}

/** Whether anything that is inserted may have been there before. */
export function isInDoubt({ store }: Pick<Call, 'store'>, collection: string): boolean {
  return doubts.size > 0 && (doubts.has(placeOf(store.id, collection)) || doubts.has(placeOf(store.id, '')))
}

/** Whether a test has deleted what was there before, or may have: else nothing can be put back. */
export function mayBePutBack({ store }: Pick<Call, 'store'>, collection: string): boolean {
  return hadDeletion(store.id, collection) || isInDoubt({ store }, collection)
}

/** Of a collection that is in doubt. */
export function isDoubtful({ store }: Pick<Call, 'store'>, collection: string, id: unknown): boolean {
  const { json, idType } = keyOf(id)
  const parts = idType === 'objectId' ? partsOf(json) : undefined
  return [collection, ''].some((name) => {
    const doubt = doubts.get(placeOf(store.id, name))
    return doubt !== undefined && !isMadeSince(doubt, parts)
  })
}

/** Whatever the clocks say, which a test may have set. A copy that came later has made nothing before. */
function isMadeSince({ newest: all, makers: known }: Doubt, parts: ObjectIdParts | undefined): boolean {
  if (parts === undefined) return false
  if ((makers.get(parts.maker) ?? 0) > known) return true
  return all.some(({ maker, count }) => maker === parts.maker && countedOn(count, parts.count))
}

/** Never throws. */
function newest(ejson: Ejson): ObjectIdParts | undefined {
  try {
    const one = ejson.deserialize({ $oid: '0'.repeat(24) }, { relaxed: false }) as object
    const ObjectId = one.constructor as new () => object
    return partsOf(String(new ObjectId()))
  } catch {
    return undefined
  }
}

const placeOf = (store: string, collection: string): string => `${store}\n${collection}`
