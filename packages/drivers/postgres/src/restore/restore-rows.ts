import type { RemovalContext, Target } from '@dustpan/core/driver'
import { alreadyGone, asBefore, changeOf, type Outcomes, together } from '@dustpan/core/rows'
import type { StoreClient } from '../removal/own-client.ts'
import type { Change, RestoreArgs } from './change.ts'
import { strikeSql } from './change-sql.ts'
import { look, type SeenChange } from './look.ts'
import { tableGone, unrestored, unrestoredOutcome } from './outcomes.ts'
import { nameOf, tablesOf } from './restorable-tables.ts'
import { batchesOf, type Restored, restoreEach, restoreUpdates } from './restore-batch.ts'

type Signal = RemovalContext['signal']

/**
 * Restores rows before and after the removal of the rows that tests inserted. Changed rows are restored first where
 * possible: they may refer to a test's row and block its removal. The rest is restored afterwards, as a test's row may
 * block it.
 */
export async function restoreAround(
  client: StoreClient,
  targets: readonly Target[],
  signal: Signal,
  remove: () => Promise<Outcomes>,
): Promise<Outcomes> {
  if (targets.length === 0) return remove()
  const changes = targets.map((target) => changeOf<RestoreArgs>(target))
  const first = await restoreFirst(client, changes, signal)
  const removed = await remove()
  const rest = changes.filter(({ target }) => !first.has(target.id))
  return together([first, removed, await restoreRest(client, rest, signal)])
}

/** Restores what it can before the removal; failures are retried afterwards. */
async function restoreFirst(client: StoreClient, changes: readonly Change[], signal: Signal): Promise<Outcomes> {
  try {
    const due = dueChanges((await lookAtAll(client, changes, signal)).seen)
    return await restoreUpdates(client, batchesOf(due, 'update'), signal)
  } catch {
    return new Map()
  }
}

async function restoreRest(client: StoreClient, changes: readonly Change[], signal: Signal): Promise<Outcomes> {
  const restored: Restored = { outcomes: new Map(), failures: new Map() }
  const remaining = () => changes.filter(({ target }) => !restored.outcomes.has(target.id))
  try {
    await restoreAll(client, remaining, restored, signal)
  } catch (error) {
    for (const { target } of remaining()) restored.outcomes.set(target.id, unrestored(target, error))
  }
  return restored.outcomes
}

/**
 * Repeats as long as any row is restored: others may have waited for it, as its children, or because it held their unique
 * value. Of several changes of one row, only the newest one matches the row; then the next newest is due.
 */
async function restoreAll(
  client: StoreClient,
  remaining: () => readonly Change[],
  restored: Restored,
  signal: Signal,
): Promise<void> {
  const { outcomes, failures } = restored
  for (let before = -1; before < outcomes.size; ) {
    before = outcomes.size
    const { seen, missing } = await lookAtAll(client, remaining(), signal)
    for (const { target } of missing) outcomes.set(target.id, tableGone(target))
    const due = dueChanges(seen)
    await strike(client, due, restored, signal)
    await restoreEach(client, due, restored, signal)
    if (before < outcomes.size) continue
    for (const one of seen)
      outcomes.set(one.change.target.id, unrestoredOutcome(one, failures.get(one.change.target.id)))
    return
  }
}

async function lookAtAll(
  client: StoreClient,
  changes: readonly Change[],
  signal: Signal,
): Promise<{ readonly seen: readonly SeenChange[]; readonly missing: readonly Change[] }> {
  if (changes.length === 0) return { seen: [], missing: [] }
  const tables = await tablesOf(client, changes, signal)
  const seen = await look(client, tables, signal)
  const existing = new Set(tables.map(({ table }) => nameOf(table)))
  return { seen, missing: changes.filter(({ args }) => !existing.has(nameOf(args))) }
}

/** The newest change of each row that can be handled; all changes of rows that Dustpan has removed. */
function dueChanges(seen: readonly SeenChange[]): readonly SeenChange[] {
  const rowIds = new Set<string>()
  return seen.filter(({ state, rowId }) => {
    if (state.is === 'removed') return true
    if ((state.is !== 'ready' && state.is !== 'as-before') || rowIds.has(rowId)) return false
    rowIds.add(rowId)
    return true
  })
}

async function strike(
  client: StoreClient,
  due: readonly SeenChange[],
  { outcomes }: Restored,
  signal: Signal,
): Promise<void> {
  const done = due.filter(({ state: { is } }) => is === 'as-before' || is === 'removed')
  if (done.length === 0) return
  await client.run([strikeSql(done.map(({ change }) => change))], signal)
  for (const { state, change } of done) outcomes.set(change.target.id, state.is === 'removed' ? alreadyGone : asBefore)
}
