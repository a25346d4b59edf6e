/** What a run has left that somebody else than its own end is to remove. */
import { isDueAnyway, tooOldAt } from '../cleanup/expiry.ts'
import { neededBy } from '../cleanup/keep.ts'
import { clock } from '../clock/clock.ts'
import type { Settings } from '../config/settings.ts'
import type { FoldedRun } from '../ledger/folded-run.ts'
import { isGone, type Resource } from '../resource/resource.ts'

/** Of a run that is over: what is neither settled nor kept on purpose, and what was kept and is to be no more. */
export function leftIn(run: FoldedRun): readonly Resource[] {
  const now = clock.now()
  return dueIn(run, (resource) => isDueAnyway(resource, now), isLeft)
}

/**
 * Of a run that is over: what its end did not see, and so did not decide about: it was created, or found, later. Where there is any, also what
 * was refused: that may have been in the way.
 */
export function lateIn({ resources }: FoldedRun): readonly Resource[] {
  const all = [...resources.values()]
  const late = all.filter(isLate)
  return late.length === 0 ? [] : [...late, ...all.filter(isBlocked)]
}

const isLate = ({ state, released, set }: Resource): boolean =>
  state === 'live' && !released && set.lifetime !== 'persistent'

/** What stood in the way may be gone. A change that another one followed can be taken back once that is. */
export const isBlocked = ({ state, why }: Resource): boolean =>
  state === 'refused' && (why === 'has-dependents' || why === 'changed-since')

/** Of a run that goes on: what nobody is to wait for its end with. */
export function overdueIn(run: FoldedRun, settings: Settings): readonly Resource[] {
  const now = clock.now()
  return dueIn(
    run,
    (resource) => isDueAnyway(resource, now) || tooOldAt(resource, settings, run) <= now,
    () => false,
  )
}

/** By the clock alone: when what is there is due, in milliseconds since the epoch. */
export function dueTimes({ resources }: FoldedRun, dueAt: (resource: Resource) => number): readonly number[] {
  const there = [...resources.values()].filter((resource) => !isGone(resource.state) && isRemovable(resource))
  return there.map(dueAt).filter(Number.isFinite)
}

/** Never what something that stays depends on. */
function dueIn(
  { resources }: FoldedRun,
  isDue: (resource: Resource) => boolean,
  isOtherwiseDue: (resource: Resource) => boolean,
): readonly Resource[] {
  const there = [...resources.values()].filter(({ state }) => !isGone(state))
  const due = there.filter((resource) => isRemovable(resource) && isDue(resource))
  if (due.length === 0) return there.filter(isOtherwiseDue)
  const among = new Set(due)
  const staying = there.filter((resource) => !among.has(resource) && !isOtherwiseDue(resource))
  const needed = neededBy(staying, due)
  return there.filter((resource) => (among.has(resource) ? !needed.has(resource) : isOtherwiseDue(resource)))
}

const isRemovable = ({ state, set }: Resource): boolean =>
  set.steps.length > 0 && (state === 'live' || state === 'pending' || state === 'failed' || state === 'kept')

const isLeft = ({ state, set }: Resource): boolean =>
  (state === 'live' || state === 'pending' || state === 'failed') && set.lifetime !== 'persistent'
