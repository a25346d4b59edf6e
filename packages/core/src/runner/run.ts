/** A run, as the main process sees it: it begins it, sweeps what workers left, and writes its report. */

import { runHooks } from '../alerts/hooks.ts'
import type { Alert } from '../config/alerts.ts'
import type { Settings } from '../config/settings.ts'
import { tell } from '../errors/tell.ts'
import { lockRun } from '../ledger/cleaner-lock.ts'
import { compactOlderRuns } from '../ledger/compact-older-runs.ts'
import type { TriedAgain } from '../recovery/close-retried.ts'
import { type LedgerRun, openLedgerRun } from '../recovery/ledger-run.ts'
import { lateIn } from '../recovery/leftovers.ts'
import type { CleanupReport } from '../report/model.ts'
import type { Verdict } from '../resource/resource.ts'
import type { RunTicket } from '../tracking/run-ticket.ts'
import { announceRun } from './announce-run.ts'
import { momentOfRest, testsGoOn } from './going-on.ts'
import { newTicket } from './new-ticket.ts'
import { endWatch, watchOver } from './reaper.ts'

export interface MainRun {
  readonly ticket: RunTicket
  /** What was alerted of at its end. */
  readonly alerts: readonly Alert[]
  /**
   * Says that it is at work, until its end, where stores have a log of what is written there: then nobody else takes what its application writes.
   * Before the first test. Never rejects.
   */
  announce(): Promise<void>
  /**
   * Once all workers are done: cleans up what they could not, and writes report.json. Never rejects.
   * Undefined: nothing was tracked.
   * @param triedAgain whether the runner has tried a test again after this attempt, whose process died
   */
  end(verdict: Verdict, triedAgain?: TriedAgain): Promise<CleanupReport | undefined>
}

/** A run of its own; an inherited id is its parent's. Until it ends, `DUSTPAN_RUN_ID` names it for what this process starts. */
export function beginRun(settings: Settings, runner: string, environment: NodeJS.ProcessEnv = process.env): MainRun {
  const run = runOf(newTicket(settings, runner, environment), settings, environment)
  watchOver(run.ticket)
  return run
}

/** The run of a ticket that was made for this process, which is then the one to end it. */
export function runOf(
  ticket: RunTicket,
  settings: Settings = ticket.settings,
  environment: NodeJS.ProcessEnv = process.env,
): MainRun {
  environment.DUSTPAN_RUN_ID = ticket.run
  let alerts: readonly Alert[] = []
  let announced: ReturnType<typeof announceRun> | undefined
  const alertOf = async (ended: LedgerRun) => {
    alerts = await alertOfRun(settings, ended)
  }
  return {
    ticket,
    get alerts() {
      return alerts
    },
    async announce() {
      announced ??= announceRun(settings, ticket.run)
      await announced
    },
    async end(verdict, triedAgain) {
      if (ticket.parentRun === undefined) delete environment.DUSTPAN_RUN_ID
      else environment.DUSTPAN_RUN_ID = ticket.parentRun
      const report = await endRun(ticket, settings, { verdict, triedAgain }, alertOf)
      await (await announced)?.()
      await endWatch(ticket.run, { left: isLeft(report, testsGoOn()), goesOn: testsGoOn() })
      return report
    },
  }
}

/** Something could not be removed yet, or may come of a request that is still under way. Of tests that go on, their record tells when they are over. */
function isLeft(report: CleanupReport | undefined, goesOn: boolean): boolean {
  const { pending = 0, unresolvedIntents = 0 } = report?.totals ?? {}
  return pending > 0 || (!goesOn && unresolvedIntents > 0)
}

async function endRun(
  ticket: RunTicket,
  settings: Settings,
  { verdict, triedAgain }: { readonly verdict: Verdict; readonly triedAgain: TriedAgain | undefined },
  alertOf: (run: LedgerRun) => Promise<void>,
): Promise<CleanupReport | undefined> {
  try {
    const run = await openLedgerRun(settings, ticket, 'main')
    if (!run) return undefined
    await using open = run
    await open.collect()
    if (open.isEmpty) return undefined
    // Somebody may be cleaning this run from the command line.
    using _lock = lockRun(settings.dir, ticket.run)
    await open.resolve()
    if (triedAgain) open.closeRetried(triedAgain)
    await open.sweep(verdict)
    if (testsGoOn()) await sweepLate(open)
    await runHooks(settings, open)
    await alertOf(open)
    const report = writtenReport(open)
    compactOlderRuns(settings.dir, ticket.run)
    return report
  } catch (error) {
    tell(error, 'DUSTPAN_CLEANUP_FAILED')
    return undefined
  }
}

/** What interrupted tests of this process created while the rest was removed. What they create after this is left to the reaper. */
async function sweepLate(run: LedgerRun): Promise<void> {
  await momentOfRest()
  await run.sweepThese(lateIn(run.folded()))
  await momentOfRest()
}

async function alertOfRun(settings: Settings, run: LedgerRun): Promise<readonly Alert[]> {
  if (!settings.alerts) return []
  const { id, resources } = run.folded()
  const { sendAlerts } = await import('../alerts/alerts.ts')
  return sendAlerts(settings, { runs: [id], resources: [...resources.values()] }, run.warn)
}

/** Where the file cannot be written, the report is told all the same. */
function writtenReport(run: LedgerRun): CleanupReport {
  try {
    return run.writeReport()
  } catch (error) {
    tell(error, 'DUSTPAN_LEDGER_UNWRITABLE')
    return run.report()
  }
}
