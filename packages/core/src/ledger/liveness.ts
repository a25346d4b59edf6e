/** Whether a run is over. */
import { clock } from '../clock/clock.ts'
import type { FoldedRun } from './fold.ts'
import { isCertainlyDead, isObservable } from './process-identity.ts'

/** What another machine wrote so long ago counts as its last sign of life. */
const silenceMs = 10 * 60_000

/** A run is over when it says so, or when all its writers are dead; for writers that cannot be looked at from here, when they have long been silent. */
export function isGoingOn({ ended, endedInParts, writers, latestAt }: FoldedRun): boolean {
  if (ended !== undefined && !endedInParts) return false
  const isSilent = clock.now() - latestAt > silenceMs
  return writers
    .filter(({ role }) => role === 'main' || role === 'worker')
    .flatMap((writer) => (writer.main ? [writer, { ...writer, ...writer.main }] : [writer]))
    .some((writer) => (isObservable(writer) ? !isCertainlyDead(writer) : !isSilent))
}
