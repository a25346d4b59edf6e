/** The runs of a ledger that `dustpan clean --all` is about: over, of this machine, and with something left. */
import { isGoingOn, isSettled, listRuns, outlineOf, type RunOutline } from '@dustpan/core/ledger'

export interface FinishedRuns {
  /** The newest first. */
  readonly finished: readonly string[]
  /** Left out: their tests may still need what they created. */
  readonly live: readonly string[]
  /** Left out: tests on other machines ran in them. */
  readonly elsewhere: readonly string[]
}

export function finishedRuns(dir: string): FinishedRuns {
  const runs = listRuns(dir).flatMap(({ id }) => {
    const outline = outlined(dir, id)
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

/** Undefined: it has no record, or is being removed. */
function outlined(dir: string, id: string): RunOutline | undefined {
  try {
    return outlineOf(dir, id)
  } catch {
    return undefined
  }
}
