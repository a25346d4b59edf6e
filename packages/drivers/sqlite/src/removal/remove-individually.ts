/** Determines outcomes row by row after a batch failed as a whole. Runs inside the removal's transaction. */
import type { RemovalOutcome, Target } from '@dustpan/core/driver'
import { found, keysParameter } from '../rows.ts'
import type { Batch } from './batches.ts'
import type { OpenStore } from './connection.ts'
import { dependentRows, hasDependents, keysTo } from './dependents.ts'
import type { ForeignKey } from './foreign-keys.ts'
import { alreadyGone, blocked, failed, notOurs, removed, stillThere } from './outcomes.ts'
import { type Outcomes, removeBatch, removeTogether } from './remove.ts'
import { isSoftDeleted } from './soft-delete.ts'
import { attempt } from './transact.ts'

/** Maximum number of dependents named per row. */
const maxShown = 10

export function removeIndividually(
  open: OpenStore,
  batches: readonly Batch[],
  keys: readonly ForeignKey[],
  outcomes: Outcomes,
): void {
  let remaining = batches.map((batch) => existingTargets(open, batch, outcomes))
  for (;;) {
    const unblocked = remaining.map((batch) => unreferenced(open, batch, keys, remaining, outcomes))
    const isSettled = unblocked.every((batch, i) => batch.targets.length === remaining[i]?.targets.length)
    remaining = unblocked
    if (isSettled) break
  }
  const rest = remaining.filter((batch) => batch.targets.length > 0)
  if (removeTogether(open, rest, keys)) {
    for (const { id } of rest.flatMap((batch) => batch.targets)) outcomes.set(id, removed)
  } else {
    removeOneByOne(open, rest, keys, outcomes)
  }
}

/** The targets that exist and are still the created rows. */
function existingTargets(open: OpenStore, batch: Batch, outcomes: Outcomes): Batch {
  const present = countByTarget(open, batch, false)
  const unchanged = countByTarget(open, batch, true)
  return filtered(batch, outcomes, (target, i) => {
    if (!present.has(i)) return alreadyGone
    if (!unchanged.has(i))
      return notOurs(
        `${batch.lookup.table.name} ${JSON.stringify(target.key)} has another ${batch.lookup.match.join(', ')}`,
      )
    if ((present.get(i) ?? 0) > 1)
      return notOurs(`Several rows of ${batch.lookup.table.name} have ${JSON.stringify(target.key)}`)
    return undefined
  })
}

function countByTarget(open: OpenStore, batch: Batch, strict: boolean): Map<number, number> {
  const soft = strict || batch.set === undefined ? undefined : isSoftDeleted(batch.lookup.table, 'x', batch.set)
  const where = soft === undefined ? '' : ` WHERE NOT (${soft.text})`
  const sql = `SELECT j.key AS i, count(*) AS n FROM ${found(batch.lookup, '?', strict)}${where} GROUP BY j.key`
  const rows = open.client.all(sql, keysParameter(batch.lookup, batch.targets), ...(soft?.params ?? []))
  return new Map(rows.map((row) => [Number(row.i), Number(row.n)]))
}

/** The targets that only rows being removed refer to. Called repeatedly: a target that stays blocks the rows it refers to. */
function unreferenced(
  open: OpenStore,
  batch: Batch,
  keys: readonly ForeignKey[],
  remaining: readonly Batch[],
  outcomes: Outcomes,
): Batch {
  if (batch.set !== undefined || batch.targets.length === 0) return batch
  const dependents = hasDependents('x', batch, keys, remaining)
  const sql = `SELECT j.key AS i FROM ${found(batch.lookup, '?', true)} WHERE ${dependents.text}`
  const rows = open.client.all(sql, keysParameter(batch.lookup, batch.targets), ...dependents.params)
  const blockedIndexes = new Set(rows.map((row) => Number(row.i)))
  return filtered(batch, outcomes, (target, i) =>
    blockedIndexes.has(i) ? blockedBy(open, batch, target, keys, remaining) : undefined,
  )
}

function blockedBy(
  open: OpenStore,
  batch: Batch,
  target: Target,
  keys: readonly ForeignKey[],
  remaining: readonly Batch[],
): RemovalOutcome {
  const alone = { ...batch, targets: [target] }
  const rows = keysTo(batch, keys).flatMap((key) => dependentRows(open.client, alone, key, remaining, maxShown))
  return blocked(rows.slice(0, maxShown).map(({ key, row }) => ({ type: key.child.name, key: row })))
}

/**
 * Removes rows one by one, each in its own savepoint, so that one failure does not block the others; repeats while that unblocks
 * others.
 */
function removeOneByOne(
  open: OpenStore,
  batches: readonly Batch[],
  keys: readonly ForeignKey[],
  outcomes: Outcomes,
): void {
  let left = batches.flatMap((batch) => batch.targets.map((target) => ({ ...batch, targets: [target] })))
  for (;;) {
    const failedRows = left.filter((single) => !removeOne(open, single, keys, outcomes))
    if (failedRows.length === left.length || failedRows.length === 0) return
    left = failedRows
  }
}

function removeOne(open: OpenStore, single: Batch, keys: readonly ForeignKey[], outcomes: Outcomes): boolean {
  const [target] = single.targets
  if (target === undefined) return true
  try {
    const isRemoved = attempt(open.client, () => removeBatch(open, single, keys, [single]) === 1)
    const rows = isRemoved
      ? []
      : keysTo(single, keys).flatMap((key) => dependentRows(open.client, single, key, [single], maxShown))
    const dependents = rows.map(({ key, row }) => ({ type: key.child.name, key: row }))
    const failure = dependents.length > 0 ? blocked(dependents) : stillThere(single.lookup.table.name)
    outcomes.set(target.id, isRemoved ? removed : failure)
    return isRemoved
  } catch (error) {
    outcomes.set(target.id, failed(error))
    return false
  }
}

function filtered(
  batch: Batch,
  outcomes: Outcomes,
  outcomeFor: (target: Target, index: number) => RemovalOutcome | undefined,
): Batch {
  const targets = batch.targets.filter((target, i) => {
    const outcome = outcomeFor(target, i)
    if (outcome !== undefined) outcomes.set(target.id, outcome)
    return outcome === undefined
  })
  return { ...batch, targets }
}
