/** Which documents a deletion is about: asked before it is sent, where its filters do not name them by `_id`. */
import type { Document } from '../mongo.ts'
import { type Call, isIgnored } from './call.ts'
import { type Deletion, idsNamed } from './ids-named.ts'
import { byText, type Keys } from './known-documents.ts'
import { hasChanged } from './transactions.ts'

/** More than these are not asked for. */
export const mostDocuments = 10_000
const mostFilters = 100

/**
 * All that were there before the transaction, where one is open; undefined: nobody has said. A question of ours does not see what was done in
 * that: what it has changed may be matched by other filters. Never throws.
 */
export function matchingDocuments(
  call: Call,
  collection: string,
  deletions: readonly Deletion[],
): Promise<Keys | undefined> {
  return asked(call, collection, deletions).catch(() => undefined)
}

export function allDocuments(call: Call, collection: string): Promise<Keys | undefined> {
  return matchingDocuments(call, collection, [{ filter: {} }])
}

async function asked(call: Call, collection: string, deletions: readonly Deletion[]): Promise<Keys | undefined> {
  const [first] = deletions
  const isAsked = deletions.some((one) => idsNamed(one) === undefined)
  if (!first || !isAsked || deletions.length > mostFilters || isIgnored(call, collection)) return undefined
  if (hasChanged(call) || !deletions.every(({ collation }) => collation === first.collation)) return undefined
  const filter = deletions.length === 1 ? first.filter : { $or: deletions.map((one) => one.filter) }
  const { let: variables } = call.command
  const more = { ...(first.collation ? { collation: first.collation } : {}), ...(variables ? { let: variables } : {}) }
  return found(call, { find: collection, filter, ...more })
}

async function found({ ask }: Call, question: Document): Promise<Keys | undefined> {
  const limit = mostDocuments + 1
  const reply = await ask({ ...question, projection: { _id: 1 }, limit, batchSize: limit, singleBatch: true })
  const { firstBatch } = (reply.cursor ?? {}) as { readonly firstBatch?: readonly Document[] }
  if (!firstBatch || firstBatch.length >= limit) return undefined
  return byText(firstBatch.map(({ _id }) => _id))
}
