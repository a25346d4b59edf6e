/** Which outcomes are retried, and after what delay. */
import type { Settings } from '../config/settings.ts'
import type { Outcome, Outcomes } from '../journal/removal-log.ts'
import type { Resource } from '../resource/resource.ts'

export const mayRetry = (outcome: Outcome | undefined): boolean =>
  outcome?.state === 'failed' ? outcome.retry !== false : isWaiting(outcome) && outcome.error?.isFinal !== true

const isWaiting = (outcome: Outcome | undefined): outcome is Extract<Outcome, { state: 'pending' }> =>
  outcome?.state === 'pending' && outcome.why === 'unreachable'

/** Doubles with each attempt; at least what the store asked for (Retry-After). */
export function retryDelay(
  left: readonly Resource[],
  outcomes: Outcomes,
  attempt: number,
  { cleanup }: Settings,
): number {
  const delays = left.map(({ id }) => {
    const outcome = outcomes.get(id)
    if (isWaiting(outcome)) return outcome.afterMs
    return (outcome?.state === 'failed' && outcome.retry !== false && outcome.retry.afterMs) || 0
  })
  return delays.reduce((max, ms) => Math.max(max, ms), cleanup.retryDelayMs * 2 ** (attempt - 1))
}
