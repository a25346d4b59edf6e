import type { Capabilities } from '@dustpan/core/driver'

/** What NewStore, and this driver of it, can do. To be written: each claim is tried by the conformance suite. */
export const capabilities: Capabilities = {
  intent: 'before',
  proof: 'key-only',
  maxBatch: 1_000,
  concurrency: 1,
  atomicBatch: false,
  verify: 'extra-round-trip',
  transactions: false,
}
