import type { CountByType } from '@dustpan/core/ledger'

/** Of all types. */
export const total = (counts: CountByType): number => Object.values(counts).reduce((sum, count) => sum + count, 0)
