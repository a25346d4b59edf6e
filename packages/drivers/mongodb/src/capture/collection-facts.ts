/** What the server says of a collection. Its uuid is another one when it is dropped and made anew. */
import { clock } from '@dustpan/core/driver'
import type { Document } from '../mongo.ts'
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

/** Of all clients together: what one of them drops, another one makes anew. */
const known = new Map<string, { readonly at: number; readonly facts: CollectionFacts }>()

/** What an answer said a moment ago. */
export function knownFacts({ store }: Call, name: string): CollectionFacts | undefined {
  const before = known.get(keyOf(store.id, name))
  return before && clock.monotonic() - before.at < holdsFor ? before.facts : undefined
}

export async function collectionFacts(call: Call, name: string): Promise<CollectionFacts> {
  const before = knownFacts(call, name)
  if (before) return before
  const asked = changes
  const facts = await call.ask({ listCollections: 1, filter: { name }, cursor: {} }).then(read, () => nothing)
  if (asked === changes && underWay === 0 && facts !== notThere) keep(keyOf(call.store.id, name), facts)
  return facts
}

function keep(key: string, facts: CollectionFacts): void {
  if (known.size >= most) known.clear()
  known.set(key, { at: clock.monotonic(), facts })
}

const most = 1_000

const keyOf = (store: string, name: string): string => `${store}\n${name}`

let changes = 0
let underWay = 0

/** Another one where collections have come, gone or changed their names since. */
export function factsNumber(): number {
  return changes
}

/** For a command by which collections come, go or change their names. What is known is forgotten, and until it is answered nothing is kept. */
export function factsChanging(): Disposable {
  forget(1)
  return { [Symbol.dispose]: () => forget(-1) }
}

function forget(more: number): void {
  underWay += more
  changes++
  known.clear()
}

const nothing: CollectionFacts = { uuid: undefined, isStrict: false }

/** The next insert makes it. */
const notThere: CollectionFacts = { ...nothing }

function read(reply: Document): CollectionFacts {
  const { firstBatch = [] } = (reply.cursor ?? {}) as { readonly firstBatch?: readonly Document[] }
  if (firstBatch.length === 0) return notThere
  const { info, options } = firstBatch[0] as { readonly info?: Document; readonly options?: Document }
  return { uuid: uuidText(info?.uuid), isStrict: options?.validator !== undefined }
}
