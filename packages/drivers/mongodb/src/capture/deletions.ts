/** The user's own deletes. */
import type { Json, KnownResource } from '@dustpan/core/driver'
import { idOf, keyOf, textOf } from '../keys.ts'
import type { Document } from '../mongo.ts'
import { documentArgs } from '../removal/spec.ts'
import { type Call, listOf, readReply, type Watcher } from './call.ts'
import { wasRenamed } from './seen-collections.ts'
import { isTransactionOpen, transactionOf } from './transactions.ts'

export const deleteDocuments: Watcher = async (call, send) => {
  const reply = await send()
  await noticeDeleted(call, Number(readReply(reply).n ?? 0)).catch(() => {})
  return reply
}

/** Which went is known where all that were named did; else those are looked for that are on record. */
async function noticeDeleted(call: Call, count: number): Promise<void> {
  if (count === 0) return
  const collection = String(call.command.delete)
  const named = listOf(call.command.deletes).map(({ q }) => idsNamed(q as Document))
  const ids = named.every((some) => some !== undefined) ? named.flat() : []
  const keys = new Map(ids.map((id) => [textOf(keyOf(id)), keyOf(id).json]))
  if (keys.size === count) tellRemoved(call, collection, [...keys.values()])
  else await noticeMissing(call, collection)
}

function tellRemoved(call: Call, collection: string, keys: readonly Json[]): void {
  if (!wasRenamed(call.store.id, collection)) call.sink.removed(call.store, collection, keys, transactionOf(call))
}

/** Nothing is told of a name that another collection had: what is on record under it may be there under a new one. */
export function tellGone(call: Call, collection: string, keys: readonly Json[] | 'all'): void {
  if (!wasRenamed(call.store.id, collection)) call.sink.gone(call.store, collection, keys, transactionOf(call))
}

/** Asks which of what is on record is still there. Not while a transaction is open: a question of ours would not see what was done in it. */
export async function noticeMissing(call: Call, collection: string): Promise<void> {
  const { ejson, session, sink, store, ask } = call
  if (!ejson || session.inTransaction() || isTransactionOpen(store.id)) return
  const known = [...sink.known()].filter((one) => one.type === collection && one.store.id === store.id)
  const sought = new Map(known.flatMap((one) => keyed(one, collection)))
  if (sought.size === 0) return
  const ids = [...sought.values()].map(({ json, idType }) => idOf(json, idType, ejson))
  const find = { find: collection, filter: { _id: { $in: ids } }, projection: { _id: 1 } }
  const reply = await ask({ ...find, batchSize: ids.length, singleBatch: true })
  const { firstBatch = [] } = (reply.cursor ?? {}) as { readonly firstBatch?: readonly Document[] }
  for (const { _id } of firstBatch) sought.delete(textOf(keyOf(_id)))
  const missing = [...sought.values()].map(({ json }) => json)
  if (missing.length > 0) tellGone(call, collection, missing)
}

function keyed({ key: json, removal }: KnownResource, collection: string) {
  const args = removal && 'op' in removal ? documentArgs(removal) : undefined
  if (args?.collection !== collection || args.key !== undefined) return []
  const key = { json, idType: args.idType }
  return [[textOf(key), key] as const]
}

/** The ids that a filter names; undefined: it names others, or by other fields. */
function idsNamed(filter: Document): readonly unknown[] | undefined {
  const { _id: id, ...others } = filter
  if (id === undefined || Object.keys(others).length > 0 || isPattern(id)) return undefined
  if (typeof id !== 'object' || id === null) return [id]
  const [operator] = Object.keys(id).filter((name) => name.startsWith('$'))
  if (operator === undefined) return [id]
  const { $in, $eq } = id as { readonly $in?: unknown; readonly $eq?: unknown }
  if (Object.keys(id).length > 1) return undefined
  if (Array.isArray($in)) return $in.some(isPattern) ? undefined : $in
  return $eq === undefined ? undefined : [$eq]
}

/** It is compared with, and is no id. */
function isPattern(value: unknown): boolean {
  return (
    Object.prototype.toString.call(value) === '[object RegExp]' ||
    (value as { _bsontype?: unknown } | null)?._bsontype === 'BSONRegExp'
  )
}
