import type { ResourceId, Target } from '@dustpan/core/driver'
import { each, type Outcomes, oneByOne, targetNumbered, withoutLocked, withTheRest } from '@dustpan/core/rows'
import { quoteTable, readableTable } from '../names.ts'
import type { Reference, Table } from '../tables.ts'
import type { Batch } from './batches.ts'
import { explain } from './explain.ts'
import { failed, isForAll, isLockTimeout, isPassing } from './outcomes.ts'
import type { StoreClient } from './own-client.ts'
import { looksAt } from './present-targets.ts'
import { noteFiles } from './row-files.ts'
import { isRecordedRow, keyText, lockClause, refersTo, targetsOf } from './statement-parts.ts'
import { begin, inTransaction } from './transaction.ts'

/**
 * Removes rows that refer to each other. The server checks foreign keys row by row, so no order would work: the rows are locked,
 * it is verified that no other row refers to them, and they are deleted without checks. A row that another row refers to stays,
 * and with it every row that it refers to.
 */
export async function removeCycle(
  client: StoreClient,
  batches: readonly Batch[],
  signal: AbortSignal,
): Promise<Outcomes> {
  try {
    const gone = await removeFree(client, batches, signal)
    return await withTheRest(batches, gone, (left) => explain(client, left, signal))
  } catch (error) {
    return afterFailure(client, batches, error, signal)
  }
}

async function removeFree(
  client: StoreClient,
  batches: readonly Batch[],
  signal: AbortSignal,
): Promise<ReadonlySet<ResourceId>> {
  const free = new Set<LockedRow>()
  const isDone = await inTransaction(client, signal, async () => {
    for (const row of await freeRows(client, batches, signal)) free.add(row)
    const deletes = batches.flatMap((batch) => {
      const targets = [...free].filter((row) => row.batch === batch).map(({ target }) => target)
      return targets.length > 0 ? [{ ...batch, targets }] : []
    })
    if (deletes.length === 0) return true
    const statements = deletes.map(
      (batch) => `DELETE t FROM ${targetsOf(batch)} WHERE ${isRecordedRow(batch, client.session)}`,
    )
    const answers = await unchecked(client, statements, signal)
    return deletes.every(({ targets }, index) => answers[index]?.count === targets.length)
  })
  if (!isDone) return new Set()
  for (const batch of batches)
    noteFiles(
      batch,
      [...free].filter((row) => row.batch === batch),
    )
  return new Set([...free].map(({ target }) => target.id))
}

async function unchecked(client: StoreClient, statements: readonly string[], signal: AbortSignal) {
  try {
    return (await client.run(['SET foreign_key_checks = 0', ...statements], signal)).slice(1)
  } finally {
    await client.run(['SET foreign_key_checks = 1'], signal)
  }
}

interface LockedRow {
  readonly batch: Batch
  readonly target: Target
  readonly file: string | null
  /** The key as stored in the table, which may differ in spelling from the record. */
  readonly row: string
}

/** The rows that exist, are the recorded ones, and are referenced only by rows that are removed too. */
async function freeRows(
  client: StoreClient,
  batches: readonly Batch[],
  signal: AbortSignal,
): Promise<readonly LockedRow[]> {
  await client.run([begin], signal)
  const lockedRows: LockedRow[] = []
  for (const batch of batches) lockedRows.push(...(await lockRows(client, batch, signal)))
  const referring = new Map<string, Set<string>>()
  for (const batch of batches) {
    for (const reference of batch.table.referencedBy) await addReferring(client, batch, reference, referring, signal)
  }
  const free = new Map(lockedRows.map((one) => [one.row, one]))
  for (let before = -1; before !== free.size; ) {
    before = free.size
    for (const row of [...free.keys()])
      if ([...(referring.get(row) ?? [])].some((by) => !free.has(by))) free.delete(row)
  }
  return [...free.values()]
}

async function lockRows(client: StoreClient, batch: Batch, signal: AbortSignal): Promise<readonly LockedRow[]> {
  const file = batch.files ? `t.\`${batch.files.column.replaceAll('`', '``')}\`` : 'NULL'
  const text = `SELECT k.n, ${file}, ${rowSql(batch.table, 't')} FROM ${targetsOf(batch)} WHERE ${isRecordedRow(batch, client.session)}${lockClause(client.session)}`
  return (await client.rows(text, signal)).flatMap(([number, file = null, ...key]) => {
    const target = targetNumbered(batch, number)
    return target ? [{ batch, target, file, row: rowName(batch.table, key) }] : []
  })
}

/** Waits for transactions that are about to refer to a row: locking a row does not lock a key other than the primary one. */
async function addReferring(
  client: StoreClient,
  batch: Batch,
  reference: Reference,
  referring: Map<string, Set<string>>,
  signal: AbortSignal,
): Promise<void> {
  const child = await client.table(reference, signal)
  if (!child) return
  const width = batch.table.key.length
  const text = `SELECT ${rowSql(batch.table, 't')}, ${rowSql(child, 'c')} FROM ${targetsOf(batch)}
    JOIN ${quoteTable(reference)} c ON ${refersTo(reference)} ${client.session.isMariaDB ? 'LOCK IN SHARE MODE' : 'FOR SHARE OF c'}`
  for (const texts of await client.rows(text, signal)) {
    const row = rowName(batch.table, texts.slice(0, width))
    const by = rowName(child, texts.slice(width))
    if (by !== row) referring.set(row, (referring.get(row) ?? new Set()).add(by))
  }
}

/** A table without a key has no row that could be a target. */
function rowSql({ key }: Table, row: string): string {
  return key.length === 0 ? "''" : key.map((column) => keyText(column, row)).join(', ')
}

function rowName({ schema, table }: Table, key: readonly (string | null)[]): string {
  return JSON.stringify([schema, table, ...key])
}

async function afterFailure(
  client: StoreClient,
  batches: readonly Batch[],
  error: unknown,
  signal: AbortSignal,
): Promise<Outcomes> {
  client.forgetTables()
  const all = batches.flatMap(({ targets }) => targets)
  const what = `DELETE FROM ${batches.map(({ table }) => readableTable(table)).join(', ')}`
  const remove = (rest: readonly Batch[]) => removeCycle(client, rest, signal)
  if (isLockTimeout(error)) return withoutLocked(batches, looksAt(client, signal), remove)
  if (all.length === 1 || isPassing(error) || isForAll(error)) return each(all, failed(what, error))
  return oneByOne(batches, (single) => remove([single]))
}
