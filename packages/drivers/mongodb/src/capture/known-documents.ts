/** Which documents of a collection the current test has on record, and which of them still exist. */
import type { KnownResource } from '@dustpan/core/driver'
import { idOf, type Key, keyOf, textOf } from '../keys.ts'
import type { Document } from '../mongo.ts'
import { documentArgs } from '../removal/spec.ts'
import type { Call } from './call.ts'
import { isTransactionOpen } from './transactions.ts'

/** Keys by their text. */
export type Keys = ReadonlyMap<string, Key>

export function byText(ids: readonly unknown[]): Keys {
  return new Map(ids.map(keyOf).map((key) => [textOf(key), key]))
}

export function without(keys: Keys, others: Pick<Keys, 'has'>): Keys {
  return new Map([...keys].filter(([text]) => !others.has(text)))
}

export function recordedIn({ sink, store }: Pick<Call, 'sink' | 'store'>, collection: string): Keys {
  const known = [...sink.known()].filter((one) => one.type === collection && one.store.id === store.id)
  return new Map(known.flatMap((one) => keyed(one, collection)))
}

function keyed({ key: json, removal }: KnownResource, collection: string): readonly (readonly [string, Key])[] {
  const args = removal && 'op' in removal ? documentArgs(removal) : undefined
  if (args?.collection !== collection || args.key !== undefined) return []
  const key = { json, idType: args.idType }
  return [[textOf(key), key]]
}

/** Undefined: unknown. A query of our own would not see the changes of an open transaction. */
export async function findExisting(
  { ejson, session, store, runCommand }: Call,
  collection: string,
  keys: Keys,
): Promise<ReadonlySet<string> | undefined> {
  if (!ejson || session.inTransaction() || isTransactionOpen(store.id)) return undefined
  if (keys.size === 0) return new Set()
  const ids = [...keys.values()].map(({ json, idType }) => idOf(json, idType, ejson))
  const find = { find: collection, filter: { _id: { $in: ids } }, projection: { _id: 1 } }
  const reply = await runCommand({ ...find, batchSize: ids.length, singleBatch: true })
  const { firstBatch } = (reply.cursor ?? {}) as { readonly firstBatch?: readonly Document[] }
  return firstBatch && new Set(firstBatch.map(({ _id }) => textOf(keyOf(_id))))
}
