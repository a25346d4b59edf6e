/** Orphans: resources left by a run that died, could not remove everything, or kept something whose keep time is over. */

import { clock } from '../clock/clock.ts'
import type { Settings } from '../config/settings.ts'
import type { FoldedRun } from '../ledger/folded-run.ts'
import { isGoingOn, isOver } from '../ledger/liveness.ts'
import { countAndOutline, foldAndOutline, isOnRecord, isSettled, readOutline } from '../ledger/outline.ts'
import type { RunToCount } from '../ledger/run-to-count.ts'
import { isDueAnyway } from '../planning/expiry.ts'
import type { Resource } from '../resource/resource.ts'
import { leftIn, overdueIn } from './leftovers.ts'
import { decisions } from './sweep.ts'

/** As counts, so that the records of many runs need not be held in memory. */
export interface Orphans {
  readonly run: Pick<FoldedRun, 'id' | 'writers' | 'latestAt' | 'ended'>
  /** Resources that would be removed. */
  readonly due: CountByType
  /** Of these: resources due regardless of policy: released, expired, or past their keep time. */
  readonly overdue: CountByType
  /** Of these: released resources. */
  readonly released: number
  /** Resources that the policy keeps, as after a failed test. */
  readonly kept: CountByType
  /** The number of creations whose result is unknown. */
  readonly intents: number
}

export type CountByType = Readonly<Record<string, number>>

/** Undefined if the run has left nothing. For a run that goes on, only overdue resources. Asks no store. */
export function orphansOf(settings: Settings, id: string): Orphans | undefined {
  if (!isOnRecord(settings.dir, id) || isSettled(readOutline(settings.dir, id))) return undefined
  const counted = countAndOutline(settings.dir, id)
  if (isGoingOn(counted.run)) return overdueOf(settings, id)
  const { run } = counted
  const left = leftIn(run)
  if (left.length + run.intents.size === 0) return undefined
  return isOver(run) ? asCounts(counted, left, []) : decided(counted, settings, left)
}

/** Uses the whole fold: merged resources have no age of their own. */
function overdueOf(settings: Settings, id: string): Orphans | undefined {
  const run = foldAndOutline(settings.dir, id)
  const due = overdueIn(run, settings)
  return due.length === 0 ? undefined : asCounts({ run, weightOf: () => 1 }, due, [])
}

function decided(counted: RunToCount, settings: Settings, left: readonly Resource[]): Orphans {
  const { due, keep, needed } = decisions(counted.run, settings, 'lost')
  const isKept = new Set([...keep, ...needed])
  return asCounts(
    counted,
    due,
    left.filter((resource) => isKept.has(resource)),
  )
}

function asCounts({ run, weightOf }: RunToCount, due: readonly Resource[], kept: readonly Resource[]): Orphans {
  const { id, writers, latestAt, ended, intents } = run
  const sum = (resources: readonly Resource[]) => resources.reduce((total, one) => total + weightOf(one.id), 0)
  const countByType = (resources: readonly Resource[]): CountByType => {
    const types = Map.groupBy(resources, ({ set }) => set.type)
    return Object.fromEntries([...types].map(([type, members]) => [type, sum(members)]))
  }
  const now = clock.now()
  const overdue = isGoingOn(run) ? due : due.filter((resource) => isDueAnyway(resource, now))
  return {
    run: { id, writers, latestAt, ended },
    ...{ due: countByType(due), overdue: countByType(overdue), kept: countByType(kept), intents: intents.size },
    released: sum(overdue.filter((resource) => resource.released)),
  }
}
