/** Whether a run is over. */
import { clock } from '../clock/clock.ts'
import type { FoldedRun } from './folded-run.ts'
import { isCertainlyDead, isObservable } from './process-identity.ts'
import { silenceMs } from './silence.ts'

/** A run is over when it says so, or when all its writers are dead; for writers that cannot be looked at from here, when they have long been silent. */
export function isGoingOn({
  ended,
  endedInParts,
  writers,
  latestAt,
}: Pick<FoldedRun, 'ended' | 'endedInParts' | 'writers' | 'latestAt'>): boolean {
  if (isOver({ ended, endedInParts })) return false
  const isSilent = clock.now() - latestAt > silenceMs
  return writers
    .filter(({ role }) => role === 'main' || role === 'worker')
    .flatMap((writer) => (writer.main ? [writer, { ...writer, ...writer.main }] : [writer]))
    .some((writer) => (isObservable(writer) ? !isCertainlyDead(writer) : !isSilent))
}

/** Whether tests of another machine are in it: what they said when goes by that one's clock. */
export const isOfAnotherMachine = ({ writers }: Pick<FoldedRun, 'writers'>): boolean =>
  writers.some(({ role, elsewhere }) => elsewhere && role !== 'cli' && role !== 'reaper')

/** Somebody has ended it as a whole. */
export const isOver = ({ ended, endedInParts }: Pick<FoldedRun, 'ended' | 'endedInParts'>): boolean =>
  ended !== undefined && !endedInParts
