import { isCertainlyDead, isObservable } from '../processes/process-identity.ts'
import type { FoldedRun } from './folded-run.ts'

/** Whether processes of a run are alive on this machine; for callers that know that processes on other machines are not. */
export function isAtWorkHere({
  ended,
  endedInParts,
  writers,
}: Pick<FoldedRun, 'ended' | 'endedInParts' | 'writers'>): boolean {
  if (ended !== undefined && !endedInParts) return false
  return writers
    .filter(({ role }) => role === 'main' || role === 'worker')
    .flatMap((writer) => (writer.main ? [writer, { ...writer, ...writer.main }] : [writer]))
    .some((writer) => isObservable(writer) && !isCertainlyDead(writer))
}
