/** What goes with its collection, or database. */
import type { Document } from '../mongo.ts'
import { type Call, isIgnored, isRefused, type Watcher } from './call.ts'
import { factsChanging } from './collection-facts.ts'
import { noteDoubt } from './doubts.ts'
import type { Keys } from './known-documents.ts'
import { allDocuments, mostDocuments } from './matching-documents.ts'
import { seenCollections } from './seen-collections.ts'
import { tellGone, tellRemoved, tellUnrecorded } from './told.ts'

export const forgetting: Watcher = async (_, send) => {
  using _changing = factsChanging()
  return await send()
}

export const drop: Watcher = async (call, send) => {
  const collection = String(call.command.drop)
  return emptying(call, send, new Map([[collection, await allDocuments(call, collection)]]))
}

export const dropDatabase: Watcher = async (call, send) => {
  const found = await documentsOf(call).catch(() => undefined)
  const seen = seenCollections(call.store.id).map((name) => [name, none] as const)
  return emptying(call, send, new Map([...seen, ...(found ?? [['', undefined] as const])]))
}

/** By collection, what is in it. Undefined: nobody has said. */
export type Contents = ReadonlyMap<string, Keys | undefined>

/** Sends a command by which all of these go. */
export async function emptying(call: Call, send: () => Promise<unknown>, contents: Contents): Promise<unknown> {
  const tell = (one: typeof emptied) => {
    for (const [collection, documents] of contents) one(call, collection, documents)
  }
  try {
    const reply = await forgetting(call, send)
    tell(emptied)
    return reply
  } catch (error) {
    if (!isRefused(error, call)) tell(perhapsEmptied)
    throw error
  }
}

function emptied(call: Call, collection: string, documents: Keys | undefined): void {
  if (documents) tellRemoved(call, collection, documents)
  else noteDoubt(call, collection)
  tellGone(call, collection, 'all')
}

function perhapsEmptied(call: Call, collection: string, documents: Keys | undefined): void {
  if (documents) tellUnrecorded(call, collection, documents)
  else noteDoubt(call, collection)
}

const none: Keys = new Map()

/** More collections are not looked into. */
const most = 100

async function documentsOf(call: Call): Promise<Contents | undefined> {
  const reply = await call.ask({ listCollections: 1, nameOnly: true, cursor: {} })
  const { firstBatch, id } = (reply.cursor ?? {}) as {
    readonly firstBatch?: readonly Document[]
    readonly id?: unknown
  }
  const names = firstBatch?.flatMap(({ name, type }) => (type === 'view' ? [] : String(name)))
  if (!names || names.length > most || Number(id ?? 0) !== 0) return undefined
  const contents = new Map<string, Keys | undefined>()
  let left = mostDocuments
  for (const name of names.filter((one) => !isIgnored(call, one))) {
    const documents = left > 0 ? await allDocuments(call, name) : undefined
    contents.set(name, documents)
    left -= documents?.size ?? mostDocuments
  }
  return contents
}
