import { defineConfig } from 'vitest/config'
import { compiled } from './scripts/compiled.ts'
import { LongestFirst } from './scripts/longest-first.ts'

// Tests start thousands of processes that load the same, and a third of what those do is to compile it.
process.env.NODE_COMPILE_CACHE ??= compiled

export default defineConfig({
  test: {
    include: [
      'packages/*/test/**/*.test.ts',
      'packages/drivers/*/test/**/*.test.ts',
      'packages/ledgers/*/test/**/*.test.ts',
      'scripts/test/**/*.test.ts',
      'examples/shop/test/**/*.test.ts',
    ],
    // Its own tests switch it on.
    env: { DUSTPAN_REAPER: '0' },
    // For what hangs: on a busy machine a test takes many times as long as on a quiet one.
    testTimeout: 400_000,
    hookTimeout: 400_000,
    // One more than CI has cores: much of what they do is to wait.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
  },
})
