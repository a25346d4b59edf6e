/** When a run's resources become due, for a process that waits for that. */

import type { Settings } from '../config/settings.ts'
import type { FoldedRun } from '../ledger/folded-run.ts'
import { isOver } from '../ledger/liveness.ts'
import { foldAndOutline, isSettled, journalsIn, readOutline } from '../ledger/outline.ts'
import { dueBy, tooOldAt } from '../planning/expiry.ts'
import { dueTimes } from './leftovers.ts'

export interface RunDue {
  /** In milliseconds since the epoch, ascending. A run whose processes are dead is due as a whole at the first of these. */
  readonly times: readonly number[]
  /** Whether the run has new records since. */
  hasChanged(): boolean
}

/** @throws DustpanError `DUSTPAN_UNKNOWN_RUN` */
export function whenDue(settings: Settings, id: string): RunDue {
  const { dir } = settings
  const journals = JSON.stringify(journalsIn(dir, id))
  const hasChanged = () => JSON.stringify(journalsIn(dir, id)) !== journals
  const times = isSettled(readOutline(dir, id)) ? [] : timesOf(foldAndOutline(dir, id), settings)
  return { times, hasChanged }
}

function timesOf(run: FoldedRun, settings: Settings): readonly number[] {
  const times = dueTimes(run, isOver(run) ? dueBy : (one) => Math.min(dueBy(one), tooOldAt(one, settings, run)))
  return [...new Set(times)].sort((a, b) => a - b)
}
