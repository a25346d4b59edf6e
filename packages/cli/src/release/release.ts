/** `dustpan release`: find → show → ask → record that resources are no longer kept. Queries no store. */
import {
  isGoingOn,
  lockEverywhere,
  type RecordedRun,
  type Resource,
  readRecordedRun,
  type Settings,
} from '@dustpan/core/ledger'
import type { ReleaseOptions } from '../commands/release.ts'
import type { Call } from '../commands.ts'
import { type Confirmation, confirm } from '../confirm.ts'
import { counted } from '../counted.ts'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { findRun } from '../find-run.ts'
import { openRecord } from '../open-record.ts'
import type { RecordPlan } from '../record-plan.ts'
import { select } from '../select.ts'
import { settingsForReading } from '../settings.ts'
import { releaseOutput } from './release-output.ts'

export async function release(call: Call<ReleaseOptions>): Promise<ExitCode> {
  const { argument = 'latest', options } = call
  const settings = await settingsForReading(call)
  const output = releaseOutput(call)
  const id = findRun(settings.dir, argument)
  if (id === undefined) return output.nothing(`${settings.dir} has no runs`)
  const found = findKept(await readRecordedRun(settings, id), options)
  output.plan(found)
  const exit = found.busy.length > 0 ? exitCode.left : exitCode.done
  if (found.due.length === 0) return exit
  if (options.dryRun) return exitCode.done
  if (!(await confirm(call, releasing(found.due.length)))) return exitCode.left
  await releaseRecords(found, settings)
  output.done(found)
  return exit
}

const releasing = (count: number): Confirmation => ({
  question: `Release ${counted(count)}? [y/N]`,
  act: 'release them',
  untouched: 'Nothing was released',
})

function findKept(run: RecordedRun, filters: ReleaseOptions): RecordPlan {
  const inProgress = isGoingOn(run.folded)
  const isKept = ({ id }: { id: string }) => isHeld(run.folded.resources.get(id) as Resource)
  const inUse = ({ state }: { state: string }) => inProgress && state !== 'kept'
  const records = select(run.records, filters).filter(isKept)
  return { run, due: records.filter((record) => !inUse(record)), busy: records.filter(inUse) }
}

/** Whether the resource is kept until it is released. */
const isHeld = ({ state, set, released }: Resource): boolean =>
  released !== true &&
  set.steps.length > 0 &&
  (state === 'kept' || (set.lifetime === 'persistent' && (state === 'live' || state === 'pending')))

/** Takes the run's lock, as a cleaner at work might keep them again. */
async function releaseRecords({ run, due }: RecordPlan, settings: Settings): Promise<void> {
  await using opened = await openRecord(settings, run.folded.id, 'dustpan release')
  if (!opened) return
  await using _lock = await lockEverywhere(settings, run.folded.id)
  const { resources } = opened.folded()
  opened.release(due.flatMap((record) => resources.get(record.id) ?? []))
  opened.writeReport()
}
