/** Gives up a run: reports what is left on record, for the reaper or `dustpan orphans` to remove. */
import { describeRemoval } from '../cleanup/describe.ts'
import { printError } from '../errors/print-error.ts'
import { readRunIfThere } from '../journal/read.ts'
import { foldRun } from '../ledger/fold.ts'
import { availableDrivers } from '../recovery/recorded-run.ts'
import { writeReport } from '../recovery/report-file.ts'
import { runReport } from '../report/build.ts'
import { renderText } from '../report/text.ts'
import type { Driver } from '../resource/driver.ts'
import type { RunTicket } from '../tracking/run-ticket.ts'
import { killWorkers } from './workers-end.ts'

/** Loads drivers in advance, and returns {@link leave} with removals described by their drivers. */
export async function readyToLeave(ticket: RunTicket): Promise<() => string> {
  const drivers = await availableDrivers(ticket.settings)
  return () => leave(ticket, drivers)
}

/**
 * Kills the run's workers, writes report.json, and returns the report as text, empty if nothing was tracked. Synchronous, and
 * never throws: for a process that is about to exit.
 */
export function leave(ticket: RunTicket, drivers: ReadonlyMap<string, Driver> = new Map()): string {
  const { run, settings } = ticket
  try {
    killWorkers(ticket)
    const journals = readRunIfThere(settings.dir, run)
    if (!journals) return ''
    const report = runReport(foldRun(run, journals), describeRemoval(drivers))
    writeReport(settings.dir, report)
    return renderText(report)
  } catch (error) {
    printError(error, 'DUSTPAN_LEDGER_UNWRITABLE')
    return ''
  }
}
