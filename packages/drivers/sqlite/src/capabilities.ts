import type { Capabilities } from '@dustpan/core/driver'

/** Capabilities of SQLite and of this driver. */
export const capabilities: Capabilities = {
  intent: 'before',
  proof: 'key-only',
  maxBatch: 10_000,
  concurrency: 1,
  atomicBatch: true,
  verify: 'free',
  transactions: true,
}
