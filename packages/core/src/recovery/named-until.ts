/** How long after a run what an application writes in its name is its own: a browser that has the name still may be a person's by then. */
import type { FoldedRun } from '../ledger/folded-run.ts'

/** For as long as the reaper looks for what a request under way may still create, and some more. */
const underwayMs = 2 * 60_000
/** Nobody knows when it died: a test may have gone on for so long after the last that is on record. */
const unrecordedMs = 60 * 60_000

/** In milliseconds since the epoch; undefined: none of its processes has recorded anything. */
export function namedUntil({ workedUntil, endedAt }: Pick<FoldedRun, 'workedUntil' | 'endedAt'>): number | undefined {
  if (workedUntil === 0) return undefined
  const isEndedByItself = endedAt !== undefined && endedAt <= workedUntil
  return workedUntil + (isEndedByItself ? underwayMs : unrecordedMs)
}
