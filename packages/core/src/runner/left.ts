/** A run that is given up: what it leaves, as the record has it. The reaper, or whoever calls `dustpan orphans`, removes that. */
import { describeRemoval } from '../cleanup/describe.ts'
import { tell } from '../errors/tell.ts'
import { foldRun } from '../ledger/fold.ts'
import { readRunIfThere } from '../ledger/read.ts'
import { availableDrivers } from '../recovery/recorded-run.ts'
import { writeReport } from '../recovery/report-file.ts'
import { runReport } from '../report/build.ts'
import { renderText } from '../report/text.ts'
import type { Driver } from '../resource/driver.ts'
import type { RunTicket } from '../tracking/run-ticket.ts'
import { killWorkers } from './workers-end.ts'

/** To be called in good time: what it gives is {@link leave}, with the removals told in the drivers' words. */
export async function readyToLeave(ticket: RunTicket): Promise<() => string> {
  const drivers = await availableDrivers(ticket.settings)
  return () => leave(ticket, drivers)
}

/**
 * Kills the run's workers, writes report.json, and gives it as text, empty where nothing was tracked. Asks nobody, waits for nothing, and
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
    tell(error, 'DUSTPAN_LEDGER_UNWRITABLE')
    return ''
  }
}
