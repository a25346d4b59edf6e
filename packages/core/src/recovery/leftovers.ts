/** Resources that a run left, to be removed after its end or by another process. */

import { clock } from '../clock/clock.ts'
import type { Settings } from '../config/settings.ts'
import type { FoldedRun } from '../ledger/folded-run.ts'
import { isDueAnyway, tooOldAt } from '../planning/expiry.ts'
import { neededBy } from '../planning/keep.ts'
import { isGone, type Resource } from '../resource/resource.ts'

/** For a run that is over: resources neither settled nor kept on purpose, and kept ones that are due by now. */
export function leftIn(run: FoldedRun): readonly Resource[] {
  const now = clock.now()
  return dueIn(run, (resource) => isDueAnyway(resource, now), isLeft)
}

/**
 * For a run that is over: resources that were created or found after its end had decided about the others. If there are any, also those that
 * were refused: the late ones may have been the reason.
 */
export function lateIn({ resources }: FoldedRun): readonly Resource[] {
  const all = [...resources.values()]
  const late = all.filter(isLate)
  return late.length === 0 ? [] : [...late, ...all.filter(isBlocked)]
}

const isLate = ({ state, released, set }: Resource): boolean =>
  state === 'live' && !released && set.lifetime !== 'persistent'

/** The blocking resource may be gone by now. A change can be undone once a later change to the same row is undone. */
export const isBlocked = ({ state, why }: Resource): boolean =>
  state === 'refused' && (why === 'has-dependents' || why === 'changed-since')

/** For a run that goes on: resources that do not wait for its end. */
export function overdueIn(run: FoldedRun, settings: Settings): readonly Resource[] {
  const now = clock.now()
  return dueIn(
    run,
    (resource) => isDueAnyway(resource, now) || tooOldAt(resource, settings, run) <= now,
    () => false,
  )
}

/** The times at which existing resources become due, in milliseconds since the epoch. */
export function dueTimes({ resources }: FoldedRun, dueAt: (resource: Resource) => number): readonly number[] {
  const there = [...resources.values()].filter((resource) => !isGone(resource.state) && isRemovable(resource))
  return there.map(dueAt).filter(Number.isFinite)
}

/** Excludes anything that a resource that stays depends on. */
function dueIn(
  { resources }: FoldedRun,
  isDue: (resource: Resource) => boolean,
  isOtherwiseDue: (resource: Resource) => boolean,
): readonly Resource[] {
  const there = [...resources.values()].filter(({ state }) => !isGone(state))
  const due = there.filter((resource) => isRemovable(resource) && isDue(resource))
  if (due.length === 0) return there.filter(isOtherwiseDue)
  const dueSet = new Set(due)
  const staying = there.filter((resource) => !dueSet.has(resource) && !isOtherwiseDue(resource))
  const needed = neededBy(staying, due)
  return there.filter((resource) => (dueSet.has(resource) ? !needed.has(resource) : isOtherwiseDue(resource)))
}

const isRemovable = ({ state, set }: Resource): boolean =>
  set.steps.length > 0 && (state === 'live' || state === 'pending' || state === 'failed' || state === 'kept')

const isLeft = ({ state, set }: Resource): boolean =>
  (state === 'live' || state === 'pending' || state === 'failed') && set.lifetime !== 'persistent'
