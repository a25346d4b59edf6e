/** Reads facts about collections from the server. A collection that is dropped and created again gets another uuid. */
import { clock } from '@dustpan/core/driver'
import type { Document } from '../mongo.ts'
import { uuidText } from '../uuid.ts'
import type { Call } from './call.ts'

export interface CollectionFacts {
  /** Undefined: the server has none or does not return it, or the collection does not exist yet. */
  readonly uuid: string | undefined
  /** Whether it has a validator. */
  readonly isStrict: boolean
}

/** How long facts are cached: another process may drop and recreate the collection. */
const maxAgeMs = 25

/** Shared by all clients, because one may drop what another one creates. */
const cache = new Map<string, { readonly at: number; readonly facts: CollectionFacts }>()

/** The cached facts, if they are recent enough. */
export function knownFacts({ store }: Call, name: string): CollectionFacts | undefined {
  const cached = cache.get(keyOf(store.id, name))
  return cached && clock.monotonic() - cached.at < maxAgeMs ? cached.facts : undefined
}

export async function collectionFacts(call: Call, name: string): Promise<CollectionFacts> {
  const cached = knownFacts(call, name)
  if (cached) return cached
  const version = changes
  const facts = await call.runCommand({ listCollections: 1, filter: { name }, cursor: {} }).then(read, () => nothing)
  if (version === changes && pendingChanges === 0 && facts !== notThere) keep(keyOf(call.store.id, name), facts)
  return facts
}

function keep(key: string, facts: CollectionFacts): void {
  if (cache.size >= maxEntries) cache.clear()
  cache.set(key, { at: clock.monotonic(), facts })
}

const maxEntries = 1_000

const keyOf = (store: string, name: string): string => `${store}\n${name}`

let changes = 0
let pendingChanges = 0

/** Increases when collections are created, dropped or renamed. */
export function factsVersion(): number {
  return changes
}

/** For a command that creates, drops or renames collections: clears the cache, and keeps it empty until disposed. */
export function factsChanging(): Disposable {
  forget(1)
  return { [Symbol.dispose]: () => forget(-1) }
}

function forget(more: number): void {
  pendingChanges += more
  changes++
  cache.clear()
}

const nothing: CollectionFacts = { uuid: undefined, isStrict: false }

/** The collection does not exist; the next insert creates it. */
const notThere: CollectionFacts = { ...nothing }

function read(reply: Document): CollectionFacts {
  const { firstBatch = [] } = (reply.cursor ?? {}) as { readonly firstBatch?: readonly Document[] }
  if (firstBatch.length === 0) return notThere
  const { info, options } = firstBatch[0] as { readonly info?: Document; readonly options?: Document }
  return { uuid: uuidText(info?.uuid), isStrict: options?.validator !== undefined }
}
