/** Which outcomes are tried again, and after how long. */
import type { Settings } from '../config/settings.ts'
import type { Outcome, Outcomes } from '../ledger/removal-log.ts'
import type { Resource } from '../resource/resource.ts'

export const mayRetry = (outcome: Outcome | undefined): boolean =>
  outcome?.state === 'failed' ? outcome.retry !== false : isWaiting(outcome)

const isWaiting = (outcome: Outcome | undefined): outcome is Extract<Outcome, { state: 'pending' }> =>
  outcome?.state === 'pending' && outcome.why === 'unreachable'

/** Doubles with each attempt; at least what the store asked for (Retry-After). */
export function retryDelay(
  left: readonly Resource[],
  outcomes: Outcomes,
  attempt: number,
  { cleanup }: Settings,
): number {
  const asked = left.map(({ id }) => {
    const outcome = outcomes.get(id)
    if (isWaiting(outcome)) return outcome.afterMs
    return (outcome?.state === 'failed' && outcome.retry !== false && outcome.retry.afterMs) || 0
  })
  return asked.reduce((most, ms) => Math.max(most, ms), cleanup.retryDelayMs * 2 ** (attempt - 1))
}
