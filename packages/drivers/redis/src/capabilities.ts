import type { Capabilities } from '@dustpan/core/driver'

/** How this driver differs from the others. */
export const capabilities: Capabilities = {
  intent: 'before',
  proof: 'key-only',
  maxBatch: 10_000,
  concurrency: 1,
  atomicBatch: false,
  verify: 'free',
  transactions: false,
}
