import type { Capabilities } from '@dustpan/core/driver'

/** Topics and groups are removed; messages cannot be. */
export const capabilities: Capabilities = {
  intent: 'before',
  proof: 'incarnation',
  maxBatch: 200,
  concurrency: 4,
  atomicBatch: false,
  verify: 'extra-round-trip',
  transactions: false,
}
