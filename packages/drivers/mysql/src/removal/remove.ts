import type { RemovalContext, Target } from '@dustpan/core/driver'
import { each, inHalves, type Outcomes, removed, targetNumbered, withoutLocked, withTheRest } from '@dustpan/core/rows'
import { readableTable } from '../names.ts'
import type { Session } from '../session.ts'
import { foreignKeysAreKnown } from '../tables.ts'
import type { Batch } from './batches.ts'
import { explain } from './explain.ts'
import { failed, isForAll, isLockTimeout, isPassing, isReferred } from './outcomes.ts'
import type { StoreClient } from './own-client.ts'
import { looksAt } from './present-targets.ts'
import { fileOf, noteFiles } from './row-files.ts'
import {
  assignments,
  columnOf,
  hasNoDependents,
  isByKey,
  isRecordedRow,
  isUnmarked,
  keyList,
  lockClause,
  targetsOf,
} from './statement-parts.ts'
import { begin, inTransaction } from './transaction.ts'

type Signal = RemovalContext['signal']

/** Removes a batch with one statement; examines the rows that it leaves, so that one bad row does not block the rest. */
export async function removeBatch(client: StoreClient, batch: Batch, signal: Signal): Promise<Outcomes> {
  try {
    if (isSimple(batch)) {
      const removing = removesAll(client, [batch], signal)
      // Prepared while the server is working.
      const outcomes = each(batch.targets, removed)
      if (await removing) return outcomes
    }
    return await removeSome(client, await reread(client, batch, signal), signal)
  } catch (error) {
    return afterFailure(client, batch, error, signal)
  }
}

/**
 * Removes batches together. Returns false if anything was unexpected: then nothing was removed, and the batches are to be removed
 * one by one.
 */
export async function removesTogether(
  client: StoreClient,
  batches: readonly Batch[],
  signal: Signal,
): Promise<boolean> {
  try {
    return batches.every(isSimple) && (await removesAll(client, batches, signal))
  } catch {
    return false
  }
}

/** Whether rows need not be read before their removal, and the removal can be rolled back if too few rows were deleted. */
function isSimple(batch: Batch): boolean {
  return batch.table.transactional && !batch.files && isByKey(batch)
}

/** Commits only if every target existed and was deleted. */
async function removesAll(client: StoreClient, batches: readonly Batch[], signal: Signal): Promise<boolean> {
  return inTransaction(client, signal, async () => {
    const answers = await client.run([begin, ...batches.map((batch) => removal(client, batch))], signal)
    return batches.every(({ targets }, index) => answers[index + 1]?.count === targets.length)
  })
}

/** After an unexpected result, re-reads the table: it may have other foreign keys now. */
async function reread(client: StoreClient, batch: Batch, signal: Signal): Promise<Batch> {
  client.forgetTables()
  return { ...batch, table: (await client.table(batch.table, signal)) ?? batch.table }
}

/** Locks and removes the rows that can be removed, and explains the rest. */
async function removeSome(client: StoreClient, batch: Batch, signal: Signal): Promise<Outcomes> {
  const free: { readonly target: Target; readonly file: string | null }[] = []
  const isDone = await inTransaction(client, signal, async () => {
    const [, selected] = await client.run([begin, freeTargets(client, batch)], signal)
    const rows = Map.groupBy(selected?.rows ?? [], ([number]) => number)
    for (const [number, same] of rows) {
      const target = targetNumbered(batch, number)
      if (target && same.length === 1) free.push({ target, file: same[0]?.[1] ?? null })
    }
    if (free.length === 0) return true
    const targets = free.map(({ target }) => target)
    const [gone] = await client.run([removal(client, { ...batch, targets })], signal)
    return gone?.count === free.length
  })
  // Two records may name one row: `7.5` and `7.50`, `a` and `A`.
  if (!isDone && batch.targets.length > 1) return inHalves(batch, (half) => removeBatch(client, half, signal))
  if (isDone) noteFiles(batch, free)
  const gone = new Set(isDone ? free.map(({ target }) => target.id) : [])
  return withTheRest([batch], gone, (left) => explain(client, left, signal))
}

/** One bad row fails a whole statement: leaves out locked rows, or else tries the batch in halves. */
async function afterFailure(client: StoreClient, tried: Batch, error: unknown, signal: Signal): Promise<Outcomes> {
  const batch = await reread(client, tried, signal).catch(() => tried)
  const what = `${batch.set ? 'UPDATE' : 'DELETE FROM'} ${readableTable(batch.table)}`
  if (isPassing(error) || isForAll(error)) return each(batch.targets, failed(what, error))
  if (isLockTimeout(error))
    return withoutLocked([batch], looksAt(client, signal), ([rest = batch]) => removeBatch(client, rest, signal))
  if (batch.targets.length === 1)
    return isReferred(error) ? explain(client, batch, signal) : each(batch.targets, failed(what, error))
  return inHalves(batch, (half) => removeBatch(client, half, signal))
}

/** Selects the number of each removable target, and the file that its row names. */
function freeTargets({ session }: StoreClient, batch: Batch): string {
  const lock = batch.table.transactional ? lockClause(session) : ''
  return `SELECT k.n${fileOf(batch)} FROM ${targetsOf(batch)} WHERE ${isRecordedRow(batch, session)}${conditions(batch, session)}${lock}`
}

function removal({ session }: StoreClient, batch: Batch): string {
  const list = batch.set ? undefined : keyList(batch)
  if (list) {
    const { row, isTarget } = list
    const free = hasNoDependents(batch.table, row) + foreignKeysAreKnown(batch.table, session)
    return `DELETE FROM ${row} WHERE ${isTarget} AND ${isRecordedRow(batch, session, row)}${free}`
  }
  const where = `WHERE ${isRecordedRow(batch, session)}${conditions(batch, session)}`
  return batch.set
    ? `UPDATE ${targetsOf(batch)} SET ${assignments(batch)} ${where}`
    : `DELETE t FROM ${targetsOf(batch)} ${where}`
}

/** A mark in a referenced column would change the referring rows with it. */
function conditions({ table, set }: Batch, session: Session): string {
  if (!set) return hasNoDependents(table) + foreignKeysAreKnown(table, session)
  const changed = Object.keys(set).map((name) => columnOf(table, name).name)
  const affected = table.referencedBy.filter(({ parentColumns }) =>
    parentColumns.some((name) => changed.includes(columnOf(table, name).name)),
  )
  return isUnmarked({ table, set }) + hasNoDependents({ referencedBy: affected })
}
