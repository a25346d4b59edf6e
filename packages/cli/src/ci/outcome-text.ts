import { counted } from '../counted.ts'
import type { CleanedRun } from './remove-all.ts'

export interface CleanedBuild {
  readonly build: string | null
  readonly shadow: boolean
  readonly dryRun: boolean
  readonly runs: readonly CleanedRun[]
}

/** The outcome, in a line. */
export function cleanedText({ build, shadow, dryRun, runs }: CleanedBuild): string {
  if (runs.length === 0)
    return `Nothing to clean up: ${build === null ? 'no build id given, and no record passed on' : `no records of build ${build}`}.\n`
  const sum = (part: 'due' | 'left' | 'busy') => runs.reduce((total, run) => total + run[part], 0)
  const [due, left, busy] = [sum('due'), sum('left'), sum('busy')]
  const lines = [
    countsText(build, { due, left }, shadow ? 'shadow mode' : dryRun ? 'a dry run' : undefined),
    ...(busy > 0 ? [busyText(busy)] : []),
  ]
  const failed = runs.filter(({ error }) => error).length
  if (due + busy + failed === 0) return `Build ${build} is already clean.\n`
  // The number of resources of failed runs is unknown.
  if (due + busy === 0) return notCleaned(build, failed)
  return `${lines.join('\n')}\n${failed > 0 ? notCleaned(build, failed) : ''}`
}

const notCleaned = (build: string | null, failed: number): string =>
  `Build ${build}: ${counted(failed, 'run')} could not be cleaned, see errors above.\n`

function countsText(
  build: string | null,
  { due, left }: { due: number; left: number },
  mode: string | undefined,
): string {
  if (mode !== undefined)
    return `Nothing was removed: this is ${mode}. ${counted(due)} of build ${build} would be removed.`
  return `Build ${build}: ${(due - left).toLocaleString('en')} of ${counted(due)} removed.`
}

const busyText = (busy: number): string =>
  `Left alone: ${counted(busy)} of runs that may still be in progress. Once all other jobs of the build have finished: dustpan ci clean --over.`
