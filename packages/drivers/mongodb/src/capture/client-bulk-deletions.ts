import type { Document } from '../mongo.ts'
import type { Part } from './client-bulk-write.ts'
import { noticeMissing, tellPerhapsRemoved } from './deletions.ts'
import { noteDoubt } from './doubts.ts'
import { idsNamed } from './ids-named.ts'
import { byText, type Keys } from './known-documents.ts'
import { matchingDocuments } from './matching-documents.ts'
import { tellRemoved, tellUnrecorded } from './told.ts'

/** Asked before the command is sent. */
export function matchingBulk(
  { call, collection, at }: Part,
  operations: readonly Document[],
): Promise<Keys | undefined> {
  return matchingDocuments(
    call,
    collection,
    deletionsIn(at, operations).map((index) => operations[index] ?? {}),
  )
}

/** What such a command deletes and inserts again is there when it is answered: which of them were there before, only its results tell. */
export async function noticeBulkDeleted(part: Part, operations: readonly Document[], reply: Document): Promise<void> {
  const { call, collection, at, matching } = part
  const total = Number(reply.nDeleted ?? 0)
  const own = deletionsIn(at, operations)
  if (total === 0 || own.length === 0) return
  const { firstBatch = [] } = (reply.cursor ?? {}) as { readonly firstBatch?: readonly Document[] }
  const counts = new Map(firstBatch.map(({ idx, n }) => [Number(idx), Number(n ?? 0)]))
  const all = deletionsIn([...operations.keys()], operations)
  if (matching) {
    const count = own.length === all.length ? total : sumOf(own.map((index) => counts.get(index)))
    noticeMatching(part, matching, count)
  } else noticeNamed(part, operations, counts, total === all.length)
  await noticeMissing(call, collection)
}

/** `count`: NaN where the answer does not tell it for this collection. */
function noticeMatching({ call, collection }: Part, matching: Keys, count: number): void {
  if (count === 0) return
  const isOutside = !call.session.inTransaction()
  if (isOutside && count === matching.size) tellRemoved(call, collection, matching)
  else tellUnrecorded(call, collection, matching)
  if (isOutside && count > matching.size) noteDoubt(call, collection)
}

/** `isEach`: as many went as there are deletions, in all. */
function noticeNamed(
  { call, collection, at }: Part,
  operations: readonly Document[],
  counts: ReadonlyMap<number, number>,
  isEach: boolean,
): void {
  const all = deletionsIn([...operations.keys()], operations)
  const isEachOne = isEach && all.every((index) => idsNamed(operations[index] ?? {})?.length === 1)
  for (const index of deletionsIn(at, operations)) {
    const ids = idsNamed(operations[index] ?? {})
    const count = isEachOne ? 1 : counts.get(index)
    if (count === 0) continue
    const keys = byText(ids ?? [])
    if (!ids) noteDoubt(call, collection)
    else if (keys.size === count) tellRemoved(call, collection, keys)
    else tellPerhapsRemoved(call, collection, keys)
  }
}

const deletionsIn = (at: readonly number[], operations: readonly Document[]): readonly number[] =>
  at.filter((index) => operations[index]?.delete !== undefined)

const sumOf = (counts: readonly (number | undefined)[]): number =>
  counts.reduce<number>((sum, count) => sum + (count ?? Number.NaN), 0)
