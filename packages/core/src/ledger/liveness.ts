/** Whether a run is over. */
import { clock } from '../clock/clock.ts'
import { isCertainlyDead, isObservable } from '../processes/process-identity.ts'
import { silenceMs } from '../processes/silence.ts'
import type { FoldedRun } from './folded-run.ts'

/** A run is over when it has ended, or all its writers are dead; writers that cannot be observed from here count as dead after a long silence. */
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

/** Whether processes of another machine ran its tests: their times are by that machine's clock. */
export const isOfAnotherMachine = ({ writers }: Pick<FoldedRun, 'writers'>): boolean =>
  writers.some(({ role, elsewhere }) => elsewhere && role !== 'cli' && role !== 'reaper')

/** Whether it was ended as a whole. */
export const isOver = ({ ended, endedInParts }: Pick<FoldedRun, 'ended' | 'endedInParts'>): boolean =>
  ended !== undefined && !endedInParts
