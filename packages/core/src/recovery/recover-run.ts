/** A run whose processes are dead: what it left is removed, or kept, as the policy says. What is overdue goes also while it goes on. */
import type { Settings } from '../config/settings.ts'
import type { WriterIdentity } from '../ledger/events.ts'
import { foldWhenChanged } from '../ledger/fold-when-changed.ts'
import { isGoingOn, isOver } from '../ledger/liveness.ts'
import { isSettled, readOutline } from '../ledger/outline.ts'
import { isRecorded, unknownRun } from '../ledger/read.ts'
import type { Resource } from '../resource/resource.ts'
import { lockEverywhere } from '../shared/lock-everywhere.ts'
import { type LedgerRun, openLedgerRun, type Stoppable } from './ledger-run.ts'
import { lateIn, leftIn, overdueIn } from './leftovers.ts'

export interface Recovering extends Stoppable {
  readonly role: Extract<WriterIdentity['role'], 'cli' | 'reaper'>
  /** Who does it, for the record: `dustpan at start`. */
  readonly runner: string
}

/**
 * What it found left, as it is now; nothing but what is overdue of a run that goes on.
 * @throws DustpanError `DUSTPAN_RUN_LOCKED` while somebody else cleans it, `DUSTPAN_UNKNOWN_RUN`.
 */
export async function recoverRun(settings: Settings, id: string, by: Recovering): Promise<readonly Resource[]> {
  const outline = readOutline(settings.dir, id)
  if (isSettled(outline) && isOver(outline)) return []
  if (!isRecorded(settings.dir, id)) throw unknownRun(settings.dir, id)
  const fold = foldWhenChanged(settings.dir, id)
  const folded = fold()
  const goesOn = isGoingOn(folded)
  const due = goesOn ? overdueIn(folded, settings) : leftIn(folded)
  if (due.length === 0 && (goesOn || (isOver(folded) && folded.intents.size === 0))) return []
  await using run = await openLedgerRun(settings, { run: id, runner: by.runner, stop: by.stop }, by.role, fold)
  if (!run) return []
  return goesOn ? removeOverdue(run, settings) : recover(run, settings)
}

async function removeOverdue(run: LedgerRun, settings: Settings): Promise<readonly Resource[]> {
  await using _lock = await lockEverywhere(settings, run.folded().id)
  // What another cleaner has removed until now is on record.
  const due = overdueIn(run.folded(), settings)
  await run.remove(due)
  run.writeReport()
  return asTheyAre(due, run)
}

/** As {@link recoverRun} does, for a run that certainly does not go on, and of which perhaps only a store's own log knows. */
export async function recover(run: LedgerRun, settings: Settings): Promise<readonly Resource[]> {
  const before = run.folded()
  // What was under way when it ended, the application may have written since.
  if (!isOver(before) || before.intents.size > 0) await run.collect()
  if (run.isEmpty) return []
  await using _lock = await lockEverywhere(settings, run.folded().id)
  // Another machine may have told meanwhile that it is not dead.
  if (isGoingOn(run.folded())) return []
  await run.resolve()
  const found = run.folded()
  const late = new Set(isOver(found) ? lateIn(found) : [])
  const left = [...new Set([...leftIn(found), ...late])]
  // They came last, and may be in the way of what was there before.
  await run.sweepThese([...late])
  if (isOver(found)) await run.remove(left.filter((one) => !late.has(one)))
  else await run.sweep(found.ended ?? 'lost')
  run.writeReport(isOver(found) ? undefined : toldOneByOne)
  // What came of them stands in the resources, too, but for what was decided last.
  return late.size === 0 ? left : asTheyAre(left, run)
}

/** What was removed of a run that was killed, in each scope: `dustpan report` has all. */
const toldOneByOne = 10

function asTheyAre(resources: readonly Resource[], run: LedgerRun): readonly Resource[] {
  const now = run.folded().resources
  return resources.flatMap(({ id }) => now.get(id) ?? [])
}
