/** Looks up the documents that a deletion will match, before it is sent, unless its filters name them by `_id`. */
import type { Document } from '../mongo.ts'
import { type Call, isIgnored } from './call.ts'
import { byText, type Keys } from './known-documents.ts'
import { type Deletion, namedIds } from './named-ids.ts'
import { hasChanged } from './transactions.ts'

/** Beyond these limits there is no lookup. */
export const maxDocuments = 10_000
const maxFilters = 100

/**
 * The documents as they were before the transaction, if one is open; undefined: unknown. Our query does not see the
 * transaction's changes, after which other filters may match. Never throws.
 */
export function matchingDocuments(
  call: Call,
  collection: string,
  deletions: readonly Deletion[],
): Promise<Keys | undefined> {
  return findMatching(call, collection, deletions).catch(() => undefined)
}

export function allDocuments(call: Call, collection: string): Promise<Keys | undefined> {
  return matchingDocuments(call, collection, [{ filter: {} }])
}

async function findMatching(call: Call, collection: string, deletions: readonly Deletion[]): Promise<Keys | undefined> {
  const [first] = deletions
  const needsLookup = deletions.some((one) => namedIds(one) === undefined)
  if (!first || !needsLookup || deletions.length > maxFilters || isIgnored(call, collection)) return undefined
  if (hasChanged(call) || !deletions.every(({ collation }) => collation === first.collation)) return undefined
  const filter = deletions.length === 1 ? first.filter : { $or: deletions.map((one) => one.filter) }
  const { let: variables } = call.command
  const more = { ...(first.collation ? { collation: first.collation } : {}), ...(variables ? { let: variables } : {}) }
  return findKeys(call, { find: collection, filter, ...more })
}

async function findKeys({ runCommand }: Call, find: Document): Promise<Keys | undefined> {
  const limit = maxDocuments + 1
  const reply = await runCommand({ ...find, projection: { _id: 1 }, limit, batchSize: limit, singleBatch: true })
  const { firstBatch } = (reply.cursor ?? {}) as { readonly firstBatch?: readonly Document[] }
  if (!firstBatch || firstBatch.length >= limit) return undefined
  return byText(firstBatch.map(({ _id }) => _id))
}
