/** A run, as the main process sees it: it begins it, sweeps what workers left, and writes its report. */

import type { Settings } from '../config/settings.ts'
import { lockRun } from '../ledger/cleaner-lock.ts'
import type { CleanupReport } from '../report/model.ts'
import type { Verdict } from '../resource/resource.ts'
import { runHooks } from './hooks.ts'
import { type LedgerRun, openLedgerRun } from './ledger-run.ts'
import { newTicket } from './new-ticket.ts'
import type { RunTicket } from './session.ts'
import { tell } from './tell.ts'

export interface MainRun {
  readonly ticket: RunTicket
  /**
   * Once all workers are done: cleans up what they could not, and writes report.json. Never rejects.
   * Undefined: nothing was tracked.
   */
  end(verdict: Verdict): Promise<CleanupReport | undefined>
}

/** A run of its own; an inherited id is its parent's. Until it ends, `DUSTPAN_RUN_ID` names it for what this process starts. */
export function beginRun(settings: Settings, runner: string, environment: NodeJS.ProcessEnv = process.env): MainRun {
  return runOf(newTicket(settings, runner, environment), settings, environment)
}

/** The run of a ticket that was made for this process, which is then the one to end it. */
export function runOf(
  ticket: RunTicket,
  settings: Settings = ticket.settings,
  environment: NodeJS.ProcessEnv = process.env,
): MainRun {
  environment.DUSTPAN_RUN_ID = ticket.run
  return {
    ticket,
    end(verdict) {
      if (ticket.parentRun === undefined) delete environment.DUSTPAN_RUN_ID
      else environment.DUSTPAN_RUN_ID = ticket.parentRun
      return endRun(ticket, settings, verdict)
    },
  }
}

async function endRun(ticket: RunTicket, settings: Settings, verdict: Verdict): Promise<CleanupReport | undefined> {
  try {
    const run = await openLedgerRun(settings, ticket, 'main')
    if (!run) return undefined
    await using open = run
    await open.collect()
    if (open.isEmpty) return undefined
    // Somebody may be cleaning this run from the command line.
    using _lock = lockRun(settings.dir, ticket.run)
    await open.sweep(verdict)
    await runHooks(settings, open)
    return writtenReport(open)
  } catch (error) {
    tell(error, 'DUSTPAN_CLEANUP_FAILED')
    return undefined
  }
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
