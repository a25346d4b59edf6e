import { dustpan } from '@dustpan/vitest-plugin'
import { defineConfig } from 'vitest/config'

// Separate from the suite, so that `npm test` does not run it: a run that is killed.
export default defineConfig({ plugins: [dustpan()], test: { pool: 'forks' } })
