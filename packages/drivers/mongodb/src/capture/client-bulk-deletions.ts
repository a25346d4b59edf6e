import { keyOf } from '../keys.ts'
import type { Document } from '../mongo.ts'
import type { Part } from './client-bulk-write.ts'
import { byText, noticeMissing, tellPerhapsRemoved, tellRemoved } from './deletions.ts'
import { idsNamed } from './ids-named.ts'

/** What such a command deletes and inserts again is there when it is answered: which of them were there before, only its results tell. */
export async function noticeBulkDeleted(
  { call, collection, at }: Part,
  operations: readonly Document[],
  reply: Document,
): Promise<void> {
  const total = Number(reply.nDeleted ?? 0)
  if (total === 0) return
  const { firstBatch = [] } = (reply.cursor ?? {}) as { readonly firstBatch?: readonly Document[] }
  const counts = new Map(firstBatch.map(({ idx, n }) => [Number(idx), Number(n ?? 0)]))
  const deletions = [...operations.keys()].filter((index) => operations[index]?.delete !== undefined)
  const named = new Map(deletions.map((index) => [index, idsNamed(operations[index] ?? {})]))
  const isEach = [...named.values()].every((ids) => ids?.length === 1) && named.size === total
  for (const [index, ids] of named) {
    const count = isEach ? 1 : counts.get(index)
    if (!ids || count === 0 || !at.includes(index)) continue
    const keys = byText(ids.map(keyOf))
    if (keys.size === count) tellRemoved(call, collection, keys)
    else tellPerhapsRemoved(call, collection, keys)
  }
  await noticeMissing(call, collection)
}
