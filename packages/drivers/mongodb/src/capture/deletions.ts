/** The user's own deletes. */
import type { Document } from '../mongo.ts'
import { type Call, isRefused, listOf, readReply, type Watcher } from './call.ts'
import { noteDoubt } from './doubts.ts'
import { type Deletion, idsNamed } from './ids-named.ts'
import { byText, type Keys, knownIn, stillThere, without } from './known-documents.ts'
import { matchingDocuments } from './matching-documents.ts'
import { tellGone, tellRemoved, tellUnrecorded } from './told.ts'

export const deleteDocuments: Watcher = (call, send) => {
  const deletions = listOf(call.command.deletes).map((one) => ({ filter: one?.q, collation: one?.collation }))
  return deleting(call, send, String(call.command.delete), deletions)
}

interface HowMany {
  /** Undefined: nobody waited for that, or the answer did not come. */
  readonly n: unknown
  /** Of those that went. */
  readonly ids?: readonly unknown[]
}

/** Sends a command that deletes. `answers`: its answer tells the ids, and nothing need be asked. */
export async function deleting(
  call: Call,
  send: () => Promise<unknown>,
  collection: string,
  deletions: readonly Deletion[],
  read: (reply: Document) => HowMany = ({ n }) => ({ n }),
  answers = false,
): Promise<unknown> {
  const matching = answers ? undefined : await matchingDocuments(call, collection, deletions)
  const notice = ({ n, ids }: HowMany) =>
    noticeDeleted(call, collection, deletions, n, ids ? byText(ids) : matching).catch(() => {})
  try {
    const reply = await send()
    await notice(read(readReply(reply)))
    return reply
  } catch (error) {
    if (!isRefused(error, call)) await notice({ n: undefined })
    throw error
  }
}

/** Which went is known where all that were asked for, or named, did; else it is asked what is still there. */
async function noticeDeleted(
  call: Call,
  collection: string,
  deletions: readonly Deletion[],
  n: unknown,
  matching: Keys | undefined,
): Promise<void> {
  const count = Number(n)
  if (count === 0) return
  if (!matching) return noticeNamed(call, collection, deletions.map(idsNamed), n)
  const isOutside = !call.session.inTransaction()
  if (isOutside && matching.size === count) return tellRemoved(call, collection, matching)
  tellUnrecorded(call, collection, matching)
  if (isOutside && count > matching.size) noteDoubt(call, collection)
  if (n !== undefined) await noticeMissing(call, collection)
}

async function noticeNamed(
  call: Call,
  collection: string,
  named: readonly (readonly unknown[] | undefined)[],
  n: unknown,
): Promise<void> {
  const keys = byText(named.flatMap((ids) => ids ?? []))
  const isAll = named.every((ids) => ids !== undefined)
  if (!isAll) noteDoubt(call, collection)
  if (n === undefined) tellPerhapsRemoved(call, collection, keys)
  else if (isAll && keys.size === Number(n)) tellRemoved(call, collection, keys)
  else await noticeMissing(call, collection, keys, isAll ? Number(n) : undefined)
}

/**
 * What is on record and no longer there is struck off. What was named, is not there, and is on no record may have been there before: it is
 * nobody's creation when it is made again. `count`: of what was named, so many were there.
 */
export async function noticeMissing(
  call: Call,
  collection: string,
  named: Keys = noKeys,
  count?: number,
): Promise<void> {
  const known = knownIn(call, collection)
  const there = await stillThere(call, collection, new Map([...known, ...named]))
  const missing = there ? without(known, there) : noKeys
  if (missing.size > 0) tellGone(call, collection, missing)
  const others = without(without(named, known), there ?? noKeys)
  const ours = [...missing.keys()].filter((text) => named.has(text)).length
  if (others.size === 0 || ours === count) return
  if (there && ours + others.size === count) tellRemoved(call, collection, others)
  else tellPerhapsRemoved(call, collection, others)
}

export function tellPerhapsRemoved(call: Call, collection: string, named: Keys): void {
  if (!tellUnrecorded(call, collection, named)) return
  const message = `Documents of ${collection} that a delete named are not tracked when they are made again: the answer does not tell which of them were there before`
  call.sink.warn('DUSTPAN_WRITE_UNATTRIBUTED', `${collection}\ndeleted`, message)
}

const noKeys: Keys = new Map()
