import type { Document } from '../mongo.ts'
import type { Part } from './client-bulk-write.ts'
import { noteMissing, reportPossiblyRemoved } from './deletions.ts'
import { noteDoubt } from './doubts.ts'
import { byText, type Keys } from './known-documents.ts'
import { matchingDocuments } from './matching-documents.ts'
import { namedIds } from './named-ids.ts'
import { reportRemoved, reportUnrecorded } from './report-removed.ts'

/** The documents that the command will delete; call before it is sent. */
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

/** A document may be deleted and inserted again by the same command, so only its results say which documents existed before. */
export async function noteBulkDeleted(part: Part, operations: readonly Document[], reply: Document): Promise<void> {
  const { call, collection, at, matching } = part
  const total = Number(reply.nDeleted ?? 0)
  const own = deletionsIn(at, operations)
  if (total === 0 || own.length === 0) return
  const { firstBatch = [] } = (reply.cursor ?? {}) as { readonly firstBatch?: readonly Document[] }
  const counts = new Map(firstBatch.map(({ idx, n }) => [Number(idx), Number(n ?? 0)]))
  const all = deletionsIn([...operations.keys()], operations)
  if (matching) {
    const count = own.length === all.length ? total : sumOf(own.map((index) => counts.get(index)))
    noteMatching(part, matching, count)
  } else noteNamed(part, operations, counts, total === all.length)
  await noteMissing(call, collection)
}

/** `count`: NaN if the reply does not give it for this collection. */
function noteMatching({ call, collection }: Part, matching: Keys, count: number): void {
  if (count === 0) return
  const isOutside = !call.session.inTransaction()
  if (isOutside && count === matching.size) reportRemoved(call, collection, matching)
  else reportUnrecorded(call, collection, matching)
  if (isOutside && count > matching.size) noteDoubt(call, collection)
}

/** `isOnePerDeletion`: the number of deleted documents equals that of the deletions. */
function noteNamed(
  { call, collection, at }: Part,
  operations: readonly Document[],
  counts: ReadonlyMap<number, number>,
  isOnePerDeletion: boolean,
): void {
  const all = deletionsIn([...operations.keys()], operations)
  const isOneEach = isOnePerDeletion && all.every((index) => namedIds(operations[index] ?? {})?.length === 1)
  for (const index of deletionsIn(at, operations)) {
    const ids = namedIds(operations[index] ?? {})
    const count = isOneEach ? 1 : counts.get(index)
    if (count === 0) continue
    const keys = byText(ids ?? [])
    if (!ids) noteDoubt(call, collection)
    else if (keys.size === count) reportRemoved(call, collection, keys)
    else reportPossiblyRemoved(call, collection, keys)
  }
}

const deletionsIn = (at: readonly number[], operations: readonly Document[]): readonly number[] =>
  at.filter((index) => operations[index]?.delete !== undefined)

const sumOf = (counts: readonly (number | undefined)[]): number =>
  counts.reduce<number>((sum, count) => sum + (count ?? Number.NaN), 0)
