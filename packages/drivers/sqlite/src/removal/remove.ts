/** Removes rows: one statement per table, all in one transaction; row by row only if a count falls short. */
import type { Json, RemovalContext, RemovalOutcome, ResourceId, Target } from '@dustpan/core/driver'
import { allGone, type Change, rolledBack } from '@dustpan/core/rows'
import { strike } from '../application/log-lines.ts'
import type { SqlValue } from '../client.ts'
import { changesAmong, restoreArgs } from '../restore/change.ts'
import { type Restored, restoreAround } from '../restore/restore-around.ts'
import { isAmong, keysParameter, tableName } from '../rows.ts'
import { readTables, sameName, type Table } from '../tables.ts'
import { type Batch, sortTargets } from './batches.ts'
import type { OpenStore } from './connection.ts'
import { hasDependents } from './dependents.ts'
import { type ForeignKey, readForeignKeys } from './foreign-keys.ts'
import { failed, heldOutcome, isBusy, isConstraint, marked, removed, skippedOutcome } from './outcomes.ts'
import { removeIndividually } from './remove-individually.ts'
import { noteFiles, type RemovalFiles } from './row-files.ts'
import { isSoftDeleted, newValues } from './soft-delete.ts'
import { filledIn } from './spec.ts'
import { attempt, RolledBack, removing, transact } from './transact.ts'

export type Outcomes = Map<ResourceId, RemovalOutcome>

export function removeRows(
  open: OpenStore,
  targets: readonly Target[],
  ctx: RemovalContext,
  files: RemovalFiles,
): Outcomes {
  const allWith = (outcome: RemovalOutcome): Outcomes => new Map(targets.map(({ id }) => [id, outcome]))
  if (ctx.signal.aborted) return allWith({ state: 'pending', why: 'budget', afterMs: 0 })
  const changes = changesAmong(targets)
  const rows = targets.filter(({ removal }) => !restoreArgs(removal))
  const remove = () => removeAll(open, rows, files)
  try {
    if (changes.length > 0) return removeAndRestore(open, changes, remove, ctx)
    return removing(open, ctx.deadline, () => requireAll(ctx, remove()))
  } catch (error) {
    if (error instanceof Incomplete) return rolledBack(error.outcomes)
    if (error instanceof RolledBack && !ctx.atomic && targets.length > 1)
      return new Map(targets.flatMap((target) => [...removeRows(open, [target], ctx, files)]))
    return allWith(isBusy(error) ? heldOutcome : failed(error))
  }
}

function requireAll({ atomic }: RemovalContext, outcomes: Outcomes): Outcomes {
  if (atomic && !allGone(outcomes)) throw new Incomplete(outcomes)
  return outcomes
}

/** Runs everything in one transaction; if a foreign key forbids that at its end, one by one. */
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
    requireAll(ctx, restored.outcomes)
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

/** Rolls the transaction back. */
class Incomplete extends Error {
  readonly outcomes: Outcomes

  constructor(outcomes: Outcomes) {
    super()
    this.outcomes = outcomes
  }
}

function removeAll(open: OpenStore, targets: readonly Target[], files: RemovalFiles): Outcomes {
  const outcomes: Outcomes = new Map()
  const tables = readTables(open.client).filter((table) => table.schema === open.schema)
  const { batches, sql, skipped } = sortTargets(open, tables, targets, (table) => files.of(table))
  for (const [target, why] of skipped) outcomes.set(target.id, skippedOutcome(why))
  for (const { target, args } of sql) outcomes.set(target.id, runSql(open, args.sql, filledIn(args.params, target.key)))
  for (const [id, outcome] of removeSorted(open, tables, batches)) outcomes.set(id, outcome)
  return outcomes
}

/** Removes rows of any tables together; if one cannot be removed, row by row. Must run in a transaction. */
export function removeSorted(open: OpenStore, tables: readonly Table[], batches: readonly Batch[]): Outcomes {
  const outcomes: Outcomes = new Map()
  const keys = readForeignKeys(open.client, open.schema, tables)
  if (removeTogether(open, batches, keys)) {
    for (const { id } of batches.flatMap((batch) => batch.targets)) outcomes.set(id, removed)
  } else {
    removeIndividually(open, batches, keys, outcomes)
  }
  reportMarked(batches, outcomes)
  return outcomes
}

function reportMarked(batches: readonly Batch[], outcomes: Outcomes): void {
  for (const { id } of batches.flatMap(({ set, targets }) => (set === undefined ? [] : targets)))
    if (outcomes.get(id) === removed) outcomes.set(id, marked)
}

/** Returns whether exactly the rows of all batches were removed; otherwise none were. */
export function removeTogether(open: OpenStore, batches: readonly Batch[], keys: readonly ForeignKey[]): boolean {
  try {
    return attempt(open.client, () =>
      batches.every((batch) => removeBatch(open, batch, keys, batches) === batch.targets.length),
    )
  } catch {
    return false // one row's trigger or constraint: removeIndividually() finds which
  }
}

/** `alongside`: the batches of the same transaction, which do not block the removal. Returns the number of rows. */
export function removeBatch(
  open: OpenStore,
  batch: Batch,
  keys: readonly ForeignKey[],
  alongside: readonly Batch[],
): number {
  const { lookup, set, targets } = batch
  const isTarget = isAmong(lookup, 'r', '?')
  const rows = keysParameter(lookup, targets)
  if (set !== undefined) {
    const values = newValues(lookup.table, set)
    const alreadyMarked = isSoftDeleted(lookup.table, 'r', set)
    // A mark in a referenced column would change the referring rows with it.
    const referencedKeys = keys.filter(({ to }) =>
      to.some((column) => Object.keys(set).some((name) => sameName(name, column))),
    )
    const referrers = hasDependents('r', batch, referencedKeys, [])
    // `OR ABORT`: a constraint's own conflict clause must not replace another row.
    const sql = `UPDATE OR ABORT ${tableName(lookup.table)} AS r SET ${values.text} WHERE ${isTarget} AND NOT (${alreadyMarked.text}) AND NOT (${referrers.text})`
    return open.client.run(sql, ...values.params, rows, ...alreadyMarked.params, ...referrers.params)
  }
  noteFiles(open, batch)
  const dependents = hasDependents('r', batch, keys, alongside)
  const sql = `DELETE FROM ${tableName(lookup.table)} AS r WHERE ${isTarget} AND NOT (${dependents.text})`
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
