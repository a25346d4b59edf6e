import type { CleanedRun } from './remove-all.ts'

export interface CleanedBuild {
  readonly build: string | null
  readonly shadow: boolean
  readonly dryRun: boolean
  readonly runs: readonly CleanedRun[]
}

/** What it comes to, in a line. */
export function cleanedText({ build, shadow, dryRun, runs }: CleanedBuild): string {
  if (runs.length === 0)
    return `Nothing to clean up: ${build === null ? 'no build is named, and no record was handed on' : `nothing is on record of build ${build}`}.\n`
  const sum = (part: 'due' | 'left' | 'busy') => runs.reduce((total, run) => total + run[part], 0)
  const [due, left, busy] = [sum('due'), sum('left'), sum('busy')]
  const lines = [
    countsText(build, { due, left }, shadow ? 'shadow mode' : dryRun ? 'a dry run' : undefined),
    ...(busy > 0 ? [busyText(busy)] : []),
  ]
  const failed = runs.filter(({ error }) => error).length
  if (due + busy + failed === 0) return `Build ${build} is clean already.\n`
  // Of these nobody knows how much there is.
  if (due + busy === 0) return notCleaned(build, failed)
  return `${lines.join('\n')}\n${failed > 0 ? notCleaned(build, failed) : ''}`
}

const notCleaned = (build: string | null, failed: number): string =>
  `Build ${build}: ${failed === 1 ? 'a run' : `${failed} runs`} could not be cleaned; why stands above.\n`

function countsText(
  build: string | null,
  { due, left }: { due: number; left: number },
  mode: string | undefined,
): string {
  if (mode !== undefined) return `Nothing was removed: this is ${mode}. ${things(due)} of build ${build} would be.`
  return `Build ${build}: ${(due - left).toLocaleString('en')} of ${things(due)} removed.`
}

const busyText = (busy: number): string =>
  `${things(busy)} of runs that may still be going on were left alone. Once all other jobs of the build are over: dustpan ci clean --over.`

const things = (count: number): string => `${count.toLocaleString('en')} ${count === 1 ? 'thing' : 'things'}`
