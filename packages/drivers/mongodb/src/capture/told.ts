/** What the core is told of documents that went. */
import type { Removal } from '@dustpan/core/driver'
import type { Key } from '../keys.ts'
import { documentRemoval } from '../removal/spec.ts'
import type { Call } from './call.ts'
import { type Keys, knownIn, without } from './known-documents.ts'
import { seeDeletion, wasRenamed } from './seen-collections.ts'
import { transactionOf } from './transactions.ts'

/** Documents that certainly were there. What is on record under a name that another collection had may be there still. */
export function tellRemoved(call: Call, collection: string, keys: Keys): void {
  const { sink, store } = call
  const its = wasRenamed(store.id, collection) ? unrecorded(call, collection, keys) : keys
  if (its.size > 0) seeDeletion(store.id, collection)
  for (const [by, jsons] of byRemoval(collection, its)) sink.removed(store, collection, jsons, transactionOf(call), by)
}

/**
 * Of documents that were there, or may have been, some that went: what is on no record was nobody's before, and is nobody's creation when it is
 * made again. In doubt it stays. Gives whether there is any.
 */
export function tellUnrecorded(call: Call, collection: string, keys: Keys): boolean {
  const others = unrecorded(call, collection, keys)
  tellRemoved(call, collection, others)
  return others.size > 0
}

/** Of documents that are there, those that nobody has on record. */
export function unrecorded(call: Call, collection: string, keys: Keys): Keys {
  const { sink, store } = call
  const isFree = ({ json, idType }: Key) =>
    !sink.onRecord(store, collection, json, documentRemoval('$driver', collection, idType))
  return new Map([...without(keys, knownIn(call, collection))].filter(([, key]) => isFree(key)))
}

/** Nothing is told of a name that another collection had: what is on record under it may be there under a new one. */
export function tellGone(call: Call, collection: string, keys: Keys | 'all'): void {
  if (!wasRenamed(call.store.id, collection)) strikeOff(call, collection, keys)
}

export function strikeOff(call: Call, collection: string, keys: Keys | 'all'): void {
  const { sink, store } = call
  const tx = transactionOf(call)
  if (keys === 'all') sink.gone(store, collection, 'all', tx)
  else for (const [by, jsons] of byRemoval(collection, keys)) sink.gone(store, collection, jsons, tx, by)
}

/** An ObjectId and its digits are told apart by how they are removed. */
function byRemoval(collection: string, keys: Keys): readonly (readonly [Removal, readonly Key['json'][]])[] {
  const groups = Map.groupBy(keys.values(), ({ idType }) => idType)
  return [...groups].map(([idType, its]) => [
    documentRemoval('$driver', collection, idType),
    its.map(({ json }) => json),
  ])
}
