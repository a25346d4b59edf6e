/** Removes or keeps, according to policy, what a dead run left. Overdue resources are removed even while the run goes on. */
import type { Settings } from '../config/settings.ts'
import type { WriterIdentity } from '../journal/events.ts'
import { isRecorded, unknownRun } from '../journal/read.ts'
import { foldWhenChanged } from '../ledger/fold-when-changed.ts'
import { isGoingOn, isOver } from '../ledger/liveness.ts'
import { isSettled, readOutline } from '../ledger/outline.ts'
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
 * Returns the leftovers in their present state; for a run that goes on, only overdue ones.
 * @throws DustpanError `DUSTPAN_RUN_LOCKED` while another process cleans it, `DUSTPAN_UNKNOWN_RUN`.
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
  // Another cleaner may have removed some before the lock was taken.
  const due = overdueIn(run.folded(), settings)
  await run.remove(due)
  run.writeReport()
  return asRecorded(due, run)
}

/** Like {@link recoverRun}, for a run that certainly is over, and that perhaps only a store's log knows. */
export async function recover(run: LedgerRun, settings: Settings): Promise<readonly Resource[]> {
  const before = run.folded()
  // The application may since have written rows for requests that were in flight.
  if (!isOver(before) || before.intents.size > 0) await run.collect()
  if (run.isEmpty) return []
  await using _lock = await lockEverywhere(settings, run.folded().id)
  // Another machine may meanwhile have reported that the run is alive.
  if (isGoingOn(run.folded())) return []
  await run.resolve()
  const found = run.folded()
  const late = new Set(isOver(found) ? lateIn(found) : [])
  const left = [...new Set([...leftIn(found), ...late])]
  // Late resources may block older ones, so they are first.
  await run.sweepThese([...late])
  if (isOver(found)) await run.remove(left.filter((one) => !late.has(one)))
  else await run.sweep(found.ended ?? 'lost')
  run.writeReport(isOver(found) ? undefined : maxListed)
  // Outcomes are also set on these resources, except for those decided last.
  return late.size === 0 ? left : asRecorded(left, run)
}

/** Removed resources listed per scope for a killed run: `dustpan report` has all. */
const maxListed = 10

function asRecorded(resources: readonly Resource[], run: LedgerRun): readonly Resource[] {
  const now = run.folded().resources
  return resources.flatMap(({ id }) => now.get(id) ?? [])
}
