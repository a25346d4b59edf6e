/** `dustpan clean`: choose → plan → ask → remove → report. */
import { isGoingOn, lockEverywhere, openLedgerRun } from '@dustpan/core/ledger'
import type { CleanOptions } from '../commands/clean.ts'
import type { Call } from '../commands.ts'
import { type Confirmation, confirm } from '../confirm.ts'
import { counted } from '../counted.ts'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { interruptible } from '../interruptible.ts'
import { auditRefused } from '../removal/audit-refused.ts'
import { chooseDue } from '../removal/choose-due.ts'
import { settingsFor } from '../settings.ts'
import { inShadow } from '../shadow.ts'
import { cleanOutput } from './clean-output.ts'
import { findRecordedOrLogged } from './find-logged-run.ts'
import { removeChosen } from './remove-chosen.ts'

export async function cleanRun(given: Call<CleanOptions>): Promise<ExitCode> {
  const settings = await settingsFor(given)
  const call = inShadow(given, settings)
  const { argument = 'latest', options } = call
  const output = cleanOutput(call)
  const id = await findRecordedOrLogged(settings, argument)
  if (id === undefined) return output.nothing(`${settings.dir} has no runs`)
  const stop = new AbortController()
  const opened = await openLedgerRun(settings, { run: id, runner: 'dustpan clean', stop: stop.signal }, 'cli')
  if (!opened) return output.nothing(`run ${id} has no records`)
  await using run = opened
  if (!isGoingOn(run.folded())) {
    await run.collect()
    await run.resolve()
  }
  const choice = chooseDue(run, options)
  output.plan(run, choice)
  if (!options.dryRun && choice.refused.length > 0) auditRefused(run, choice, settings)
  if (choice.due.length === 0) return exitFor(choice.refused.length, choice.busy.length)
  if (options.dryRun) return exitCode.done
  if (!(await confirm(call, removing(choice.due.length)))) return exitCode.left
  return interruptible(call, settings, stop, async () => {
    await using _lock = await lockEverywhere(settings, id)
    const { left, refused } = await removeChosen(run, choice, output)
    return exitFor(choice.refused.length + refused, choice.busy.length + left)
  })
}

const removing = (count: number): Confirmation => ({
  question: `Remove ${counted(count)}? [y/N]`,
  act: 'remove them',
  untouched: 'Nothing was removed',
})

export function exitFor(refused: number, left: number): ExitCode {
  if (refused > 0) return exitCode.refused
  return left > 0 ? exitCode.left : exitCode.done
}
