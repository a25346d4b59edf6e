import {
  alreadyGone,
  asBefore,
  changeOf,
  type Outcomes,
  type RemovalContext,
  type Target,
  together,
} from '@dustpan/core/driver'
import type { StoreClient } from '../removal/own-client.ts'
import type { Change, RestoreArgs } from './change.ts'
import { strikeSql } from './change-sql.ts'
import { look, type Seen } from './look.ts'
import { leftAs, tableGone, unrestored } from './outcomes.ts'
import { nameOf, tablesOf } from './restorable-tables.ts'
import { batchesOf, type Restored, restoreEach, restoreUpdates } from './restore-batch.ts'

type Signal = RemovalContext['signal']

/**
 * Brings rows back, around the removal of those that tests inserted. What was changed goes first where it can: it may refer to a test's row, and
 * keep that from going. All else goes afterwards, as a test's row may be in its way.
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

/** What fails now has its turn later. */
async function restoreFirst(client: StoreClient, changes: readonly Change[], signal: Signal): Promise<Outcomes> {
  try {
    const due = nextOf((await lookAtAll(client, changes, signal)).seen)
    return await restoreUpdates(client, batchesOf(due, 'update'), signal)
  } catch {
    return new Map()
  }
}

async function restoreRest(client: StoreClient, changes: readonly Change[], signal: Signal): Promise<Outcomes> {
  const restored: Restored = { outcomes: new Map(), failures: new Map() }
  const left = () => changes.filter(({ target }) => !restored.outcomes.has(target.id))
  try {
    await restoreAll(client, left, restored, signal)
  } catch (error) {
    for (const { target } of left()) restored.outcomes.set(target.id, unrestored(target, error))
  }
  return restored.outcomes
}

/**
 * Goes on as long as any row is back: another one may have waited for it, as its child, or because it has its unique value. And of changes of one
 * row that followed each other, only the newest is as its scope left it; then it is the next one's turn.
 */
async function restoreAll(
  client: StoreClient,
  left: () => readonly Change[],
  restored: Restored,
  signal: Signal,
): Promise<void> {
  const { outcomes, failures } = restored
  for (let before = -1; before < outcomes.size; ) {
    before = outcomes.size
    const { seen, missing } = await lookAtAll(client, left(), signal)
    for (const { target } of missing) outcomes.set(target.id, tableGone(target))
    const due = nextOf(seen)
    await strike(client, due, restored, signal)
    await restoreEach(client, due, restored, signal)
    if (before < outcomes.size) continue
    for (const one of seen) outcomes.set(one.change.target.id, leftAs(one, failures.get(one.change.target.id)))
    return
  }
}

async function lookAtAll(
  client: StoreClient,
  changes: readonly Change[],
  signal: Signal,
): Promise<{ readonly seen: readonly Seen[]; readonly missing: readonly Change[] }> {
  if (changes.length === 0) return { seen: [], missing: [] }
  const tables = await tablesOf(client, changes, signal)
  const seen = await look(client, tables, signal)
  const there = new Set(tables.map(({ table }) => nameOf(table)))
  return { seen, missing: changes.filter(({ args }) => !there.has(nameOf(args))) }
}

/** Of each row the newest change that something can be done about; all changes of one that Dustpan has removed. */
function nextOf(seen: readonly Seen[]): readonly Seen[] {
  const places = new Set<string>()
  return seen.filter(({ standing, place }) => {
    if (standing.is === 'removed') return true
    if ((standing.is !== 'ready' && standing.is !== 'as-before') || places.has(place)) return false
    places.add(place)
    return true
  })
}

async function strike(
  client: StoreClient,
  due: readonly Seen[],
  { outcomes }: Restored,
  signal: Signal,
): Promise<void> {
  const done = due.filter(({ standing: { is } }) => is === 'as-before' || is === 'removed')
  if (done.length === 0) return
  await client.run([strikeSql(done.map(({ change }) => change))], signal)
  for (const { standing, change } of done)
    outcomes.set(change.target.id, standing.is === 'removed' ? alreadyGone : asBefore)
}
