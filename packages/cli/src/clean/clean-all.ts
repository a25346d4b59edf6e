/** `dustpan clean --all`: find the finished runs → plan each → ask once → remove run by run → report. */
import { DustpanError } from '@dustpan/core'
import { isGoingOn, type LedgerRun, lockEverywhere, openLedgerRun, type Settings } from '@dustpan/core/ledger'
import type { CleanOptions } from '../commands/clean.ts'
import type { Call } from '../commands.ts'
import { type Confirmation, confirm } from '../confirm.ts'
import { counted } from '../counted.ts'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { interruptible } from '../interruptible.ts'
import { errorInfo } from '../print-error.ts'
import { auditRefused } from '../removal/audit-refused.ts'
import { type Choice, chooseDue } from '../removal/choose-due.ts'
import { settingsFor } from '../settings.ts'
import { inShadow } from '../shadow.ts'
import { type CleanAllOutput, cleanAllOutput } from './clean-all-output.ts'
import { exitFor } from './clean-run.ts'
import { finishedRuns } from './finished-runs.ts'
import { type Left, removeChosen } from './remove-chosen.ts'

interface Planned {
  readonly id: string
  readonly choice: Choice
}

export async function cleanAll(given: Call<CleanOptions>): Promise<ExitCode> {
  refuseOneRun(given)
  const settings = await settingsFor(given)
  const call = inShadow(given, settings)
  const { options } = call
  const output = cleanAllOutput(call)
  const runs = finishedRuns(settings.dir)
  output.leftOut(runs)
  const stop = new AbortController()
  const { planned, failed } = await planAll(settings, runs.finished, { call, output, stop })
  const due = planned.reduce((sum, { choice }) => sum + choice.due.length, 0)
  const refused = planned.reduce((sum, { choice }) => sum + choice.refused.length, 0)
  const mayRemove = due > 0 && !options.dryRun
  if (!mayRemove || !(await confirm(call, removing(due, planned)))) {
    output.end(due)
    return mayRemove || due === 0 ? exitFor(refused, failed + (mayRemove ? 1 : 0)) : exitCode.done
  }
  return interruptible(call, settings, stop, async () => {
    const all = await removeAll(settings, planned, { output, stop })
    output.end(due)
    return exitFor(refused + all.refused, failed + all.left)
  })
}

/** Refuses ids of resources and runs, which name one run. */
function refuseOneRun({ arguments: named, options }: Call<CleanOptions>): void {
  const given = options.id ? '--id' : named.length > 0 ? named[0] : undefined
  if (given === undefined) return
  throw new DustpanError('DUSTPAN_INVALID_ARGUMENT', `--all cleans every finished run; ${given} names one run.`, {
    hint: 'Leave one of them out. Nothing was removed.',
  })
}

interface Work {
  readonly output: CleanAllOutput
  readonly stop: AbortController
}

/** Opens one run at a time, as each has its own connections. A run that cannot be opened does not stop the others. */
async function planAll(
  settings: Settings,
  ids: readonly string[],
  { call, output, stop }: Work & { readonly call: Call<CleanOptions> },
): Promise<{ readonly planned: readonly Planned[]; readonly failed: number }> {
  const planned: Planned[] = []
  let failed = 0
  for (const id of ids)
    await withRun(settings, id, stop, async (run) => {
      await run.collect()
      await run.resolve()
      const choice = chooseDue(run, call.options)
      if (choice.due.length + choice.refused.length === 0) return
      output.plan(run, choice)
      if (!call.options.dryRun && choice.refused.length > 0) auditRefused(run, choice, settings)
      planned.push({ id, choice })
    }).catch((error) => {
      output.failed(id, errorInfo(error))
      failed++
    })
  return { planned, failed }
}

async function removeAll(settings: Settings, planned: readonly Planned[], { output, stop }: Work): Promise<Left> {
  const all = { left: 0, refused: 0 }
  for (const { id, choice } of planned) {
    if (choice.due.length === 0) continue
    const { left, refused } = stop.signal.aborted
      ? { left: choice.due.length, refused: 0 }
      : await removeOne(settings, { id, choice }, { output, stop })
    all.left += left
    all.refused += refused
  }
  return all
}

async function removeOne(settings: Settings, { id, choice }: Planned, { output, stop }: Work): Promise<Left> {
  const nothing = { left: choice.due.length, refused: 0 }
  try {
    const done = await withRun(settings, id, stop, async (run) => {
      await using _lock = await lockEverywhere(settings, id)
      return removeChosen(run, choice, output)
    })
    return done ?? nothing
  } catch (error) {
    output.failed(id, errorInfo(error))
    return nothing
  }
}

/** Undefined when the run has no records, or is in progress again. */
async function withRun<Result>(
  settings: Settings,
  id: string,
  stop: AbortController,
  act: (run: LedgerRun) => Promise<Result>,
): Promise<Result | undefined> {
  const opened = await openLedgerRun(settings, { run: id, runner: 'dustpan clean', stop: stop.signal }, 'cli')
  if (!opened) return undefined
  await using run = opened
  return isGoingOn(run.folded()) ? undefined : act(run)
}

const removing = (count: number, runs: readonly Planned[]): Confirmation => ({
  question: `Remove ${counted(count)} of ${counted(runs.filter(({ choice }) => choice.due.length > 0).length, 'run')}? [y/N]`,
  act: 'remove them',
  untouched: 'Nothing was removed',
})
