import type { LedgerEvent } from '../journal/events.ts'

/** From the first to the last of the events taken. */
export interface TimeSpan {
  take(event: LedgerEvent): void
  between(): { readonly startedAt: number; readonly latestAt: number }
}

export function timeSpan(): TimeSpan {
  let [startedAt, latestAt] = [Number.POSITIVE_INFINITY, 0]
  return {
    take({ t }) {
      startedAt = Math.min(startedAt, t)
      latestAt = Math.max(latestAt, t)
    },
    between: () => ({ startedAt, latestAt }),
  }
}
