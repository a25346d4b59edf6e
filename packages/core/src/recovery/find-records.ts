/** Finds the records of a resource in all runs. */
import { describeRemoval } from '../cleanup/describe.ts'
import type { Settings } from '../config/settings.ts'
import { listRuns, readRun } from '../journal/read.ts'
import { foldRun } from '../ledger/fold.ts'
import type { FoldedRun } from '../ledger/folded-run.ts'
import { mentions } from '../ledger/mentions.ts'
import { type ResourceRecord, recordsOf } from '../report/record.ts'
import type { Resource } from '../resource/resource.ts'
import { availableDrivers } from './recorded-run.ts'

export interface Sought {
  /** Texts in the journals of a run that may know the resource: all texts of at least one list. */
  readonly texts: readonly (readonly string[])[]
  isIt(resource: Resource): boolean
}

export interface FoundRecords {
  readonly run: FoldedRun
  /** In order of creation. */
  readonly records: readonly ResourceRecord[]
}

/** Newest run first. Skips runs whose journals do not contain the texts. */
export async function* findRecords(settings: Settings, { texts, isIt }: Sought): AsyncGenerator<FoundRecords> {
  const describe = describeRemoval(await availableDrivers(settings))
  for (const { id, dir } of listRuns(settings.dir)) {
    if (!texts.some((all) => mentions(dir, all))) continue
    const run = foldRun(id, readRun(settings.dir, id))
    const records = recordsOf(run, describe, isIt)
    if (records.length > 0) yield { run, records }
  }
}
