/** A run in its main process: begins it, sweeps what workers left, and writes its report. */

import { runHooks } from '../alerts/hooks.ts'
import type { Alert } from '../config/alerts.ts'
import type { Settings } from '../config/settings.ts'
import { printError } from '../errors/print-error.ts'
import { lockRun } from '../ledger/cleaner-lock.ts'
import { compactOlderRuns } from '../ledger/compact-older-runs.ts'
import type { WasRetried } from '../recovery/close-retried.ts'
import { type LedgerRun, openLedgerRun } from '../recovery/ledger-run.ts'
import { lateIn } from '../recovery/leftovers.ts'
import type { CleanupReport } from '../report/model.ts'
import type { Verdict } from '../resource/resource.ts'
import type { RunTicket } from '../tracking/run-ticket.ts'
import { announceRun } from './announce-run.ts'
import { hasInterruptedTests, untilIdle } from './interrupted-tests.ts'
import { newTicket } from './new-ticket.ts'
import { endWatch, watchOver } from './reaper.ts'

export interface MainRun {
  readonly ticket: RunTicket
  /** The alerts sent at its end. */
  readonly alerts: readonly Alert[]
  /**
   * Announces the run until its end in stores that keep a log of writes, so that no other run claims the rows of its application.
   * Call it before the first test. Never rejects.
   */
  announce(): Promise<void>
  /**
   * Call it when all workers are done: cleans up the rest, and writes report.json. Never rejects.
   * Undefined if nothing was tracked.
   * @param wasRetried whether the runner retried a test after this attempt, whose process died
   */
  end(verdict: Verdict, wasRetried?: WasRetried): Promise<CleanupReport | undefined>
}

/** Begins a run of its own; an inherited id becomes its parent's. Until it ends, `DUSTPAN_RUN_ID` names it for child processes. */
export function beginRun(settings: Settings, runner: string, environment: NodeJS.ProcessEnv = process.env): MainRun {
  const run = runOf(newTicket(settings, runner, environment), settings, environment)
  watchOver(run.ticket)
  return run
}

/** The run of a ticket created for this process, which then has to end it. */
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
    async end(verdict, wasRetried) {
      if (ticket.parentRun === undefined) delete environment.DUSTPAN_RUN_ID
      else environment.DUSTPAN_RUN_ID = ticket.parentRun
      const report = await endRun(ticket, settings, { verdict, wasRetried }, alertOf)
      await (await announced)?.()
      await endWatch(ticket.run, { left: isLeft(report, hasInterruptedTests()), goesOn: hasInterruptedTests() })
      return report
    },
  }
}

/** Whether something is not removed yet, or may result from a request in flight. Tests that go on record their own results. */
function isLeft(report: CleanupReport | undefined, goesOn: boolean): boolean {
  const { pending = 0, unresolvedIntents = 0 } = report?.totals ?? {}
  return pending > 0 || (!goesOn && unresolvedIntents > 0)
}

async function endRun(
  ticket: RunTicket,
  settings: Settings,
  { verdict, wasRetried }: { readonly verdict: Verdict; readonly wasRetried: WasRetried | undefined },
  alertOf: (run: LedgerRun) => Promise<void>,
): Promise<CleanupReport | undefined> {
  try {
    const run = await openLedgerRun(settings, ticket, 'main')
    if (!run) return undefined
    await using open = run
    await open.collect()
    if (open.isEmpty) return undefined
    // A cleanup from the command line may be under way.
    using _lock = lockRun(settings.dir, ticket.run)
    await open.resolve()
    if (wasRetried) open.closeRetried(wasRetried)
    await open.sweep(verdict)
    if (hasInterruptedTests()) await sweepLate(open)
    await runHooks(settings, open)
    await alertOf(open)
    const report = writtenReport(open)
    compactOlderRuns(settings.dir, ticket.run)
    return report
  } catch (error) {
    printError(error, 'DUSTPAN_CLEANUP_FAILED')
    return undefined
  }
}

/** Sweeps what interrupted tests of this process created during the sweep. Anything later is left to the reaper. */
async function sweepLate(run: LedgerRun): Promise<void> {
  await untilIdle()
  await run.sweepThese(lateIn(run.folded()))
  await untilIdle()
}

async function alertOfRun(settings: Settings, run: LedgerRun): Promise<readonly Alert[]> {
  if (!settings.alerts) return []
  const { id, resources } = run.folded()
  const { sendAlerts } = await import('../alerts/alerts.ts')
  return sendAlerts(settings, { runs: [id], resources: [...resources.values()] }, run.warn)
}

/** Returns the report even if the file cannot be written. */
function writtenReport(run: LedgerRun): CleanupReport {
  try {
    return run.writeReport()
  } catch (error) {
    printError(error, 'DUSTPAN_LEDGER_UNWRITABLE')
    return run.report()
  }
}
