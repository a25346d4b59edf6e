/** Tracks documents that are deleted with their collection or database. */
import type { Document } from '../mongo.ts'
import { type Call, isIgnored, isRefused, type Watcher } from './call.ts'
import { factsChanging } from './collection-facts.ts'
import { noteDoubt } from './doubts.ts'
import type { Keys } from './known-documents.ts'
import { allDocuments, maxDocuments } from './matching-documents.ts'
import { reportGone, reportRemoved, reportUnrecorded } from './report-removed.ts'
import { seenCollections } from './seen-collections.ts'

/** For a command that creates, drops or renames collections. */
export const changingCollections: Watcher = async (_, send) => {
  using _changing = factsChanging()
  return await send()
}

export const drop: Watcher = async (call, send) => {
  const collection = String(call.command.drop)
  return sendEmptying(call, send, new Map([[collection, await allDocuments(call, collection)]]))
}

export const dropDatabase: Watcher = async (call, send) => {
  const found = await documentsOf(call).catch(() => undefined)
  const seen = seenCollections(call.store.id).map((name) => [name, none] as const)
  return sendEmptying(call, send, new Map([...seen, ...(found ?? [['', undefined] as const])]))
}

/** The documents of each collection. Undefined: unknown. */
export type Contents = ReadonlyMap<string, Keys | undefined>

/** Sends a command that deletes all of these documents. */
export async function sendEmptying(call: Call, send: () => Promise<unknown>, contents: Contents): Promise<unknown> {
  const reportAll = (report: typeof reportEmptied) => {
    for (const [collection, documents] of contents) report(call, collection, documents)
  }
  try {
    const reply = await changingCollections(call, send)
    reportAll(reportEmptied)
    return reply
  } catch (error) {
    if (!isRefused(error, call)) reportAll(reportPossiblyEmptied)
    throw error
  }
}

function reportEmptied(call: Call, collection: string, documents: Keys | undefined): void {
  if (documents) reportRemoved(call, collection, documents)
  else noteDoubt(call, collection)
  reportGone(call, collection, 'all')
}

function reportPossiblyEmptied(call: Call, collection: string, documents: Keys | undefined): void {
  if (documents) reportUnrecorded(call, collection, documents)
  else noteDoubt(call, collection)
}

const none: Keys = new Map()

/** A database with more collections is not searched. */
const maxCollections = 100

async function documentsOf(call: Call): Promise<Contents | undefined> {
  const reply = await call.runCommand({ listCollections: 1, nameOnly: true, cursor: {} })
  const { firstBatch, id } = (reply.cursor ?? {}) as {
    readonly firstBatch?: readonly Document[]
    readonly id?: unknown
  }
  const names = firstBatch?.flatMap(({ name, type }) => (type === 'view' ? [] : String(name)))
  if (!names || names.length > maxCollections || Number(id ?? 0) !== 0) return undefined
  const contents = new Map<string, Keys | undefined>()
  let left = maxDocuments
  for (const name of names.filter((one) => !isIgnored(call, one))) {
    const documents = left > 0 ? await allDocuments(call, name) : undefined
    contents.set(name, documents)
    left -= documents?.size ?? maxDocuments
  }
  return contents
}
