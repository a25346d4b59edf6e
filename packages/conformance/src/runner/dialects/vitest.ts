import type { Dialect } from '../dialect.ts'

const config = `import { dustpan } from '@dustpan/vitest-plugin'
import { defineConfig } from 'vitest/config'
export default defineConfig({ plugins: [dustpan()], test: { maxWorkers: 2, testTimeout: 20_000 } })
`

export const vitest: Dialect = {
  name: 'vitest',
  versions: [
    { version: '5.1.1', dependencies: { vitest: '5.1.1', vite: '^8.3.0' } },
    { version: '4.1.12', dependencies: { vitest: '4.1.12', vite: '^7.0.0' } },
  ],
  adapter: '@dustpan/vitest-plugin',
  prelude: 'vitest.js',
  config: { bare: {}, adapted: { 'vitest.config.js': config } },
  fileName: (name) => `${name}.test.js`,
  command: ['node_modules/vitest/vitest.mjs'],
  modes: {
    default: [['run']],
    bail: [['run', '--bail=1', '--maxWorkers=1']],
    only: [['run']],
    shards: [
      ['run', '--shard=1/2'],
      ['run', '--shard=2/2'],
    ],
    watch: [['watch']],
    'two workers': [['run', '--pool=forks', '--maxWorkers=2']],
    'one process': [['run', '--no-isolate', '--maxWorkers=1']],
    threads: [['run', '--pool=threads']],
    processes: [['run', '--pool=forks']],
    'vm pools': [
      ['run', '--pool=vmThreads'],
      ['run', '--pool=vmForks'],
    ],
    'short timeout': [['run', '--testTimeout=1000', '--hookTimeout=1000']],
  },
  surface: { file: 'tests/surface.test.js', test: '', commands: [] },
  excuses: [],
}
