/** The user's own deletes. */
import type { Json } from '@dustpan/core/driver'
import { type Key, keyOf, textOf } from '../keys.ts'
import { type Call, listOf, readReply, type Watcher } from './call.ts'
import { type Deletion, idsNamed } from './ids-named.ts'
import { type Keys, knownIn, stillThere } from './known-documents.ts'
import { wasRenamed } from './seen-collections.ts'
import { transactionOf } from './transactions.ts'

export const deleteDocuments: Watcher = async (call, send) => {
  const reply = await send()
  const deletions = listOf(call.command.deletes).map((one) => ({ filter: one?.q, collation: one?.collation }))
  await noticeDeleted(call, String(call.command.delete), deletions, readReply(reply).n).catch(() => {})
  return reply
}

/** Which went is known where all that were named did; else it is asked what is still there. `n`: how many went; undefined: nobody waited for that. */
export async function noticeDeleted(
  call: Call,
  collection: string,
  deletions: readonly Deletion[],
  n: unknown,
): Promise<void> {
  const count = Number(n)
  if (count === 0) return
  const named = deletions.map(idsNamed)
  const keys = byText(named.flatMap((ids) => (ids ?? []).map(keyOf)))
  const isAll = named.every((ids) => ids !== undefined)
  if (n === undefined) tellPerhapsRemoved(call, collection, keys)
  else if (isAll && keys.size === count) tellRemoved(call, collection, keys)
  else await noticeMissing(call, collection, keys, isAll ? count : undefined)
}

/** Documents that certainly were there. */
export function tellRemoved(call: Call, collection: string, keys: Keys): void {
  const { sink, store } = call
  const isElsewhere = wasRenamed(store.id, collection)
  const its = isElsewhere ? without(keys, knownIn(call, collection)) : keys
  if (its.size > 0) sink.removed(store, collection, jsonOf(its), transactionOf(call))
}

/** Nothing is told of a name that another collection had: what is on record under it may be there under a new one. */
export function tellGone(call: Call, collection: string, keys: readonly Json[] | 'all'): void {
  if (!wasRenamed(call.store.id, collection)) call.sink.gone(call.store, collection, keys, transactionOf(call))
}

/**
 * What is on record and no longer there is struck off. What was named, is not there, and is on no record may have been there before: it is
 * nobody's creation when it is made again. `count`: of what was named, so many were there.
 */
export async function noticeMissing(
  call: Call,
  collection: string,
  named: Keys = noKeys,
  count?: number,
): Promise<void> {
  const known = knownIn(call, collection)
  const there = await stillThere(call, collection, new Map([...known, ...named]))
  const missing = there ? without(known, there) : noKeys
  if (missing.size > 0) tellGone(call, collection, jsonOf(missing))
  const others = without(without(named, known), there ?? noKeys)
  const ours = [...missing.keys()].filter((text) => named.has(text)).length
  if (others.size === 0 || ours === count) return
  if (there && ours + others.size === count) tellRemoved(call, collection, others)
  else tellPerhapsRemoved(call, collection, others)
}

/** In doubt they stay. */
export function tellPerhapsRemoved(call: Call, collection: string, named: Keys): void {
  const others = without(named, knownIn(call, collection))
  if (others.size === 0) return
  tellRemoved(call, collection, others)
  const message = `Documents of ${collection} that a delete named are not tracked when they are made again: the answer does not tell which of them were there before`
  call.sink.warn('DUSTPAN_WRITE_UNATTRIBUTED', `${collection}\ndeleted`, message)
}

export function byText(keys: readonly Key[]): Keys {
  return new Map(keys.map((key) => [textOf(key), key]))
}

function without(keys: Keys, others: Pick<Keys, 'has'>): Keys {
  return new Map([...keys].filter(([text]) => !others.has(text)))
}

const noKeys: Keys = new Map()

const jsonOf = (keys: Keys): readonly Json[] => [...keys.values()].map(({ json }) => json)
