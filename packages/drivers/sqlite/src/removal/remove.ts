/** Removes rows: one statement for each table, all in one transaction; a closer look only where a count falls short. */
import {
  allGone,
  type Change,
  type Json,
  type RemovalContext,
  type RemovalOutcome,
  type ResourceId,
  rolledBack,
  type Target,
} from '@dustpan/core/driver'
import { strike } from '../application/log-lines.ts'
import type { SqlValue } from '../client.ts'
import { changesAmong, restoreArgs } from '../restore/change.ts'
import { type Restored, restoreAround } from '../restore/restore-around.ts'
import { isAmong, keysParameter, tableName } from '../rows.ts'
import { readTables, sameName, type Table } from '../tables.ts'
import { type Batch, sortTargets } from './batches.ts'
import { lookCloser } from './closer-look.ts'
import type { OpenStore } from './connection.ts'
import { hasDependents } from './dependents.ts'
import { type ForeignKey, readForeignKeys } from './foreign-keys.ts'
import { asideOutcome, failed, heldOutcome, isBusy, isConstraint, marked, removed } from './outcomes.ts'
import { type FilesOfRemoval, noteFiles } from './row-files.ts'
import { isSoftDeleted, newValues } from './soft-delete.ts'
import { filledIn } from './spec.ts'
import { attempt, removing, TakenBack, transact } from './transact.ts'

export type Outcomes = Map<ResourceId, RemovalOutcome>

export function removeRows(
  open: OpenStore,
  targets: readonly Target[],
  ctx: RemovalContext,
  files: FilesOfRemoval,
): Outcomes {
  const everyone = (outcome: RemovalOutcome): Outcomes => new Map(targets.map(({ id }) => [id, outcome]))
  if (ctx.signal.aborted) return everyone({ state: 'pending', why: 'budget', afterMs: 0 })
  const changes = changesAmong(targets)
  const rows = targets.filter(({ removal }) => !restoreArgs(removal))
  const remove = () => removeAll(open, rows, files)
  try {
    if (changes.length > 0) return removeAndRestore(open, changes, remove, ctx)
    return removing(open, ctx.deadline, () => wholeIf(ctx, remove()))
  } catch (error) {
    if (error instanceof NotWhole) return rolledBack(error.outcomes)
    if (error instanceof TakenBack && !ctx.atomic && targets.length > 1)
      return new Map(targets.flatMap((target) => [...removeRows(open, [target], ctx, files)]))
    return everyone(isBusy(error) ? heldOutcome : failed(error))
  }
}

function wholeIf({ atomic }: RemovalContext, outcomes: Outcomes): Outcomes {
  if (atomic && !allGone(outcomes)) throw new NotWhole(outcomes)
  return outcomes
}

/** All in one transaction; where a foreign key forbids that at its end, one by one. */
function removeAndRestore(
  open: OpenStore,
  changes: readonly Change[],
  remove: () => Outcomes,
  ctx: RemovalContext,
): Outcomes {
  const { client } = open
  const forget = ({ struck }: Restored) => strike(client, struck)
  const together = () => {
    const restored = restoreAround(client, changes, (run) => attempt(client, run), remove)
    wholeIf(ctx, restored.outcomes)
    return restored
  }
  try {
    return removing(open, ctx.deadline, together, forget).outcomes
  } catch (error) {
    if (ctx.atomic || !isConstraint(error)) throw error
  }
  const alone = <T>(run: () => T) => removing(open, ctx.deadline, run)
  const restored = restoreAround(client, changes, alone, () => alone(remove))
  transact(open, ctx.deadline, () => forget(restored))
  return restored.outcomes
}

/** Takes the transaction back. */
class NotWhole extends Error {
  readonly outcomes: Outcomes

  constructor(outcomes: Outcomes) {
    super()
    this.outcomes = outcomes
  }
}

function removeAll(open: OpenStore, targets: readonly Target[], files: FilesOfRemoval): Outcomes {
  const outcomes: Outcomes = new Map()
  const tables = readTables(open.client).filter((table) => table.schema === open.schema)
  const { batches, sql, aside } = sortTargets(open, tables, targets, (table) => files.of(table))
  for (const [target, why] of aside) outcomes.set(target.id, asideOutcome(why))
  for (const { target, args } of sql) outcomes.set(target.id, runSql(open, args.sql, filledIn(args.params, target.key)))
  for (const [id, outcome] of removeSorted(open, tables, batches)) outcomes.set(id, outcome)
  return outcomes
}

/** Rows of any tables at once; where one cannot go, a closer look tells which. Inside a transaction. */
export function removeSorted(open: OpenStore, tables: readonly Table[], batches: readonly Batch[]): Outcomes {
  const outcomes: Outcomes = new Map()
  const keys = readForeignKeys(open.client, open.schema, tables)
  if (removeTogether(open, batches, keys)) {
    for (const { id } of batches.flatMap((batch) => batch.targets)) outcomes.set(id, removed)
  } else {
    lookCloser(open, batches, keys, outcomes)
  }
  tellMarked(batches, outcomes)
  return outcomes
}

function tellMarked(batches: readonly Batch[], outcomes: Outcomes): void {
  for (const { id } of batches.flatMap(({ set, targets }) => (set === undefined ? [] : targets)))
    if (outcomes.get(id) === removed) outcomes.set(id, marked)
}

/** Whether exactly the rows of all batches went; otherwise none did. */
export function removeTogether(open: OpenStore, batches: readonly Batch[], keys: readonly ForeignKey[]): boolean {
  try {
    return attempt(open.client, () =>
      batches.every((batch) => removeBatch(open, batch, keys, batches) === batch.targets.length),
    )
  } catch {
    return false // one row's trigger or constraint: the closer look finds which
  }
}

/** `going`: what goes in the same transaction, and does not stand in the way. Answers the number of rows. */
export function removeBatch(
  open: OpenStore,
  batch: Batch,
  keys: readonly ForeignKey[],
  going: readonly Batch[],
): number {
  const { lookup, set, targets } = batch
  const among = isAmong(lookup, 'r', '?')
  const rows = keysParameter(lookup, targets)
  if (set !== undefined) {
    const values = newValues(lookup.table, set)
    const done = isSoftDeleted(lookup.table, 'r', set)
    // A mark in a column that others refer to would change their rows with it.
    const moved = keys.filter(({ to }) => to.some((column) => Object.keys(set).some((name) => sameName(name, column))))
    const followed = hasDependents('r', batch, moved, [])
    // `OR ABORT`: whatever a constraint of the table says, no other row gives way.
    const sql = `UPDATE OR ABORT ${tableName(lookup.table)} AS r SET ${values.text} WHERE ${among} AND NOT (${done.text}) AND NOT (${followed.text})`
    return open.client.run(sql, ...values.params, rows, ...done.params, ...followed.params)
  }
  noteFiles(open, batch)
  const dependents = hasDependents('r', batch, keys, going)
  const sql = `DELETE FROM ${tableName(lookup.table)} AS r WHERE ${among} AND NOT (${dependents.text})`
  return open.client.run(sql, rows, ...dependents.params)
}

function runSql(open: OpenStore, sql: string, params: readonly Json[]): RemovalOutcome {
  try {
    const changes = attempt(open.client, () => open.client.run(sql, ...params.map(bindable)))
    return { state: changes === 0 ? 'already-gone' : 'removed', result: `${changes} ${changes === 1 ? 'row' : 'rows'}` }
  } catch (error) {
    return failed(error)
  }
}

function bindable(param: Json): SqlValue {
  if (typeof param === 'boolean') return param ? 1 : 0
  return typeof param === 'object' && param !== null ? JSON.stringify(param) : (param as SqlValue)
}
