/** `dustpan ci clean`: find the build's runs → remove what they left, newest first → report. */
import { isAtWorkHere, isGoingOn, type LedgerRun, openLedgerRun, type Settings } from '@dustpan/core/ledger'
import type { CiCleanOptions } from '../commands/ci.ts'
import type { Call } from '../commands.ts'
import { type ExitCode, exitCode, exitCodeOf } from '../exit-code.ts'
import { interruptible } from '../interruptible.ts'
import { errorInfo, errorText } from '../print-error.ts'
import { chooseDue } from '../removal/choose-due.ts'
import { planText } from '../removal/plan-text.ts'
import { settingsFor } from '../settings.ts'
import { inShadow } from '../shadow.ts'
import { findRuns } from './find-runs.ts'
import { cleanedText } from './outcome-text.ts'
import { type CleanedRun, removeAll } from './remove-all.ts'

export async function ciClean(given: Call<CiCleanOptions>): Promise<ExitCode> {
  const settings = await settingsFor(given)
  const call = inShadow(given, settings)
  const { options, terminal } = call
  const quiet = options.json ? { ...call, terminal: { ...terminal, write: () => {} } } : call
  const found = await findRuns(call, settings)
  const stop = new AbortController()
  return interruptible(call, settings, stop, async () => {
    const runs = await cleanAll(found.runs, settings, quiet, stop.signal)
    const outcome = { build: found.build ?? null, shadow: settings.shadow, dryRun: options.dryRun ?? false, runs }
    terminal.write(options.json ? `${JSON.stringify(outcome, null, 2)}\n` : cleanedText(outcome))
    return exitFor(runs, options.dryRun)
  })
}

async function cleanAll(
  ids: readonly string[],
  settings: Settings,
  call: Call<CiCleanOptions>,
  stop: AbortSignal,
): Promise<readonly CleanedRun[]> {
  const cleaned = new Map<string, CleanedRun>()
  for (const id of ids) if (!stop.aborted) cleaned.set(id, await cleanOne(id, settings, call, stop))
  // Try again what was blocked by resources of older runs, which are removed now.
  const blocked = ids.filter((id) => (cleaned.get(id)?.left ?? 0) > 0)
  const mayRetry = ids.length > 1 && !call.options.dryRun && !stop.aborted
  for (const id of mayRetry ? blocked : []) {
    const { due = 0 } = cleaned.get(id) ?? {}
    cleaned.set(id, { ...(await cleanOne(id, settings, call, stop)), due })
  }
  return [...cleaned.values()]
}

/** Never throws: a run that cannot be cleaned does not stop the others. */
async function cleanOne(
  id: string,
  settings: Settings,
  { options, terminal }: Call<CiCleanOptions>,
  stop: AbortSignal,
): Promise<CleanedRun> {
  try {
    const opened = await openLedgerRun(settings, { run: id, runner: 'dustpan ci clean', stop }, 'cli')
    if (!opened) return nothingIn(id)
    await using run = opened
    const inProgress = isInProgress(run, options)
    return options.dryRun ? plan(run, inProgress, terminal) : await removeAll(run, settings, !inProgress, terminal)
  } catch (error) {
    const info = errorInfo(error)
    terminal.writeError(errorText(info, terminal))
    return { ...nothingIn(id), error: info }
  }
}

function isInProgress(run: LedgerRun, { over }: CiCleanOptions): boolean {
  const folded = run.folded()
  return over ? isAtWorkHere(folded) : isGoingOn(folded)
}

const nothingIn = (run: string): CleanedRun => ({ run, due: 0, left: 0, refused: 0, busy: 0 })

function plan(run: LedgerRun, inProgress: boolean, terminal: Call['terminal']): CleanedRun {
  const choice = chooseDue(run, {}, inProgress)
  const [due, refused, busy] = [choice.due.length, choice.refused.length, choice.busy.length]
  if (due + refused + busy > 0) terminal.write(planText(run, choice, terminal))
  for (const refusal of choice.refusals) terminal.writeError(errorText(refusal, terminal))
  return { run: run.folded().id, due: due + refused, left: due + refused, refused, busy }
}

function exitFor(runs: readonly CleanedRun[], isPlan: true | undefined): ExitCode {
  const codes = runs.flatMap(({ error }) => (error ? [exitCodeOf(error.code) ?? exitCode.wrong] : []))
  if (codes.includes(exitCode.refused) || runs.some(({ refused }) => refused > 0)) return exitCode.refused
  if (codes.length > 0) return Math.max(...codes) as ExitCode
  const isLeft = runs.some(({ left, busy }) => left + busy > 0)
  return isLeft && !isPlan ? exitCode.left : exitCode.done
}
