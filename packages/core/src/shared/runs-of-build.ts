/** The runs of a CI build that are known here. */
import type { Settings } from '../config/settings.ts'
import { listRuns, readRunIfThere } from '../journal/read.ts'
import { outlineOf } from '../ledger/outline.ts'
import type { RunId } from '../resource/resource.ts'
import { bringInRuns } from './share-runs.ts'

/** Newest first, from this machine's ledger and the shared one. @throws DustpanError `DUSTPAN_LEDGER_AWAY` */
export async function runsOfBuild(settings: Settings, build: string): Promise<readonly RunId[]> {
  await bringInRuns(settings, (run) => run.build === build)
  const { dir } = settings
  return listRuns(dir)
    .map(({ id }) => id)
    .filter((id) => readRunIfThere(dir, id) && outlineOf(dir, id).writers.some((writer) => writer.build === build))
}
