/** Tracks documents that the user's own deletes remove. */
import type { Document } from '../mongo.ts'
import { type Call, isRefused, listOf, readReply, type Watcher } from './call.ts'
import { noteDoubt } from './doubts.ts'
import { byText, findExisting, type Keys, recordedIn, without } from './known-documents.ts'
import { matchingDocuments } from './matching-documents.ts'
import { type Deletion, namedIds } from './named-ids.ts'
import { reportGone, reportRemoved, reportUnrecorded } from './report-removed.ts'

export const deleteDocuments: Watcher = (call, send) => {
  const deletions = listOf(call.command.deletes).map((one) => ({ filter: one?.q, collation: one?.collation }))
  return sendDeleting(call, send, String(call.command.delete), deletions)
}

interface DeleteResult {
  /** Undefined: the client did not wait for a result (`w: 0`), or no reply arrived. */
  readonly n: unknown
  /** The ids of the deleted documents. */
  readonly ids?: readonly unknown[]
}

/** Sends a command that deletes. `returnsIds`: its reply has the ids, so no lookup is needed. */
export async function sendDeleting(
  call: Call,
  send: () => Promise<unknown>,
  collection: string,
  deletions: readonly Deletion[],
  read: (reply: Document) => DeleteResult = ({ n }) => ({ n }),
  returnsIds = false,
): Promise<unknown> {
  const matching = returnsIds ? undefined : await matchingDocuments(call, collection, deletions)
  const notice = ({ n, ids }: DeleteResult) =>
    noteDeleted(call, collection, deletions, n, ids ? byText(ids) : matching).catch(() => {})
  try {
    const reply = await send()
    await notice(read(readReply(reply)))
    return reply
  } catch (error) {
    if (!isRefused(error, call)) await notice({ n: undefined })
    throw error
  }
}

/** If all matching or named documents were deleted, those are the deleted ones; otherwise the server is asked which still exist. */
async function noteDeleted(
  call: Call,
  collection: string,
  deletions: readonly Deletion[],
  n: unknown,
  matching: Keys | undefined,
): Promise<void> {
  const count = Number(n)
  if (count === 0) return
  if (!matching) return noteNamed(call, collection, deletions.map(namedIds), n)
  const isOutside = !call.session.inTransaction()
  if (isOutside && matching.size === count) return reportRemoved(call, collection, matching)
  reportUnrecorded(call, collection, matching)
  if (isOutside && count > matching.size) noteDoubt(call, collection)
  if (n !== undefined) await noteMissing(call, collection)
}

async function noteNamed(
  call: Call,
  collection: string,
  named: readonly (readonly unknown[] | undefined)[],
  n: unknown,
): Promise<void> {
  const keys = byText(named.flatMap((ids) => ids ?? []))
  const isAll = named.every((ids) => ids !== undefined)
  if (!isAll) noteDoubt(call, collection)
  if (n === undefined) reportPossiblyRemoved(call, collection, keys)
  else if (isAll && keys.size === Number(n)) reportRemoved(call, collection, keys)
  else await noteMissing(call, collection, keys, isAll ? Number(n) : undefined)
}

/**
 * Strikes off recorded documents that no longer exist. A document that was named, does not exist and is not recorded
 * may have existed before; a test that creates it again does not own it. `count`: how many of the named documents
 * existed.
 */
export async function noteMissing(call: Call, collection: string, named: Keys = noKeys, count?: number): Promise<void> {
  const known = recordedIn(call, collection)
  const there = await findExisting(call, collection, new Map([...known, ...named]))
  const missing = there ? without(known, there) : noKeys
  if (missing.size > 0) reportGone(call, collection, missing)
  const others = without(without(named, known), there ?? noKeys)
  const ours = [...missing.keys()].filter((text) => named.has(text)).length
  if (others.size === 0 || ours === count) return
  if (there && ours + others.size === count) reportRemoved(call, collection, others)
  else reportPossiblyRemoved(call, collection, others)
}

export function reportPossiblyRemoved(call: Call, collection: string, named: Keys): void {
  if (!reportUnrecorded(call, collection, named)) return
  const message = `Documents of ${collection} that a delete named are not tracked when they are made again: the answer does not tell which of them were there before`
  call.sink.warn('DUSTPAN_WRITE_UNATTRIBUTED', `${collection}\ndeleted`, message)
}

const noKeys: Keys = new Map()
