/** Which outcomes are tried again, and after how long. */
import type { Settings } from '../config/settings.ts'
import type { RemovalOutcome } from '../resource/driver.ts'
import type { Resource, ResourceId } from '../resource/resource.ts'

export const mayRetry = (outcome: RemovalOutcome | undefined): boolean =>
  outcome?.state === 'failed' && outcome.retry !== false

/** Doubles with each attempt; at least what the store asked for (Retry-After). */
export function retryDelay(
  left: readonly Resource[],
  outcomes: ReadonlyMap<ResourceId, RemovalOutcome>,
  attempt: number,
  { cleanup }: Settings,
): number {
  const asked = left.map(({ id }) => {
    const outcome = outcomes.get(id)
    return (outcome?.state === 'failed' && outcome.retry !== false && outcome.retry.afterMs) || 0
  })
  return asked.reduce((most, ms) => Math.max(most, ms), cleanup.retryDelayMs * 2 ** (attempt - 1))
}
