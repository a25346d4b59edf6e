import type { Capabilities } from '@dustpan/core/driver'

/** The capabilities of the PostgreSQL driver. */
export const capabilities: Capabilities = {
  intent: 'before',
  proof: 'incarnation',
  maxBatch: 10_000,
  concurrency: 1,
  atomicBatch: true,
  verify: 'free',
  transactions: true,
}
