/** The runs of a ledger that `dustpan clean --all` is about: over, of this machine, and with something left. */
import { isGoingOn, isGone, listRuns, outlineOf, type RunOutline, type State } from '@dustpan/core/ledger'

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
    return outline && hasLeft(outline) ? [{ id, kind: kindOf(outline) }] : []
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

/** A run that was killed may have left what only the databases' logs know. */
function hasLeft({ ended, intents, states }: RunOutline): boolean {
  const left = (Object.keys(states) as State[]).filter(
    (state) => !isGone(state) && state !== 'shared' && state !== 'audit',
  )
  return ended === undefined || intents > 0 || left.length > 0
}
