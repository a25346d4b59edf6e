/** A run as recorded: writes nothing, asks no store, and works with an incomplete configuration. */
import { describeRemoval } from '../cleanup/describe.ts'
import { configFunctions } from '../config/functions.ts'
import type { Settings } from '../config/settings.ts'
import { readRun } from '../journal/read.ts'
import { foldRun } from '../ledger/fold.ts'
import type { FoldedRun } from '../ledger/folded-run.ts'
import { runReport } from '../report/build.ts'
import type { CleanupReport } from '../report/model.ts'
import { type ResourceRecord, recordsOf } from '../report/record.ts'
import type { Driver } from '../resource/driver.ts'
import { createDriver } from '../stores/drivers.ts'

export interface RecordedRun {
  readonly folded: FoldedRun
  readonly report: CleanupReport
  readonly records: readonly ResourceRecord[]
}

/** @throws DustpanError `DUSTPAN_UNKNOWN_RUN` */
export async function readRecordedRun(settings: Settings, run: string): Promise<RecordedRun> {
  const folded = foldRun(run, readRun(settings.dir, run))
  const describe = describeRemoval(await availableDrivers(settings))
  return { folded, report: runReport(folded, describe), records: recordsOf(folded, describe) }
}

/** The drivers that can be created. Removals of the others are described by their plain records. */
export async function availableDrivers(settings: Settings): Promise<ReadonlyMap<string, Driver>> {
  const functions = configFunctions(settings.file)
  const made = await Promise.allSettled(settings.drivers.map((driver) => createDriver(driver, settings, functions)))
  const drivers = made.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  return new Map(drivers.map((driver) => [driver.name, driver]))
}
