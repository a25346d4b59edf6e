import { withNode } from '../../with-node.ts'
import type { Dialect, Excuse } from '../dialect.ts'

const files = 'tests/*.test.js'
const register = ['--import', '@dustpan/node-test', '--test-reporter=@dustpan/node-test/spec']
const mockable = '--experimental-test-module-mocks'
const node = (version: string) => ({ version, ...withNode(version) })

const noExpectedFailures: Excuse = {
  cases: ['expected failure', 'expected failure that passes'],
  reason: 'no expected failures before Node 24',
  probe: /expectFailure/,
}

export const nodeTest: Dialect = {
  name: 'node:test',
  versions: [
    node('24.21.0'),
    {
      ...node('22.18.0'),
      modes: { 'one process': [['--experimental-test-isolation=none', files]] },
      excuses: [noExpectedFailures],
    },
  ],
  adapter: '@dustpan/node-test',
  prelude: 'node-test.js',
  config: { bare: {}, adapted: {} },
  fileName: (name) => `${name}.test.js`,
  command: [...register, mockable, '--test', '--test-concurrency=2'],
  modes: {
    default: [[files]],
    only: [['--test-only', files]],
    shards: [
      ['--test-shard=1/2', files],
      ['--test-shard=2/2', files],
    ],
    watch: [['--watch', files]],
    'two workers': [[files]],
    'one process': [['--test-isolation=none', files]],
    processes: [[files]],
    // Without `--test-timeout`, which also limits whole files and the start of their processes; the test itself sets a short
    // timeout.
    'short timeout': [[files]],
  },
  surface: {
    file: 'tests/surface.test.js',
    test: `import * as nodeTest from 'node:test'
import { show } from './surface.js'
nodeTest.test('surface', (t) => show({ ...nodeTest, t }))`,
    commands: [['tests/surface.test.js'], ['--help']],
  },
  excuses: [
    {
      cases: ['retry that passes at last', 'retry that never passes'],
      reason: 'no retries',
      probe: /^(test|it|t)\..*retr(y|ies)|--test.*retr(y|ies)/i,
    },
    { cases: ['soft assertion'], reason: 'no soft assertions', probe: /^\w+\..*soft/i },
    { cases: ['bail'], reason: 'a run cannot be ended at a failure', probe: /bail|max-failures/i },
    { cases: ['threads'], reason: 'workers are processes', probe: /--test.*thread/i },
    { cases: ['vm pools'], reason: 'no vm contexts', probe: /--test.*\bvm\b/i },
  ],
}
