/** `dustpan forget`: find → show → ask → drop the records. Queries no store. */
import { lockEverywhere, type Settings } from '@dustpan/core/ledger'
import type { ForgetOptions } from '../commands/forget.ts'
import type { Call } from '../commands.ts'
import { type Confirmation, confirm } from '../confirm.ts'
import { counted } from '../counted.ts'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { openRecord } from '../open-record.ts'
import type { RecordPlan } from '../record-plan.ts'
import { settingsForReading } from '../settings.ts'
import { findRecords } from './find-records.ts'
import { forgetOutput } from './forget-output.ts'

export async function forget(call: Call<ForgetOptions>): Promise<ExitCode> {
  const { options } = call
  const settings = await settingsForReading(call)
  const found = await findRecords(settings, call.arguments, options)
  const output = forgetOutput(call)
  const count = found.reduce((sum, { due }) => sum + due.length, 0)
  output.plan(found, count)
  const exit = found.some(({ busy }) => busy.length > 0) ? exitCode.left : exitCode.done
  if (count === 0) return exit
  if (options.dryRun) return exitCode.done
  if (!(await confirm(call, forgetting(count)))) return exitCode.left
  for (const plan of found) if (plan.due.length > 0) await drop(plan, settings)
  output.done(found, count)
  return exit
}

const forgetting = (count: number): Confirmation => ({
  question: `Forget ${counted(count)}? [y/N]`,
  act: 'forget them',
  untouched: 'Nothing was forgotten',
})

/** Takes the run's lock, so that nothing is dropped while another process cleans up the run. */
async function drop({ run, due }: RecordPlan, settings: Settings): Promise<void> {
  const id = run.folded.id
  await using opened = await openRecord(settings, id, 'dustpan forget')
  if (!opened) return
  await using _lock = await lockEverywhere(settings, id)
  const { resources } = opened.folded()
  opened.forget(due.flatMap((record) => resources.get(record.id) ?? []))
  opened.writeReport()
}
