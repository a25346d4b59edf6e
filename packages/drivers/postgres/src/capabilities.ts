import type { Capabilities } from '@dustpan/core/driver'

/** What PostgreSQL, and this driver of it, can do. */
export const capabilities: Capabilities = {
  intent: 'before',
  proof: 'incarnation',
  maxBatch: 10_000,
  concurrency: 1,
  atomicBatch: true,
  verify: 'free',
  transactions: true,
}
