import type { Resource } from '../resource/resource.ts'

/** A row that the application wrote without naming the test: any test of the file or run may have created it, even one whose resources are kept. */
export function isUnnamed({ set }: Resource): boolean {
  return set.origin === 'collected' && set.attributed !== 'test'
}

/** The reason for keeping it, in the ledger and the report. */
export const mayBeOfKept = 'a test whose resources are kept may have created it'
