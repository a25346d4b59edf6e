/** Writes the outcomes of a batch compactly: equal outcomes only once. */

import type { Code } from '../errors/codes.ts'
import { type DustpanError, describeError } from '../errors/dustpan-error.ts'
import { redact } from '../errors/redact.ts'
import type { ResourceId } from '../resource/resource.ts'
import type { RemovalOutcome } from '../resource/target.ts'
import type { LoggedOutcome } from './events.ts'

/** A driver's outcome, or `lost`: nothing can remove the resource any more. */
export type Outcome = RemovalOutcome | { readonly state: 'lost'; readonly error: DustpanError }

export type Outcomes = ReadonlyMap<ResourceId, Outcome>

const known = new WeakMap<Outcome, LoggedOutcome>()

/** Drivers return one object for all equal outcomes, so each is converted once. */
export function loggedOutcome(outcome: Outcome): LoggedOutcome {
  let logged = known.get(outcome)
  if (!logged) {
    logged = asLogged(outcome)
    known.set(outcome, logged)
  }
  return logged
}

function asLogged(outcome: Outcome): LoggedOutcome {
  const { state } = outcome
  if (state === 'failed' || state === 'lost')
    return { state, error: loggedError(outcome.error, 'DUSTPAN_REMOVAL_FAILED') }
  if (state === 'refused') {
    const error = outcome.error === undefined ? {} : { error: loggedError(outcome.error, 'DUSTPAN_NOT_OURS') }
    return { state, why: outcome.why, detail: outcome.detail, ...error }
  }
  if (state === 'pending') {
    const error = outcome.error === undefined ? {} : { error: loggedError(outcome.error, 'DUSTPAN_STORE_UNREACHABLE') }
    return { state, why: outcome.why, ...error }
  }
  return {
    state,
    ...(outcome.result === undefined ? {} : { result: outcome.result }),
    ...(outcome.marked ? { marked: true } : {}),
    ...(outcome.neverSeen ? { why: 'never-seen' } : {}),
  }
}

/** Redacted, because stores quote their input in error messages. */
export function loggedError(error: unknown, otherwise: Code): NonNullable<LoggedOutcome['error']> {
  const { code, message, hint } = describeError(error, otherwise)
  return { code, message: redact(message), ...(hint === undefined ? {} : { hint: redact(hint) }) }
}

/** Removed resources with the same outcome as the first one go into `others`; the rest are listed. */
export function compactOutcomes(outcomes: Outcomes): {
  outcomes: [ResourceId, LoggedOutcome][]
  others?: LoggedOutcome
} {
  const alike = allAlike(outcomes)
  if (alike?.state === 'removed') return { outcomes: [], others: loggedOutcome(alike) }
  const logged = [...outcomes].map(([id, outcome]): [ResourceId, LoggedOutcome] => [id, loggedOutcome(outcome)])
  const common = logged.find(([, { state }]) => state === 'removed')?.[1]
  if (!common) return { outcomes: logged }
  const isOther = ([, outcome]: [ResourceId, LoggedOutcome]) =>
    outcome !== common &&
    (outcome.state !== 'removed' || outcome.result !== common.result || outcome.marked !== common.marked)
  return { outcomes: logged.filter(isOther), others: common }
}

/** The outcome of all, if the driver returned the same object for each. */
export function allAlike(outcomes: Outcomes): Outcome | undefined {
  let first: Outcome | undefined
  for (const outcome of outcomes.values()) {
    first ??= outcome
    if (outcome !== first) return undefined
  }
  return first
}
