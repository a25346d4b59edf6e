import type { Capabilities } from '@dustpan/core/driver'

/** The driver removes topics and groups; messages cannot be removed. */
export const capabilities: Capabilities = {
  intent: 'before',
  proof: 'incarnation',
  maxBatch: 200,
  concurrency: 4,
  atomicBatch: false,
  verify: 'extra-round-trip',
  transactions: false,
}
