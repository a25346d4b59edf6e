/** `dustpan clean`: choose → plan → ask → remove → tell. */
import { isGoingOn, lockRun, openLedgerRun } from '@dustpan/core/ledger'
import type { CleanOptions } from '../commands/clean.ts'
import type { Call } from '../commands.ts'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { settingsFor } from '../settings.ts'
import { agreed } from './agree.ts'
import { auditRefused } from './audit-refused.ts'
import { chooseDue } from './choose-due.ts'
import { cleanOutput } from './clean-output.ts'
import { findRecordedOrLogged } from './find-logged-run.ts'
import { removeChosen } from './remove-chosen.ts'

export async function cleanRun(call: Call<CleanOptions>): Promise<ExitCode> {
  const { argument = 'latest', options } = call
  const settings = await settingsFor(call)
  const output = cleanOutput(call)
  const id = await findRecordedOrLogged(settings, argument)
  if (id === undefined) return output.nothing(`${settings.dir} has no runs`)
  const opened = await openLedgerRun(settings, { run: id, runner: 'dustpan clean' }, 'cli')
  if (!opened) return output.nothing(`nothing is recorded in run ${id}`)
  await using run = opened
  if (!isGoingOn(run.folded())) await run.collect()
  const choice = chooseDue(run, options)
  output.plan(run, choice)
  if (!options.dryRun && choice.refused.length > 0) auditRefused(run, choice, settings)
  if (choice.due.length === 0) return exitFor(choice.refused.length, choice.busy.length)
  if (options.dryRun) return exitCode.done
  if (!(await agreed(call, choice.due.length))) return exitCode.left
  using _lock = lockRun(settings.dir, id)
  const { left } = await removeChosen(run, choice, output)
  return exitFor(choice.refused.length, choice.busy.length + left)
}

function exitFor(refused: number, left: number): ExitCode {
  if (refused > 0) return exitCode.refused
  return left > 0 ? exitCode.left : exitCode.done
}
