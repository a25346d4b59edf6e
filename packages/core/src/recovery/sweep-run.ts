/** Ends a run: completes its records, and removes what is due. */
import { unlessStopped } from '../cleanup/stopped.ts'
import { clock } from '../clock/clock.ts'
import type { FoldedRun } from '../ledger/folded-run.ts'
import { isOfAnotherMachine, isOver } from '../ledger/liveness.ts'
import type { Resource, Verdict } from '../resource/resource.ts'
import { runStart } from '../tracking/run-id.ts'
import { closeRetried } from './close-retried.ts'
import { collectingStores } from './collect.ts'
import { collectRun } from './collect-run.ts'
import { type EnteredRun, keptByOthers, markRolledBack, recordingContext, removingContext } from './entered-run.ts'
import type { LedgerRun } from './ledger-run.ts'
import { namedUntil } from './named-until.ts'
import { isCreatedBy, sweep } from './sweep.ts'

export function completing(
  entered: EnteredRun,
): Pick<LedgerRun, 'collect' | 'resolve' | 'closeRetried' | 'sweepThese' | 'sweep' | 'sweepOf'> {
  const { settings, tracking, folded } = entered
  return {
    collect: () => collect(entered),
    async resolve(deadlineMs = settings.cleanup.timeoutMs) {
      const now = folded()
      if (now.intents.size === 0) return
      const { resolveIntents } = await import('./resolve-intents.ts')
      await resolveIntents(now, tracking, recordingContext(entered, now), clock.now() + deadlineMs)
    },
    closeRetried: (wasRetried) => closeRetried(folded(), tracking, wasRetried),
    async sweepThese(resources) {
      if (resources.length === 0) return
      const ids = new Set(resources.map(({ id }) => id))
      const now = folded()
      await sweepSelected(entered, now, now.ended ?? 'lost', ({ id }) => ids.has(id))
    },
    async sweep(verdict) {
      const isDone = await sweepSelected(entered, folded(), verdict)
      if (isDone) tracking.write({ e: 'run.ended', reason: verdict })
    },
    sweepOf: async (writers) => void (await sweepSelected(entered, folded(), 'lost', isCreatedBy(writers))),
  }
}

async function collect(entered: EnteredRun): Promise<void> {
  const { id, role, tracking, folded } = entered
  if (collectingStores(tracking).length === 0) return
  const now = folded()
  const { resources, forgotten, startedAt, workedUntil } = now
  // Rows written by this machine's application do not belong to another machine's run.
  if (isOfAnotherMachine(now)) return
  const context = recordingContext(entered, now)
  tracking.byHand.add([...resources.values(), ...forgotten])
  tracking.byHand.forget(forgotten)
  const from = Math.min(runStart(id)?.to ?? startedAt, startedAt)
  // A later cleanup stops at the run's last work: people may be using the application by then.
  const to = role === 'main' ? clock.now() : workedUntil
  const until = role === 'main' ? undefined : namedUntil(now)
  await collectRun(tracking, context, {
    ...(isOver(now) ? {} : { alone: { from, to } }),
    ...(until === undefined ? {} : { until }),
  })
}

function sweepSelected(
  entered: EnteredRun,
  now: FoldedRun,
  verdict: Verdict,
  isSelected?: (resource: Resource) => boolean,
): Promise<boolean> {
  markRolledBack(entered, now, now.resources.values())
  const context = removingContext(entered, now, now.resources.values())
  return unlessStopped(() =>
    sweep(now, entered.tracking, context, verdict, { isSelected, keptByOthers: keptByOthers(entered) }),
  )
}
