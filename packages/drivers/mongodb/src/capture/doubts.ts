/**
 * Collections from which unknown documents were deleted. An insert with an old `_id` may put back a document that
 * existed before: only an ObjectId that this process has generated since then is certainly new.
 */
import { keyOf } from '../keys.ts'
import type { Ejson } from '../mongo.ts'
import { isCountedAfter, type ObjectIdParts, partsOf } from '../object-id.ts'
import type { Call } from './call.ts'
import { hadDeletion } from './seen-collections.ts'

type Source = Pick<Call, 'store' | 'ejson'>

interface Doubt {
  /** The newest ObjectId of each copy of the library. */
  readonly newest: readonly ObjectIdParts[]
  /** The number of copies at that time. */
  readonly makers: number
}

/** By store and collection. */
const doubts = new Map<string, Doubt>()

/** Copies of the library, each of which generates ObjectIds: a runner may load one per test file. */
const copies = new Set<WeakRef<Ejson>>()
const seen = new WeakSet<Ejson>()
/** The position of each copy in the order in which they were loaded, including collected ones. */
const makers = new Map<string, number>()

/** Call before the copy generates ids. */
export function registerCopy(ejson: Ejson): void {
  if (seen.has(ejson)) return
  seen.add(ejson)
  copies.add(new WeakRef(ejson))
  const parts = newest(ejson)
  if (parts) makers.set(parts.maker, makers.size + 1)
}

/** Without a collection, for the whole store. */
export function noteDoubt({ store, ejson }: Source, collection = ''): void {
  if (ejson) registerCopy(ejson)
  doubts.set(placeOf(store.id, collection), { newest: newestOfAll(), makers: makers.size })
}

function newestOfAll(): readonly ObjectIdParts[] {
  return [...copies].flatMap((reference) => {
    const copy = reference.deref()
    if (!copy) copies.delete(reference)
    return (copy && newest(copy)) ?? []
  })
}

/** Whether an inserted document may have existed before. */
export function isInDoubt({ store }: Pick<Call, 'store'>, collection: string): boolean {
  return doubts.size > 0 && (doubts.has(placeOf(store.id, collection)) || doubts.has(placeOf(store.id, '')))
}

/** Whether a test has deleted, or may have deleted, documents that existed before: otherwise nothing can be put back. */
export function mayBePutBack({ store }: Pick<Call, 'store'>, collection: string): boolean {
  return hadDeletion(store.id, collection) || isInDoubt({ store }, collection)
}

/** Whether this document may have existed before; for a collection that is in doubt. */
export function isDoubtful({ store }: Pick<Call, 'store'>, collection: string, id: unknown): boolean {
  const { json, idType } = keyOf(id)
  const parts = idType === 'objectId' ? partsOf(json) : undefined
  return [collection, ''].some((name) => {
    const doubt = doubts.get(placeOf(store.id, name))
    return doubt !== undefined && !isGeneratedSince(doubt, parts)
  })
}

/** Compares counters, not times, since a test may have set the clock. A copy that was loaded later has generated nothing before. */
function isGeneratedSince({ newest: all, makers: known }: Doubt, parts: ObjectIdParts | undefined): boolean {
  if (parts === undefined) return false
  if ((makers.get(parts.maker) ?? 0) > known) return true
  return all.some(({ maker, count }) => maker === parts.maker && isCountedAfter(count, parts.count))
}

/** Never throws. */
function newest(ejson: Ejson): ObjectIdParts | undefined {
  try {
    const id = ejson.deserialize({ $oid: '0'.repeat(24) }, { relaxed: false }) as object
    const ObjectId = id.constructor as new () => object
    return partsOf(String(new ObjectId()))
  } catch {
    return undefined
  }
}

const placeOf = (store: string, collection: string): string => `${store}\n${collection}`
