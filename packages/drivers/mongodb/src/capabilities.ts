import type { Capabilities } from '@dustpan/core/driver'

export const capabilities: Capabilities = {
  intent: 'before',
  proof: 'incarnation',
  maxBatch: 10_000,
  concurrency: 1,
  atomicBatch: false,
  verify: 'free',
  transactions: true,
  typedKeys: true,
}
