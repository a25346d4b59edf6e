/** Removal by predicate for the command line, global set-ups and the start of a run. */
import { openConnections } from '../cleanup/connections.ts'
import { clock } from '../clock/clock.ts'
import { longestAgeMs } from '../config/duration.ts'
import { configFunctions } from '../config/functions.ts'
import type { Settings } from '../config/settings.ts'
import { DustpanError } from '../errors/dustpan-error.ts'
import type { FoldedRun } from '../ledger/folded-run.ts'
import { liveKeys, liveRuns, overSince } from '../ledger/live-runs.ts'
import { namesOf } from '../planning/protect.ts'
import { createDrivers } from '../stores/drivers.ts'
import { runIdAt } from '../tracking/run-id.ts'
import type { WhatToRemove } from './asked.ts'
import { carryOut } from './carry-out.ts'
import type { PredicateContext } from './context.ts'
import { findMatches, type HowToRemove } from './find.ts'
import type { PredicateOutcome } from './outcome.ts'
import type { PredicatePlan } from './plan.ts'

export interface PlannedRemoval extends AsyncDisposable {
  /** What would be removed; nothing has been. */
  readonly plan: PredicatePlan
  /**
   * Removes it. `agreed`: a person has seen the plan and confirmed it; otherwise the profile must say `automatic`.
   * @throws DustpanError `DUSTPAN_PREDICATE_REFUSED`, or the plan's own refusal: nothing was removed then.
   */
  carryOut(agreement: { readonly agreed: boolean }): Promise<PredicateOutcome>
}

/**
 * Counts the matches of a predicate in every store that the drivers' settings point to.
 * @throws TypeError `DUSTPAN_INVALID_ARGUMENT`; DustpanError `DUSTPAN_PROFILE_REFUSED`, `DUSTPAN_UNKNOWN_OWNER`, and configuration errors.
 */
export async function planRemoval(
  settings: Settings,
  what: WhatToRemove & HowToRemove,
  timeoutMs: number = settings.cleanup.timeoutMs,
): Promise<PlannedRemoval> {
  const live = () => readLiveRuns(settings, what)
  live()
  const drivers = await createDrivers(settings, configFunctions(settings.file))
  const connections = openConnections(settings)
  const context = () => ({
    ...{ settings, drivers, connections },
    ...activeRuns(settings, live(), drivers),
    deadline: clock.now() + timeoutMs,
  })
  const close = () => connections[Symbol.asyncDispose]()
  try {
    const plan = await findMatches(what, context())
    return { plan, carryOut: async (agreement) => carryOut(plan, agreement, context()), [Symbol.asyncDispose]: close }
  } catch (error) {
    await close()
    throw error
  }
}

/**
 * Recorded resources of runs in progress, and how to recognise their unrecorded ones, and those of runs unknown to this ledger.
 */
function activeRuns(
  { dir, protect }: Settings,
  live: readonly FoldedRun[],
  drivers: PredicateContext['drivers'],
): Pick<PredicateContext, 'live' | 'runs'> {
  const before = clock.now() - protect.youngerThanMs
  const begunBefore = Math.min(before, clock.now() - longestAgeMs)
  const own = process.env.DUSTPAN_RUN_ID
  return {
    live: liveKeys(live, (set) => namesOf(set, drivers)),
    runs: {
      goingOn: live.map(({ id }) => id),
      over: [...(own === undefined ? [] : [own]), ...overSince(dir, live, begunBefore)],
      before,
      begunBefore: runIdAt(begunBefore),
    },
  }
}

/** Read each time: a run may have begun while the plan was being considered. */
function readLiveRuns({ dir }: Settings, { reset }: WhatToRemove): readonly FoldedRun[] {
  const live = liveRuns(dir, process.env.DUSTPAN_RUN_ID)
  if (reset && live[0]) throw inUse(live[0].id)
  return live
}

/** A reset cannot tell rows of different runs apart. */
function inUse(run: string): DustpanError {
  return new DustpanError(
    'DUSTPAN_PREDICATE_REFUSED',
    `Nothing is reset: run ${run} is in progress, and a reset would remove what its tests created.`,
    {
      hint: 'Wait until it has ended, or remove by tag, run or owner: these spare what a run in progress has on record.',
    },
  )
}
