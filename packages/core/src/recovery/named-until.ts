/** How long after a run rows in its name still belong to it: later, a person may be using a browser that still carries the name. */
import type { FoldedRun } from '../ledger/folded-run.ts'

/** A little longer than the reaper waits for creations by requests in flight. */
const inFlightMs = 2 * 60_000
/** For a run that died at an unknown time: a test may have gone on this long after its last record. */
const unrecordedMs = 60 * 60_000

/** In milliseconds since the epoch; undefined if none of its processes has recorded anything. */
export function namedUntil({ workedUntil, endedAt }: Pick<FoldedRun, 'workedUntil' | 'endedAt'>): number | undefined {
  if (workedUntil === 0) return undefined
  const isEndedByItself = endedAt !== undefined && endedAt <= workedUntil
  return workedUntil + (isEndedByItself ? inFlightMs : unrecordedMs)
}
