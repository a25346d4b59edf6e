/** `dustpan restore`: choose → plan → ask → restore → report. */
import { lockEverywhere, openLedgerRun } from '@dustpan/core/ledger'
import type { RestoreOptions } from '../commands/restore.ts'
import type { Call } from '../commands.ts'
import { type Confirmation, confirm } from '../confirm.ts'
import { counted } from '../counted.ts'
import { type ExitCode, exitCode, isRefusal } from '../exit-code.ts'
import { findRun } from '../find-run.ts'
import { interruptible } from '../interruptible.ts'
import { patienceMs } from '../patience.ts'
import { settingsFor } from '../settings.ts'
import { chooseRestorable } from './choose-restorable.ts'
import { restoreOutput } from './restore-output.ts'

export async function restoreRun(call: Call<RestoreOptions>): Promise<ExitCode> {
  const { argument = 'latest', options } = call
  const settings = await settingsFor(call)
  const output = restoreOutput(call)
  const id = findRun(settings.dir, argument)
  const stop = new AbortController()
  const by = { runner: 'dustpan restore', stop: stop.signal }
  const opened = id === undefined ? undefined : await openLedgerRun(settings, { run: id, ...by }, 'cli')
  if (id === undefined || !opened) return output.nothing(`${settings.dir} has no runs`)
  await using run = opened
  const choice = chooseRestorable(run, options)
  output.plan(run, choice)
  const refused = choice.refused.length > 0
  if (choice.due.length === 0)
    return refused ? exitCode.refused : choice.lost.length > 0 ? exitCode.left : exitCode.done
  if (options.dryRun) return exitCode.done
  if (!(await confirm(call, restoring(choice.due.length)))) return exitCode.left
  return interruptible(call, settings, stop, async () => {
    await using _lock = await lockEverywhere(settings, id)
    const outcomes = await run.restore(choice.due, patienceMs)
    run.writeReport()
    output.outcome(choice, outcomes)
    const failures = [...outcomes.values()].flatMap((outcome) => (outcome.state === 'failed' ? outcome.error : []))
    if (refused || failures.some(({ code }) => isRefusal(code))) return exitCode.refused
    return failures.length > 0 || choice.lost.length > 0 ? exitCode.left : exitCode.done
  })
}

const restoring = (count: number): Confirmation => ({
  question: `Restore ${counted(count)}? [y/N]`,
  act: 'restore them',
  untouched: 'Nothing was restored',
})
