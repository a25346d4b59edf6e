/** `dustpan ci clean`: find the build's runs → remove all that they have left, newest first → tell. */
import { isAtWorkHere, isGoingOn, type LedgerRun, openLedgerRun, type Settings } from '@dustpan/core/ledger'
import type { CiCleanOptions } from '../commands/ci.ts'
import type { Call } from '../commands.ts'
import { type ExitCode, exitCode, exitCodeOf } from '../exit-code.ts'
import { interruptible } from '../interruptible.ts'
import { chooseDue } from '../removal/choose-due.ts'
import { planText } from '../removal/plan-text.ts'
import { settingsFor } from '../settings.ts'
import { inShadow } from '../shadow.ts'
import { errorText, toldError } from '../tell-error.ts'
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
  // What things of an older run held back can go once these are gone.
  const held = ids.filter((id) => (cleaned.get(id)?.left ?? 0) > 0)
  const isOthers = ids.length > 1 && !call.options.dryRun && !stop.aborted
  for (const id of isOthers ? held : []) {
    const { due = 0 } = cleaned.get(id) ?? {}
    cleaned.set(id, { ...(await cleanOne(id, settings, call, stop)), due })
  }
  return [...cleaned.values()]
}

/** A run that cannot be cleaned keeps none of the others from it. */
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
    const goesOn = goesOnIn(run, options)
    return options.dryRun ? plan(run, goesOn, terminal) : await removeAll(run, settings, !goesOn, terminal)
  } catch (error) {
    const told = toldError(error)
    terminal.writeError(errorText(told, terminal))
    return { ...nothingIn(id), error: told }
  }
}

function goesOnIn(run: LedgerRun, { over }: CiCleanOptions): boolean {
  const folded = run.folded()
  return over ? isAtWorkHere(folded) : isGoingOn(folded)
}

const nothingIn = (run: string): CleanedRun => ({ run, due: 0, left: 0, refused: 0, busy: 0 })

function plan(run: LedgerRun, goesOn: boolean, terminal: Call['terminal']): CleanedRun {
  const choice = chooseDue(run, {}, goesOn)
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
