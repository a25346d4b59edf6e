import type { Capabilities } from '@dustpan/core/driver'

/** What NewStore and this driver can do. To be written: the conformance suite tests each claim. */
export const capabilities: Capabilities = {
  intent: 'before',
  proof: 'key-only',
  maxBatch: 1_000,
  concurrency: 1,
  atomicBatch: false,
  verify: 'extra-round-trip',
  transactions: false,
}
