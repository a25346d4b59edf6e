/** Captures `client.bulkWrite()` (MongoDB 8.0 and later): one command for several collections. */
import type { PendingCreate } from '@dustpan/core/driver'
import { parseAddress, storeId } from '../identity.ts'
import type { Document } from '../mongo.ts'
import { announce, recordIds } from './announced.ts'
import { type Call, isRefused, listOf, readReply, type Watcher } from './call.ts'
import { matchingBulk, noteBulkDeleted } from './client-bulk-deletions.ts'
import { insertedOf } from './insert.ts'
import type { Keys } from './known-documents.ts'
import { noteChange } from './transactions.ts'
import { warnOfUnattributed } from './unattributed.ts'

export interface Part {
  readonly call: Call
  readonly collection: string
  readonly pending: PendingCreate | undefined
  /** Positions of its operations in the command. */
  readonly at: readonly number[]
  /** The documents that it will delete. Undefined: unknown. */
  matching?: Keys | undefined
}

export const clientBulkWrite: Watcher = async (call, send) => {
  const operations = listOf(call.command.ops)
  if (operations.some((one) => one?.update !== undefined)) noteChange(call)
  const parts = partsOf(call, operations)
  for (const part of parts) part.matching = await matchingBulk(part, operations)
  let reply: unknown
  try {
    reply = await send()
  } catch (error) {
    if (isRefused(error, call)) for (const { pending } of parts) pending?.none('rejected')
    throw error
  }
  for (const part of parts) {
    await noteBulkDeleted(part, operations, readReply(reply)).catch(() => {})
    await record(part, operations, readReply(reply)).catch(() => {})
  }
  return reply
}

/** Splits a command by collection, which may be in another database. */
function partsOf(call: Call, operations: readonly Document[]): readonly Part[] {
  const spaces = listOf(call.command.nsInfo).map((space) => String(space?.ns))
  const at = Map.groupBy(operations.keys(), (index) => placeOf(operations[index]))
  return [...at].map(([place, positions]) => {
    const [database = '', ...names] = (spaces[place] ?? '').split('.')
    const address = parseAddress(call.store.id)
    const runCommand = (command: Document) => call.runCommand(command, database)
    const partCall = address ? { ...call, runCommand, store: { id: storeId({ ...address, database }) } } : call
    const creates = positions.some((index) => operations[index]?.insert !== undefined || operations[index]?.upsert)
    const collection = names.join('.')
    return { call: partCall, collection, at: positions, pending: creates ? announce(partCall, collection) : undefined }
  })
}

/** The index of an operation's namespace, which is the value of its first field. */
function placeOf(operation: Document | undefined): number {
  return Number(Object.values(operation ?? {})[0])
}

async function record({ call, collection, pending, at }: Part, operations: readonly Document[], reply: Document) {
  const { firstBatch = [], id } = (reply.cursor ?? {}) as {
    readonly firstBatch?: readonly Document[]
    readonly id?: unknown
  }
  if (!pending) return
  if (reply.nInserted === undefined || Number(id ?? 0) !== 0)
    return warnOfUnattributed(call, collection, 'the server did not say at once which of them it has')
  const failed = firstBatch.filter(({ ok }) => Number(ok) === 0).map(({ idx }) => Number(idx))
  const done = new Set(insertedOf([...operations.keys()], failed, call.command.ordered !== false))
  const inserted = at.filter((index) => done.has(index) && operations[index]?.insert !== undefined)
  const upserted = firstBatch.flatMap(({ idx, upserted: one }) =>
    one && at.includes(Number(idx)) ? [(one as Document)._id] : [],
  )
  if (Number(reply.nUpserted ?? 0) > 0 && call.command.errorsOnly)
    warnOfUnattributed(call, collection, 'what client.bulkWrite() upserts is told with verboseResults: true only')
  await recordIds(
    call,
    collection,
    [...inserted.map((index) => (operations[index]?.document as Document | undefined)?._id), ...upserted],
    undefined,
    pending,
  )
}
