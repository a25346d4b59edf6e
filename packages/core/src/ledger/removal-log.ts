/** How the outcomes of a batch are written: those that are alike once, however many. */
import { describeError } from '../errors/dustpan-error.ts'
import type { RemovalOutcome } from '../resource/driver.ts'
import type { ResourceId } from '../resource/resource.ts'
import type { LoggedOutcome } from './events.ts'

export function loggedOutcome(outcome: RemovalOutcome): LoggedOutcome {
  if (outcome.state === 'failed') {
    return { state: 'failed', error: describeError(outcome.error, 'DUSTPAN_REMOVAL_FAILED') }
  }
  if (outcome.state === 'refused') {
    const error = outcome.error === undefined ? {} : { error: describeError(outcome.error, 'DUSTPAN_NOT_OURS') }
    return { state: 'refused', why: outcome.why, detail: outcome.detail, ...error }
  }
  if (outcome.state === 'pending') return { state: 'pending', why: outcome.why }
  return { state: outcome.state, ...(outcome.result === undefined ? {} : { result: outcome.result }) }
}

/** The most frequent outcome without an error as `others`, and the rest one by one. */
export function compactOutcomes(outcomes: ReadonlyMap<ResourceId, RemovalOutcome>): {
  outcomes: [ResourceId, LoggedOutcome][]
  others?: LoggedOutcome
} {
  const logged = [...outcomes].map(([id, outcome]) => [id, loggedOutcome(outcome)] as [ResourceId, LoggedOutcome])
  const common = logged.find(([, outcome]) => outcome.state === 'removed')?.[1]
  if (!common) return { outcomes: logged }
  const same = ([, outcome]: [ResourceId, LoggedOutcome]) =>
    outcome.state === 'removed' && outcome.result === common.result
  return { outcomes: logged.filter((entry) => !same(entry)), others: common }
}
