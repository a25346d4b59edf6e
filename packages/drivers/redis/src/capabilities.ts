import type { Capabilities } from '@dustpan/core/driver'

/** What differs from other stores. */
export const capabilities: Capabilities = {
  intent: 'before',
  proof: 'key-only',
  maxBatch: 10_000,
  concurrency: 1,
  atomicBatch: false,
  verify: 'free',
  transactions: false,
}
