/** Finds out row by row what a batch as a whole did not tell. Everything here is inside the removal's transaction. */
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

/** How many of a row's dependents are named. */
const shown = 10

export function lookCloser(
  open: OpenStore,
  batches: readonly Batch[],
  keys: readonly ForeignKey[],
  outcomes: Outcomes,
): void {
  let going = batches.map((batch) => ours(open, batch, outcomes))
  for (;;) {
    const free = going.map((batch) => unreferenced(open, batch, keys, going, outcomes))
    const isSettled = free.every((batch, i) => batch.targets.length === going[i]?.targets.length)
    going = free
    if (isSettled) break
  }
  const rest = going.filter((batch) => batch.targets.length > 0)
  if (removeTogether(open, rest, keys)) {
    for (const { id } of rest.flatMap((batch) => batch.targets)) outcomes.set(id, removed)
  } else {
    oneByOne(open, rest, keys, outcomes)
  }
}

/** The targets that are there and are still what was created. */
function ours(open: OpenStore, batch: Batch, outcomes: Outcomes): Batch {
  const there = countByTarget(open, batch, false)
  const same = countByTarget(open, batch, true)
  return filtered(batch, outcomes, (target, i) => {
    if (!there.has(i)) return alreadyGone
    if (!same.has(i))
      return notOurs(
        `${batch.lookup.table.name} ${JSON.stringify(target.key)} has another ${batch.lookup.match.join(', ')}`,
      )
    if ((there.get(i) ?? 0) > 1)
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

/** The targets that only rows refer to which go along. Those that stay hold on to what they refer to: hence again and again. */
function unreferenced(
  open: OpenStore,
  batch: Batch,
  keys: readonly ForeignKey[],
  going: readonly Batch[],
  outcomes: Outcomes,
): Batch {
  if (batch.set !== undefined || batch.targets.length === 0) return batch
  const dependents = hasDependents('x', batch, keys, going)
  const sql = `SELECT j.key AS i FROM ${found(batch.lookup, '?', true)} WHERE ${dependents.text}`
  const rows = open.client.all(sql, keysParameter(batch.lookup, batch.targets), ...dependents.params)
  const held = new Set(rows.map((row) => Number(row.i)))
  return filtered(batch, outcomes, (target, i) =>
    held.has(i) ? blockedBy(open, batch, target, keys, going) : undefined,
  )
}

function blockedBy(
  open: OpenStore,
  batch: Batch,
  target: Target,
  keys: readonly ForeignKey[],
  going: readonly Batch[],
): RemovalOutcome {
  const alone = { ...batch, targets: [target] }
  const rows = keysTo(batch, keys).flatMap((key) => dependentRows(open.client, alone, key, going, shown))
  return blocked(rows.slice(0, shown).map(({ key, row }) => ({ type: key.child.name, key: row })))
}

/** One row that cannot go must not keep the others: each in its own savepoint, again while that frees others. */
function oneByOne(open: OpenStore, batches: readonly Batch[], keys: readonly ForeignKey[], outcomes: Outcomes): void {
  let left = batches.flatMap((batch) => batch.targets.map((target) => ({ ...batch, targets: [target] })))
  for (;;) {
    const stayed = left.filter((single) => !settleOne(open, single, keys, outcomes))
    if (stayed.length === left.length || stayed.length === 0) return
    left = stayed
  }
}

function settleOne(open: OpenStore, single: Batch, keys: readonly ForeignKey[], outcomes: Outcomes): boolean {
  const [target] = single.targets
  if (target === undefined) return true
  try {
    const went = attempt(open.client, () => removeBatch(open, single, keys, [single]) === 1)
    const rows = went
      ? []
      : keysTo(single, keys).flatMap((key) => dependentRows(open.client, single, key, [single], shown))
    const dependents = rows.map(({ key, row }) => ({ type: key.child.name, key: row }))
    const otherwise = dependents.length > 0 ? blocked(dependents) : stillThere(single.lookup.table.name)
    outcomes.set(target.id, went ? removed : otherwise)
    return went
  } catch (error) {
    outcomes.set(target.id, failed(error))
    return false
  }
}

function filtered(
  batch: Batch,
  outcomes: Outcomes,
  judge: (target: Target, index: number) => RemovalOutcome | undefined,
): Batch {
  const targets = batch.targets.filter((target, i) => {
    const outcome = judge(target, i)
    if (outcome !== undefined) outcomes.set(target.id, outcome)
    return outcome === undefined
  })
  return { ...batch, targets }
}
