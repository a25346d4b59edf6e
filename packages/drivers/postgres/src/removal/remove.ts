import type { RemovalContext } from '@dustpan/core/driver'
import { each, idsNumbered, inHalves, type Outcomes, removed, withoutLocked, withTheRest } from '@dustpan/core/rows'
import { readableTable } from '../names.ts'
import type { Batch } from './batches.ts'
import type { Answer, Sql } from './exchange.ts'
import { explain } from './explain.ts'
import { affectsHidden, hiddenFrom, touchedCountSql } from './hidden-dependents.ts'
import { failed, isLockTimeout, isReferred, isTransient } from './outcomes.ts'
import type { StoreClient } from './own-client.ts'
import { lockLookup } from './present-targets.ts'
import { fileOf, noteFiles } from './row-files.ts'
import { refuseSeveral, severalIn } from './several-rows.ts'
import {
  assignments,
  foreignKeysAreKnown,
  hasNoDependents,
  isNumbered,
  isOurs,
  isTarget,
  isUnmarked,
  numbered,
  Parameters,
  tableSql,
} from './statement-parts.ts'
import { forgetTables, readTables } from './tables.ts'
import { inTransaction } from './transaction.ts'

type Signal = RemovalContext['signal']

/**
 * Removes a batch with one statement. If rows are left, it finds out which and why, so that one bad row does not block the
 * rest.
 */
export async function removeBatch(client: StoreClient, batch: Batch, signal: Signal): Promise<Outcomes> {
  try {
    const removing = removesAll(client, batch, signal)
    // Built while the server is working.
    const outcomes = each(batch.targets, removed)
    const result = await removing
    if (result === 'all') return outcomes
    if (result === 'more') return await splitSeveral(client, batch, signal)
    return await removeSome(client, await reread(client, batch, signal), signal)
  } catch (error) {
    return afterFailure(client, batch, error, signal)
  }
}

/**
 * Removes several tables in one transaction and one round trip, in the given order. False when anything unexpected happened
 * in any of them: then nothing was removed, and they have to be removed one by one.
 */
export async function removesTogether(
  client: StoreClient,
  batches: readonly Batch[],
  signal: Signal,
): Promise<boolean> {
  try {
    const attempts = batches.map(attemptAt)
    const isComplete = ([, ...answers]: readonly Answer[]) =>
      attempts.every(({ statements, isWhole }) => isWhole(answers.splice(0, statements.length)))
    const statements = attempts.flatMap((attempt) => attempt.statements)
    const answers = await inTransaction(client, statements, isComplete, signal)
    if (!isComplete(answers)) return false
    noteAll(attempts, answers)
    return true
  } catch {
    return false
  }
}

/**
 * Commits only when every target existed and could be removed, and nothing else was affected. `more`: one key matched
 * several rows.
 */
async function removesAll(client: StoreClient, batch: Batch, signal: Signal): Promise<'all' | 'more' | 'others'> {
  const attempt = attemptAt(batch)
  const isComplete = ([, ...answers]: readonly Answer[]) => attempt.isWhole(answers)
  const answers = await inTransaction(client, attempt.statements, isComplete, signal)
  if (!isComplete(answers)) return attempt.count(answers.slice(1)) > batch.targets.length ? 'more' : 'others'
  noteAll([attempt], answers)
  return 'all'
}

async function splitSeveral(client: StoreClient, batch: Batch, signal: Signal): Promise<Outcomes> {
  const remove = (rest: Batch) => removeBatch(client, rest, signal)
  return batch.targets.length === 1
    ? refuseSeveral([batch], batch.targets, ([rest = batch]) => remove(rest))
    : inHalves(batch, remove)
}

/** Notes the files of the removed rows, once that is committed. */
function noteAll(attempts: readonly Attempt[], [, ...answers]: readonly Answer[]): void {
  for (const { statements, note } of attempts) note(answers.splice(0, statements.length))
}

interface Attempt {
  readonly statements: readonly Sql[]
  /** Whether every target was removed, and nothing else. */
  isWhole(answers: readonly Answer[]): boolean
  /** The number of rows removed. */
  count(answers: readonly Answer[]): number
  note(answers: readonly Answer[]): void
}

function attemptAt(batch: Batch): Attempt {
  const counters = touchedCounters(batch)
  return {
    statements: [...counters, batch.files ? numberedRemoval(batch) : removal(batch), ...counters],
    note: (answers) => noteFiles(batch, answers[counters.length]?.rows ?? []),
    count: (answers) => answers[counters.length]?.count ?? 0,
    isWhole(answers) {
      const [before, after] = counters.length > 0 ? [answers[0]?.rows[0]?.[0], answers[2]?.rows[0]?.[0]] : ['', '']
      return answers[counters.length]?.count === batch.targets.length && typeof before === 'string' && before === after
    },
  }
}

/** After an unexpected result: the foreign keys of the table may have changed since they were read. */
async function reread(client: StoreClient, batch: Batch, signal: Signal): Promise<Batch> {
  forgetTables(client.store.id)
  const findTable = await readTables(client, [batch.table], signal)
  return { ...batch, table: findTable(batch.table) ?? batch.table }
}

/**
 * Removes the rows that can be removed, with their numbers, and explains the rest. Takes half as long again, so it is only
 * used when rows were left.
 */
async function removeSome(client: StoreClient, batch: Batch, signal: Signal): Promise<Outcomes> {
  if (!batch.set && hiddenFrom(batch.table).length > 0) return withHiddenDependents(client, batch, signal)
  const isOnePerKey = (answers: readonly Answer[]) => severalIn(batch, answers.at(-1)?.rows ?? []).length === 0
  const answers = await inTransaction(client, [...locksOf(batch), numberedRemoval(batch)], isOnePerKey, signal)
  const rows = answers.at(-1)?.rows ?? []
  if (!isOnePerKey(answers))
    return refuseSeveral([batch], severalIn(batch, rows), ([rest = batch]) => removeBatch(client, rest, signal))
  noteFiles(batch, rows)
  return withTheRest([batch], new Set(idsNumbered(batch, rows)), (left) => explain(client, left, signal))
}

/** A query does not show hidden rows: a target is removed only when the counters prove that nothing else was affected. */
async function withHiddenDependents(client: StoreClient, batch: Batch, signal: Signal): Promise<Outcomes> {
  if (batch.targets.length > 1) return inHalves(batch, (half) => removeBatch(client, half, signal))
  const outcomes = await explain(client, batch, signal)
  const mayBeRemoved = [...outcomes.values()].some(
    (outcome) => 'error' in outcome && outcome.error?.code === 'DUSTPAN_STILL_THERE',
  )
  return mayBeRemoved ? affectsHidden(batch) : outcomes
}

/** One bad row fails a whole statement: locked rows are left out, otherwise the batch is retried in halves. */
async function afterFailure(client: StoreClient, batch: Batch, error: unknown, signal: Signal): Promise<Outcomes> {
  forgetTables(client.store.id)
  const statement = `${batch.set ? 'UPDATE' : 'DELETE FROM'} ${readableTable(batch.table)}`
  if (isTransient(error)) return each(batch.targets, failed(statement, error))
  if (isLockTimeout(error))
    return withoutLocked([batch], lockLookup(client, signal), ([rest = batch]) => removeBatch(client, rest, signal))
  if (batch.targets.length === 1)
    return isReferred(error) ? explain(client, batch, signal) : each(batch.targets, failed(statement, error))
  return inHalves(batch, (half) => removeBatch(client, half, signal))
}

/**
 * Counts the rows that this session has deleted or changed in the tables that a removal reaches through foreign keys. The
 * count must not grow: another session may insert a row between our check and the removal. Much cheaper than locks.
 */
function touchedCounters({ table, set }: Batch): readonly Sql[] {
  const reached = table.referencedBy.filter(({ rule }) => rule !== 'restrict').map(({ oid }) => Number(oid))
  if (set || reached.length === 0) return []
  return [touchedCountSql(reached)]
}

/** Locks rows whose removal would affect others, so that no reference can be added between the check and the removal. */
function locksOf(batch: Batch): readonly Sql[] {
  if (batch.set || batch.table.referencedBy.every(({ rule }) => rule === 'restrict')) return []
  const parameters = new Parameters()
  const text = `SELECT FROM ${tableSql(batch.table)} t WHERE ${isTarget(batch, parameters)} FOR UPDATE`
  return [{ text, values: parameters.values }]
}

function removal(batch: Batch): Sql {
  const parameters = new Parameters()
  const where = `WHERE ${isTarget(batch, parameters)} AND ${isOurs(batch, parameters)}`
  const text = batch.set
    ? `UPDATE ${tableSql(batch.table)} t SET ${assignments(batch, parameters)} ${where}${isUnmarked(batch, parameters)}${hasNoFollowers(batch)}`
    : `DELETE FROM ${tableSql(batch.table)} t ${where}${conditions(batch)}`
  return { text, values: parameters.values }
}

/** The same removal, returning the numbers of the removed targets. */
function numberedRemoval(batch: Batch): Sql {
  const parameters = new Parameters()
  const targets = numbered(batch, parameters)
  const where = `WHERE ${isNumbered(batch)} AND ${isOurs(batch, parameters)}`
  const text = batch.set
    ? `UPDATE ${tableSql(batch.table)} t SET ${assignments(batch, parameters)} FROM ${targets} ${where}${isUnmarked(batch, parameters)}${hasNoFollowers(batch)} RETURNING k.n`
    : `DELETE FROM ${tableSql(batch.table)} t USING ${targets} ${where}${conditions(batch)} RETURNING k.n${fileOf(batch)}`
  return { text, values: parameters.values }
}

/** Setting a mark in a column that foreign keys refer to would change the referring rows too. */
function hasNoFollowers({ table, set = {} }: Batch): string {
  const referencedBy = table.referencedBy.filter(({ parentColumns }) =>
    parentColumns.some((name) => Object.hasOwn(set, name)),
  )
  return hasNoDependents({ referencedBy })
}

function conditions({ table }: Batch): string {
  return hasNoDependents(table) + foreignKeysAreKnown(table)
}
