/** Outcomes that no driver gives. */
import { DustpanError, isDustpanError, messageOf } from '../errors/dustpan-error.ts'
import type { RemovalOutcome } from '../resource/driver.ts'
import type { StoreRef } from '../resource/resource.ts'

export const outOfTime: RemovalOutcome = { state: 'pending', why: 'budget', afterMs: 0 }
export const openTransaction: RemovalOutcome = { state: 'pending', why: 'open-transaction', afterMs: 0 }

const refusals: Readonly<Record<string, 'wrong-store' | 'host' | 'not-ours'>> = {
  DUSTPAN_WRONG_STORE: 'wrong-store',
  DUSTPAN_HOST_REFUSED: 'host',
  DUSTPAN_NOT_OURS: 'not-ours',
}

const final = new Set([
  'DUSTPAN_DRIVER_UNAVAILABLE',
  'DUSTPAN_CONFIG_INVALID',
  'DUSTPAN_CONFIG_UNREADABLE',
  'DUSTPAN_STORE_GONE',
])

/** For a store that could not be opened, or a driver that threw. */
export function unreachable(cause: unknown, store: StoreRef): RemovalOutcome {
  const error = isDustpanError(cause)
    ? cause
    : new DustpanError(
        'DUSTPAN_STORE_UNREACHABLE',
        `${store.id.replace(/#.*$/, '')} could not be reached: ${messageOf(cause)}`,
        { cause },
      )
  const why = refusals[error.code]
  if (why !== undefined) return { state: 'refused', why, detail: null, error }
  return { state: 'failed', error, retry: final.has(error.code) ? false : {} }
}
