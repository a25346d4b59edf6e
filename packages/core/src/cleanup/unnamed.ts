import type { Resource } from '../resource/resource.ts'

/** What the application wrote without saying for which test: any of its file's or run's tests may have made it, also one whose things are kept. */
export function isUnnamed({ set }: Resource): boolean {
  return set.origin === 'collected' && set.attributed !== 'test'
}

/** Why it is kept, for the ledger and the report. */
export const mayBeOfKept = 'a test whose resources are kept may have created it'
