import { isMap } from '../keys.ts'
import type { Document } from '../mongo.ts'
import { sendCreating } from './announced.ts'
import { type Call, listOf, type Watcher } from './call.ts'
import { marked } from './marks.ts'

export const insert: Watcher = (call, send) => {
  const collection = String(call.command.insert)
  const documents = listOf(call.command.documents)
  const ids = documents.map((document) => idIn(call, document))
  const creation = {
    collection,
    ...(ids.includes(undefined) ? {} : { expectedIds: ids }),
    created: (reply: Document) => insertedIds(call, ids, reply),
  }
  if (!call.rules.mark) return sendCreating(call, send, creation)
  const marking = marked(call, collection, documents).catch(() => undefined)
  return marking.then((marks) => sendCreating(call, send, { ...creation, ...marks }))
}

/** The inserted documents; an ordered insert stops at the first error. */
export function insertedOf<T>(documents: readonly T[], failed: readonly number[], ordered: boolean): readonly T[] {
  if (ordered) return documents.slice(0, failed.length > 0 ? Math.min(...failed) : undefined)
  const without = new Set(failed)
  return documents.filter((_, i) => !without.has(i))
}

function insertedIds({ command }: Call, all: readonly unknown[], reply: Document): readonly unknown[] | string {
  if (reply.n === undefined) return 'the server did not say whether it has them (write concern w: 0)'
  const errors = (reply.writeErrors ?? []) as readonly { readonly index: unknown }[]
  const failed = errors.map(({ index }) => Number(index))
  const ids = insertedOf(all, failed, command.ordered !== false)
  if (ids.length !== Number(reply.n)) return `the server has ${reply.n} of them, and did not say which`
  return ids.includes(undefined) ? 'the server gave them their _id (forceServerObjectId), and did not say which' : ids
}

/** The `_id` as it is sent, which a document may define with `toBSON()`. */
function idIn({ ignoresUndefined }: Call, document: Document | null): unknown {
  if (!document) return undefined
  const sent = typeof document.toBSON === 'function' ? (document.toBSON() as Document) : document
  const id = isMap(sent) ? sent.get('_id') : sent._id
  return ignoresUndefined ? withoutUndefined(id) : id
}

/** The id without undefined fields, as the client sends it; in a list they become null. */
function withoutUndefined(id: unknown): unknown {
  if (Array.isArray(id)) return id.map(withoutUndefined)
  if (isMap(id)) return new Map([...id].flatMap(([name, value]) => fieldOf(name, value)))
  if (typeof id !== 'object' || id === null || !isRecord(id)) return id
  return Object.fromEntries(Object.entries(id).flatMap(([name, value]) => fieldOf(name, value)))
}

const fieldOf = (name: string, value: unknown): readonly (readonly [string, unknown])[] =>
  value === undefined ? [] : [[name, withoutUndefined(value)]]

/** A plain object, without a BSON form of its own. */
const isRecord = (value: object): boolean =>
  !('_bsontype' in value) && !('toBSON' in value) && Object.prototype.toString.call(value) === '[object Object]'
