/** Finds the runs that `dustpan clean --all` cleans: finished runs of this machine with resources left. */
import { isGoingOn, isSettled, listRuns, outlineOf, type RunOutline } from '@dustpan/core/ledger'

export interface FinishedRuns {
  /** Newest first. */
  readonly finished: readonly string[]
  /** Left out: their tests may still need what they created. */
  readonly live: readonly string[]
  /** Left out: tests on other machines ran in them. */
  readonly elsewhere: readonly string[]
}

export function finishedRuns(dir: string): FinishedRuns {
  const runs = listRuns(dir).flatMap(({ id }) => {
    const outline = readOutline(dir, id)
    return outline && !isSettled(outline) ? [{ id, kind: kindOf(outline) }] : []
  })
  const of = (wanted: ReturnType<typeof kindOf>) => runs.filter(({ kind }) => kind === wanted).map(({ id }) => id)
  return { finished: of('finished'), live: of('live'), elsewhere: of('elsewhere') }
}

function kindOf(outline: RunOutline): 'finished' | 'live' | 'elsewhere' {
  const isElsewhere = outline.writers.some(({ role, elsewhere }) => elsewhere && role !== 'cli' && role !== 'reaper')
  if (isElsewhere) return 'elsewhere'
  return isGoingOn(outline) ? 'live' : 'finished'
}

/** Undefined when the run has no record, or is being deleted. */
function readOutline(dir: string, id: string): RunOutline | undefined {
  try {
    return outlineOf(dir, id)
  } catch {
    return undefined
  }
}
