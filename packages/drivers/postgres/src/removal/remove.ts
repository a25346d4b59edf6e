import {
  each,
  idsNumbered,
  inHalves,
  type Outcomes,
  type RemovalContext,
  removed,
  withoutLocked,
  withTheRest,
} from '@dustpan/core/driver'
import { readableTable } from '../names.ts'
import type { Batch } from './batches.ts'
import type { Answer, Sql } from './exchange.ts'
import { explain } from './explain.ts'
import { hiddenFrom, takesHiddenAlong, touchedIn } from './hidden-dependents.ts'
import { failed, isLockTimeout, isPassing, isReferred } from './outcomes.ts'
import type { StoreClient } from './own-client.ts'
import { looksAt } from './present-targets.ts'
import { fileOf, noteFiles } from './row-files.ts'
import { refuseSeveral, severalIn } from './several-rows.ts'
import { forgetShapes, shapesOf } from './shapes.ts'
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
  tableOf,
} from './statement-parts.ts'
import { inTransaction } from './transaction.ts'

type Signal = RemovalContext['signal']

/** Removes a batch by one statement; what that leaves is looked at more closely, and one bad row does not keep the rest. */
export async function removeBatch(client: StoreClient, batch: Batch, signal: Signal): Promise<Outcomes> {
  try {
    const removing = removesAll(client, batch, signal)
    // Made ready while the server is at it.
    const outcomes = each(batch.targets, removed)
    const went = await removing
    if (went === 'all') return outcomes
    if (went === 'more') return await apartFromSeveral(client, batch, signal)
    return await removeSome(client, await reread(client, batch, signal), signal)
  } catch (error) {
    return afterFailure(client, batch, error, signal)
  }
}

/**
 * Several tables in one transaction and one round trip, in the order given. False when something was unexpected in any of them: then nothing
 * was removed, and they are to be removed one by one.
 */
export async function removesTogether(
  client: StoreClient,
  batches: readonly Batch[],
  signal: Signal,
): Promise<boolean> {
  try {
    const attempts = batches.map(attemptAt)
    const all = ([, ...answers]: readonly Answer[]) =>
      attempts.every(({ statements, isWhole }) => isWhole(answers.splice(0, statements.length)))
    const statements = attempts.flatMap((attempt) => attempt.statements)
    const answers = await inTransaction(client, statements, all, signal)
    if (!all(answers)) return false
    noteAll(attempts, answers)
    return true
  } catch {
    return false
  }
}

/** Commits only when every target was there and could go, and took nothing else along. `more`: several rows go by one key. */
async function removesAll(client: StoreClient, batch: Batch, signal: Signal): Promise<'all' | 'more' | 'others'> {
  const attempt = attemptAt(batch)
  const all = ([, ...answers]: readonly Answer[]) => attempt.isWhole(answers)
  const answers = await inTransaction(client, attempt.statements, all, signal)
  if (!all(answers)) return attempt.count(answers.slice(1)) > batch.targets.length ? 'more' : 'others'
  noteAll([attempt], answers)
  return 'all'
}

async function apartFromSeveral(client: StoreClient, batch: Batch, signal: Signal): Promise<Outcomes> {
  const remove = (rest: Batch) => removeBatch(client, rest, signal)
  return batch.targets.length === 1
    ? refuseSeveral([batch], batch.targets, ([rest = batch]) => remove(rest))
    : inHalves(batch, remove)
}

/** The files of what went, now that it is committed. */
function noteAll(attempts: readonly Attempt[], [, ...answers]: readonly Answer[]): void {
  for (const { statements, note } of attempts) note(answers.splice(0, statements.length))
}

interface Attempt {
  readonly statements: readonly Sql[]
  /** Whether every target went, and nothing else. */
  isWhole(answers: readonly Answer[]): boolean
  /** How many rows went. */
  count(answers: readonly Answer[]): number
  note(answers: readonly Answer[]): void
}

function attemptAt(batch: Batch): Attempt {
  const touched = touchedRows(batch)
  return {
    statements: [...touched, batch.files ? numberedRemoval(batch) : removal(batch), ...touched],
    note: (answers) => noteFiles(batch, answers[touched.length]?.rows ?? []),
    count: (answers) => answers[touched.length]?.count ?? 0,
    isWhole(answers) {
      const [before, after] = touched.length > 0 ? [answers[0]?.rows[0]?.[0], answers[2]?.rows[0]?.[0]] : ['', '']
      return answers[touched.length]?.count === batch.targets.length && typeof before === 'string' && before === after
    },
  }
}

/** Something was unexpected: perhaps the table has other foreign keys than were read. */
async function reread(client: StoreClient, batch: Batch, signal: Signal): Promise<Batch> {
  forgetShapes(client.store.id)
  const shapeOf = await shapesOf(client, [batch.shape], signal)
  return { ...batch, shape: shapeOf(batch.shape) ?? batch.shape }
}

/** Removes what can go, asking which that was, and explains the rest. Dearer by half, so only where rows were left. */
async function removeSome(client: StoreClient, batch: Batch, signal: Signal): Promise<Outcomes> {
  if (!batch.set && hiddenFrom(batch.shape).length > 0) return withHiddenDependents(client, batch, signal)
  const one = (answers: readonly Answer[]) => severalIn(batch, answers.at(-1)?.rows ?? []).length === 0
  const answers = await inTransaction(client, [...locksOf(batch), numberedRemoval(batch)], one, signal)
  const rows = answers.at(-1)?.rows ?? []
  if (!one(answers))
    return refuseSeveral([batch], severalIn(batch, rows), ([rest = batch]) => removeBatch(client, rest, signal))
  noteFiles(batch, rows)
  return withTheRest([batch], new Set(idsNumbered(batch, rows)), (left) => explain(client, left, signal))
}

/** A look says nothing of rows that are hidden: only those go whose removal is seen to take nothing along. */
async function withHiddenDependents(client: StoreClient, batch: Batch, signal: Signal): Promise<Outcomes> {
  if (batch.targets.length > 1) return inHalves(batch, (half) => removeBatch(client, half, signal))
  const outcomes = await explain(client, batch, signal)
  const isThere = [...outcomes.values()].some(
    (outcome) => 'error' in outcome && outcome.error?.code === 'DUSTPAN_STILL_THERE',
  )
  return isThere ? takesHiddenAlong(batch) : outcomes
}

/** One bad row fails a whole statement: rows that are held are left out, else the batch is tried in halves. */
async function afterFailure(client: StoreClient, batch: Batch, error: unknown, signal: Signal): Promise<Outcomes> {
  forgetShapes(client.store.id)
  const what = `${batch.set ? 'UPDATE' : 'DELETE FROM'} ${readableTable(batch.shape)}`
  if (isPassing(error)) return each(batch.targets, failed(what, error))
  if (isLockTimeout(error))
    return withoutLocked([batch], looksAt(client, signal), ([rest = batch]) => removeBatch(client, rest, signal))
  if (batch.targets.length === 1)
    return isReferred(error) ? explain(client, batch, signal) : each(batch.targets, failed(what, error))
  return inHalves(batch, (half) => removeBatch(client, half, signal))
}

/**
 * How many rows this session has deleted or changed in the tables that a removal would reach through foreign keys: it must not grow, though a
 * stranger may add a row between our look and the removal. Much cheaper than locks.
 */
function touchedRows({ shape, set }: Batch): readonly Sql[] {
  const reached = shape.referencedBy.filter(({ rule }) => rule !== 'restrict').map(({ oid }) => Number(oid))
  if (set || reached.length === 0) return []
  return [touchedIn(reached)]
}

/** Rows whose removal would take others along are held, so that nobody can add one between the look and the removal. */
function locksOf(batch: Batch): readonly Sql[] {
  if (batch.set || batch.shape.referencedBy.every(({ rule }) => rule === 'restrict')) return []
  const parameters = new Parameters()
  const text = `SELECT FROM ${tableOf(batch.shape)} t WHERE ${isTarget(batch, parameters)} FOR UPDATE`
  return [{ text, values: parameters.values }]
}

function removal(batch: Batch): Sql {
  const parameters = new Parameters()
  const where = `WHERE ${isTarget(batch, parameters)} AND ${isOurs(batch, parameters)}`
  const text = batch.set
    ? `UPDATE ${tableOf(batch.shape)} t SET ${assignments(batch, parameters)} ${where}${isUnmarked(batch, parameters)}${nobodyFollows(batch)}`
    : `DELETE FROM ${tableOf(batch.shape)} t ${where}${conditions(batch)}`
  return { text, values: parameters.values }
}

/** The same, saying which targets it removed. */
function numberedRemoval(batch: Batch): Sql {
  const parameters = new Parameters()
  const targets = numbered(batch, parameters)
  const where = `WHERE ${isNumbered(batch)} AND ${isOurs(batch, parameters)}`
  const text = batch.set
    ? `UPDATE ${tableOf(batch.shape)} t SET ${assignments(batch, parameters)} FROM ${targets} ${where}${isUnmarked(batch, parameters)}${nobodyFollows(batch)} RETURNING k.n`
    : `DELETE FROM ${tableOf(batch.shape)} t USING ${targets} ${where}${conditions(batch)} RETURNING k.n${fileOf(batch)}`
  return { text, values: parameters.values }
}

/** A mark in a column that others refer to would change their rows with it. */
function nobodyFollows({ shape, set = {} }: Batch): string {
  const referencedBy = shape.referencedBy.filter(({ parentColumns }) =>
    parentColumns.some((name) => Object.hasOwn(set, name)),
  )
  return hasNoDependents({ referencedBy })
}

function conditions({ shape }: Batch): string {
  return hasNoDependents(shape) + foreignKeysAreKnown(shape)
}
