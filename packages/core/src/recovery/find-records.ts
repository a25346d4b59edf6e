/** What is on record of something, in whichever run. */
import { describeRemoval } from '../cleanup/describe.ts'
import type { Settings } from '../config/settings.ts'
import { foldRun } from '../ledger/fold.ts'
import type { FoldedRun } from '../ledger/folded-run.ts'
import { mentions } from '../ledger/mentions.ts'
import { listRuns, readRun } from '../ledger/read.ts'
import { type ResourceRecord, recordsOf } from '../report/record.ts'
import type { Resource } from '../resource/resource.ts'
import { availableDrivers } from './recorded-run.ts'

export interface Sought {
  /** Texts that stand in the journals of a run that knows it: all of one of these lists. */
  readonly texts: readonly (readonly string[])[]
  isIt(resource: Resource): boolean
}

export interface FoundRecords {
  readonly run: FoldedRun
  /** In the order of creation. */
  readonly records: readonly ResourceRecord[]
}

/** The newest run first. Runs whose journals cannot know it are not read. */
export async function* findRecords(settings: Settings, { texts, isIt }: Sought): AsyncGenerator<FoundRecords> {
  const describe = describeRemoval(await availableDrivers(settings))
  for (const { id, dir } of listRuns(settings.dir)) {
    if (!texts.some((all) => mentions(dir, all))) continue
    const run = foldRun(id, readRun(settings.dir, id))
    const records = recordsOf(run, describe, isIt)
    if (records.length > 0) yield { run, records }
  }
}
