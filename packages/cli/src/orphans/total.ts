import type { CountByType } from '@dustpan/core/ledger'

/** The sum over all types. */
export const total = (counts: CountByType): number => Object.values(counts).reduce((sum, count) => sum + count, 0)
