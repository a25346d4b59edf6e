/** Reports deleted documents to the core. */
import type { Removal } from '@dustpan/core/driver'
import type { Key } from '../keys.ts'
import { documentRemoval } from '../removal/spec.ts'
import type { Call } from './call.ts'
import { type Keys, recordedIn, without } from './known-documents.ts'
import { noteDeletion, wasRenamed } from './seen-collections.ts'
import { transactionOf } from './transactions.ts'

/**
 * For documents that certainly existed. If the collection's name once belonged to another one, documents recorded under
 * it may still exist.
 */
export function reportRemoved(call: Call, collection: string, keys: Keys): void {
  const { sink, store } = call
  const removed = wasRenamed(store.id, collection) ? unrecorded(call, collection, keys) : keys
  if (removed.size > 0) noteDeletion(store.id, collection)
  for (const [by, jsons] of byRemoval(collection, removed))
    sink.removed(store, collection, jsons, transactionOf(call), by)
}

/**
 * For documents that may have been deleted: those that are not on record were not created by a test, and creating them
 * again does not make them a test's, so they stay. Returns whether there are any.
 */
export function reportUnrecorded(call: Call, collection: string, keys: Keys): boolean {
  const others = unrecorded(call, collection, keys)
  reportRemoved(call, collection, others)
  return others.size > 0
}

/** The documents that are not on record anywhere. */
export function unrecorded(call: Call, collection: string, keys: Keys): Keys {
  const { sink, store } = call
  const isFree = ({ json, idType }: Key) =>
    !sink.onRecord(store, collection, json, documentRemoval('$driver', collection, idType))
  return new Map([...without(keys, recordedIn(call, collection))].filter(([, key]) => isFree(key)))
}

/** Reports nothing for a name that another collection had: documents recorded under it may exist under a new name. */
export function reportGone(call: Call, collection: string, keys: Keys | 'all'): void {
  if (!wasRenamed(call.store.id, collection)) strikeOff(call, collection, keys)
}

export function strikeOff(call: Call, collection: string, keys: Keys | 'all'): void {
  const { sink, store } = call
  const tx = transactionOf(call)
  if (keys === 'all') sink.gone(store, collection, 'all', tx)
  else for (const [by, jsons] of byRemoval(collection, keys)) sink.gone(store, collection, jsons, tx, by)
}

/** Grouped by removal, which distinguishes an ObjectId from a string of the same digits. */
function byRemoval(collection: string, keys: Keys): readonly (readonly [Removal, readonly Key['json'][]])[] {
  const groups = Map.groupBy(keys.values(), ({ idType }) => idType)
  return [...groups].map(([idType, group]) => [
    documentRemoval('$driver', collection, idType),
    group.map(({ json }) => json),
  ])
}
