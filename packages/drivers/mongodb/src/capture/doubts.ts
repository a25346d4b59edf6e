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

/** By place: the newest ObjectId at that time, of the copy of the library that deleted; undefined: there is no telling. */
const doubts = new Map<string, ObjectIdParts | undefined>()

/** Without a collection: of all of the store. */
export function noteDoubt({ store, ejson }: Where, collection = ''): void {
  doubts.set(placeOf(store.id, collection), ejson && newest(ejson))
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
    const place = placeOf(store.id, name)
    return doubts.has(place) && !isMadeSince(doubts.get(place), parts)
  })
}

/** Whatever the clocks say, which a test may have set. */
function isMadeSince(since: ObjectIdParts | undefined, parts: ObjectIdParts | undefined): boolean {
  return since !== undefined && since.maker === parts?.maker && countedOn(since.count, parts.count)
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
