/** Removes, looks up or restores recorded resources, on request. */
import { clean } from '../cleanup/clean.ts'
import { presenceOf } from '../cleanup/presence.ts'
import { refusalsOf, storeRefusals } from '../cleanup/refuse.ts'
import { isRestorable, planRestoring, restoreAll } from '../cleanup/restore.ts'
import { unlessStopped } from '../cleanup/stopped.ts'
import { clock } from '../clock/clock.ts'
import { isOverdue } from '../planning/expiry.ts'
import { planCleanup } from '../planning/plan.ts'
import { takenOver } from '../planning/taken-over.ts'
import type { Resource } from '../resource/resource.ts'
import { markGone } from '../tracking/gone.ts'
import { type EnteredRun, keptByOthers, markRolledBack, readOnlyContext, removingContext } from './entered-run.ts'
import type { LedgerRun } from './ledger-run.ts'

export function removing(
  entered: EnteredRun,
): Pick<LedgerRun, 'refusals' | 'takenOver' | 'dropTakenOver' | 'plan' | 'remove' | 'presence' | 'isOverdue'> {
  const { settings, tracking, folded } = entered
  const { drivers } = tracking
  const takenOverIn = (recorded: Iterable<Resource>, resources: readonly Resource[]) =>
    takenOver([...recorded, ...keptByOthers(entered)], resources, drivers)
  return {
    refusals: (resources) => refusalsOf(resources, settings, drivers),
    takenOver: (resources) => takenOverIn(folded().resources.values(), resources),
    dropTakenOver(resources) {
      if (resources.length === 0) return
      markGone(tracking, [...takenOverIn(folded().resources.values(), resources)], 'taken-over')
    },
    plan: (resources) => planCleanup(resources, { group: new Map(), edges: [] }, settings.cleanup.order),
    async remove(resources, deadlineMs = settings.cleanup.timeoutMs) {
      const now = folded()
      markRolledBack(entered, now, resources)
      const recorded = [...now.resources.values()]
      const context = removingContext(entered, now, [...recorded, ...resources])
      markGone(tracking, [...takenOverIn(recorded, resources)], 'taken-over')
      await unlessStopped(() => clean(resources, context, clock.now() + deadlineMs))
    },
    presence: (resources, deadlineMs = settings.cleanup.timeoutMs) =>
      presenceOf(resources, readOnlyContext(entered), clock.now() + deadlineMs),
    isOverdue: (resource, run) => isOverdue(resource, settings, run, clock.now()),
  }
}

export function restoring(
  entered: EnteredRun,
): Pick<LedgerRun, 'isRestorable' | 'restoreRefusals' | 'restorePlan' | 'restore'> {
  const { settings, tracking, stop, folded } = entered
  const { drivers } = tracking
  return {
    isRestorable: (resource) => isRestorable(resource, drivers),
    restoreRefusals: (resources) => storeRefusals(resources, settings, drivers),
    restorePlan: (resources) => planRestoring(resources),
    async restore(resources, deadlineMs = settings.cleanup.timeoutMs) {
      const { latestAt } = folded()
      return restoreAll(resources, { ...readOnlyContext(entered), stop }, clock.now() + deadlineMs, latestAt)
    },
  }
}
