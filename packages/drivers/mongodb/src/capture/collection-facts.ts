/** What the server says of a collection. Its uuid is another one when it is dropped and made anew. */
import { clock } from '@dustpan/core/driver'
import type { Document, MongoClient } from '../mongo.ts'
import { uuidText } from '../uuid.ts'
import type { Call } from './call.ts'

export interface CollectionFacts {
  /** Undefined: the server has none, does not tell, or the collection is not there yet. */
  readonly uuid: string | undefined
  /** It refuses documents that are not as it wants them. */
  readonly isStrict: boolean
}

/** Somebody else may drop and make it anew: longer than this, in milliseconds, an answer is not relied on. */
const holdsFor = 25

const known = new WeakMap<MongoClient, Map<string, { readonly at: number; readonly facts: CollectionFacts }>>()

/** What an answer said a moment ago. */
export function knownFacts({ session: { client }, store }: Call, name: string): CollectionFacts | undefined {
  const before = known.get(client)?.get(keyOf(store.id, name))
  return before && clock.monotonic() - before.at < holdsFor ? before.facts : undefined
}

export async function collectionFacts(call: Call, name: string): Promise<CollectionFacts> {
  const before = knownFacts(call, name)
  if (before) return before
  const { client } = call.session
  const facts = await call.ask({ listCollections: 1, filter: { name }, cursor: {} }).then(read, () => nothing)
  const all = known.get(client) ?? new Map<string, { at: number; facts: CollectionFacts }>()
  known.set(client, all.set(keyOf(call.store.id, name), { at: clock.monotonic(), facts }))
  return facts
}

const keyOf = (store: string, name: string): string => `${store}\n${name}`

/** Collections have come, gone or changed their names. */
export function forgetCollections({ session: { client } }: Call): void {
  known.delete(client)
}

const nothing: CollectionFacts = { uuid: undefined, isStrict: false }

function read(reply: Document): CollectionFacts {
  const { firstBatch = [] } = (reply.cursor ?? {}) as { readonly firstBatch?: readonly Document[] }
  const { info, options } = (firstBatch[0] ?? {}) as { readonly info?: Document; readonly options?: Document }
  return { uuid: uuidText(info?.uuid), isStrict: options?.validator !== undefined }
}
