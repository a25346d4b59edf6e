/** `dustpan orphans`: find → list → ask → recover each run → report. */
import {
  isGone,
  type LeftBehind,
  listRuns,
  type Orphans,
  orphansOf,
  outlineOf,
  type Resource,
  recoverRun,
  type Settings,
} from '@dustpan/core/ledger'
import { alert } from '../alert.ts'
import type { OrphansOptions } from '../commands/orphans.ts'
import type { Call } from '../commands.ts'
import { type Confirmation, confirm } from '../confirm.ts'
import { counted } from '../counted.ts'
import { type ExitCode, exitCode, exitCodeOf, isRefusal } from '../exit-code.ts'
import { interruptible } from '../interruptible.ts'
import { type ErrorInfo, errorInfo } from '../print-error.ts'
import { settingsFor } from '../settings.ts'
import { inShadow } from '../shadow.ts'
import { orphansOutput } from './orphans-output.ts'
import { total } from './total.ts'

export interface RecoveredRun {
  readonly id: string
  /** The orphans, in their current state. */
  readonly found: readonly Resource[]
  /** Creations whose outcome is still unknown. */
  readonly unknown?: number
  /** Why the run could not be cleaned at all. */
  readonly error?: ErrorInfo
}

export async function cleanOrphans(given: Call<OrphansOptions>): Promise<ExitCode> {
  const settings = await settingsFor(given)
  const call = inShadow(given, settings)
  const { options } = call
  const orphans = findOrphans(settings, options)
  const output = orphansOutput(call)
  if (orphans.length === 0) output.none(refusedIn(settings))
  else output.list(orphans)
  const due = orphans.reduce((sum, one) => sum + total(one.due) + total(one.kept), 0)
  const isOver = isMore(orphans, options.failOver)
  // Not at a terminal, where a person sees the output.
  const sendAlert = async (recovered: readonly RecoveredRun[]) =>
    !call.terminal.interactive && alert(call, settings, leftBehind(orphans, recovered))
  if (orphans.length === 0 || options.dryRun) return (await sendAlert([])) || isOver ? exitCode.left : exitCode.done
  if (!(await confirm(call, sweeping(due)))) return exitCode.left
  const stop = new AbortController()
  return interruptible(call, settings, stop, async () => {
    const recovered = await recoverAll(settings, orphans, output.progress, stop.signal)
    output.outcome(recovered)
    const failsByAlert = await sendAlert(recovered)
    const exit = exitFor(recovered)
    return exit === exitCode.done && (failsByAlert || isOver) ? exitCode.left : exit
  })
}

const isMore = (orphans: readonly Orphans[], max = Number.POSITIVE_INFINITY): boolean =>
  orphans.reduce((sum, { due }) => sum + total(due), 0) > max

function leftBehind(orphans: readonly Orphans[], recovered: readonly RecoveredRun[]): LeftBehind {
  return {
    runs: recovered.filter(({ found }) => found.some((one) => !isFine(one))).map(({ id }) => id),
    resources: recovered.flatMap(({ found }) => found),
    orphans,
    failed: recovered.flatMap(({ id, error }) => (error ? [{ run: id, error }] : [])),
  }
}

const sweeping = (count: number): Confirmation => ({
  question: `Clean up ${counted(count)}? [y/N]`,
  act: 'clean them up',
  untouched: 'Nothing was removed',
})

function findOrphans(settings: Settings, { olderThan = Number.POSITIVE_INFINITY }: OrphansOptions): readonly Orphans[] {
  return listRuns(settings.dir).flatMap(({ id }) => {
    const found = orphansOf(settings, id)
    return found && found.run.latestAt <= olderThan ? [found] : []
  })
}

function refusedIn({ dir }: Settings): number {
  return listRuns(dir).reduce((sum, { id }) => sum + (outlineOf(dir, id).states.refused ?? 0), 0)
}

/** A run that cannot be cleaned does not stop the others. */
async function recoverAll(
  settings: Settings,
  orphans: readonly Orphans[],
  progress: (line: string) => void,
  stop: AbortSignal,
): Promise<readonly RecoveredRun[]> {
  const recovered: RecoveredRun[] = []
  for (const { run, intents } of orphans) {
    if (stop.aborted) break
    progress(`Cleaning run ${recovered.length + 1} of ${orphans.length}`)
    recovered.push(await recover(settings, run.id, intents, stop))
  }
  progress('')
  return recovered
}

async function recover(settings: Settings, id: string, intents: number, stop: AbortSignal): Promise<RecoveredRun> {
  try {
    const found = await recoverRun(settings, id, { role: 'cli', runner: 'dustpan orphans', stop })
    const unknown = intents === 0 ? 0 : (orphansOf(settings, id)?.intents ?? 0)
    return { id, found, ...(unknown > 0 ? { unknown } : {}) }
  } catch (error) {
    return { id, found: [], error: errorInfo(error) }
  }
}

const isFine = ({ state }: Resource): boolean => isGone(state) || state === 'kept'

function exitFor(recovered: readonly RecoveredRun[]): ExitCode {
  const left = recovered.flatMap(({ found }) => found).filter((resource) => !isFine(resource))
  const codes = [...left.map(({ error }) => error?.code), ...recovered.map(({ error }) => error?.code)]
  if (codes.some(isRefusal)) return exitCode.refused
  const failed = recovered.flatMap(({ error }) => (error ? [exitCodeOf(error.code) ?? exitCode.left] : []))
  return left.length > 0 || failed.length > 0 ? exitCode.left : exitCode.done
}
