/** Ends one process's part of a run that no process ends as a whole. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describeRemoval } from '../cleanup/describe.ts'
import { printError } from '../errors/print-error.ts'
import { type JournalContent, readJournal, readRun } from '../journal/read.ts'
import { foldRun } from '../ledger/fold.ts'
import { auditRun } from '../recovery/audit.ts'
import { writeReport } from '../recovery/report-file.ts'
import { runReport } from '../report/build.ts'
import type { CleanupReport } from '../report/model.ts'
import { renderText } from '../report/text.ts'
import type { Verdict } from '../resource/resource.ts'
import type { Tracking } from '../tracking/tracking.ts'
import { hasInterruptedTests } from './interrupted-tests.ts'
import { endWatch } from './reaper.ts'

/** Records the end, updates report.json, and prints this process's own report. Never rejects. */
export async function endPart(tracking: Tracking, verdict: Verdict, print: (text: string) => void): Promise<void> {
  tracking.write({ e: 'run.ended', reason: verdict, part: true })
  try {
    const { run, writer } = tracking.writer
    const { dir } = tracking.settings
    const journals = [readJournal(join(dir, 'runs', run, `${writer}.jsonl`))]
    const text = renderText(reportOf(tracking, journals))
    if (text !== '') print(text)
    writeCurrentReport(tracking)
    auditRun(dir, () => true)(foldRun(run, journals), journals)
  } catch (error) {
    printError(error, 'DUSTPAN_LEDGER_UNWRITABLE')
  }
  await endWatch(tracking.writer.run, { left: false, goesOn: hasInterruptedTests() })
}

function reportOf({ writer, drivers }: Tracking, journals: readonly JournalContent[]): CleanupReport {
  return runReport(foldRun(writer.run, journals), describeRemoval(drivers))
}

/** Several processes may write at once: each repeats until no journal has grown meanwhile, so that the last report is complete. */
function writeCurrentReport(tracking: Tracking): void {
  const { settings, writer } = tracking
  const folder = join(settings.dir, 'runs', writer.run)
  let sizes: string
  do {
    sizes = sizesOf(folder)
    writeReport(settings.dir, reportOf(tracking, readRun(settings.dir, writer.run)))
  } while (sizesOf(folder) !== sizes)
}

function sizesOf(folder: string): string {
  const journals = readdirSync(folder).filter((name) => name.endsWith('.jsonl'))
  return journals.map((name) => `${name}:${statSync(join(folder, name)).size}`).join()
}
