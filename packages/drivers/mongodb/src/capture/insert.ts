import { isMap } from '../keys.ts'
import type { Document } from '../mongo.ts'
import { creating } from './announced.ts'
import { type Call, listOf, type Watcher } from './call.ts'
import { marked } from './marks.ts'

export const insert: Watcher = (call, send) => {
  const collection = String(call.command.insert)
  const documents = listOf(call.command.documents)
  const ids = documents.map((document) => idIn(call, document))
  const creation = {
    collection,
    ...(ids.includes(undefined) ? {} : { likely: ids }),
    created: (reply: Document) => insertedIds(call, ids, reply),
  }
  if (!call.rules.mark) return creating(call, send, creation)
  const marking = marked(call, collection, documents).catch(() => undefined)
  return marking.then((marks) => creating(call, send, { ...creation, ...marks }))
}

/** In order, nothing comes after the first that failed. */
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

/** As it is sent: a document may say itself how it is written. */
function idIn({ leavesOut }: Call, document: Document | null): unknown {
  if (!document) return undefined
  const sent = typeof document.toBSON === 'function' ? (document.toBSON() as Document) : document
  const id = isMap(sent) ? sent.get('_id') : sent._id
  return leavesOut ? defined(id) : id
}

/** Without fields that are undefined; a list has null in their places. */
function defined(id: unknown): unknown {
  if (Array.isArray(id)) return id.map(defined)
  if (isMap(id)) return new Map([...id].flatMap(([name, value]) => fieldOf(name, value)))
  if (typeof id !== 'object' || id === null || !isRecord(id)) return id
  return Object.fromEntries(Object.entries(id).flatMap(([name, value]) => fieldOf(name, value)))
}

const fieldOf = (name: string, value: unknown): readonly (readonly [string, unknown])[] =>
  value === undefined ? [] : [[name, defined(value)]]

/** Nothing that has a form of its own in BSON. */
const isRecord = (value: object): boolean =>
  !('_bsontype' in value) && !('toBSON' in value) && Object.prototype.toString.call(value) === '[object Object]'
