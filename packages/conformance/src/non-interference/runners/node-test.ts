import { bulk } from '../bulk.ts'
import { framesIn } from '../normalise.ts'
import type { RunnerUnderTest } from '../runner.ts'
import { visible } from '../visible.ts'

const reporter = (name: string, destination: string) => [
  `--test-reporter=${name}`,
  `--test-reporter-destination=${destination}`,
]
const setup = '--import=./support/setup.js'

export const nodeTest: RunnerUnderTest = {
  name: 'node:test 24',
  adapter: '@dustpan/node-test',
  dependencies: {},
  program: ['--test', '--experimental-test-module-mocks', '--test-concurrency=1'],
  suite: 'node-test',
  files: bulk("import { test } from 'node:test'"),
  bare: {},
  adapted: {},
  adaptedArgs: ['--import=@dustpan/node-test', ...reporter('@dustpan/node-test/reporter', 'stdout')],
  commands: [
    {
      name: 'everything',
      args: [
        setup,
        ...reporter('spec', 'stdout'),
        ...reporter('./support/reporter.js', 'events.log'),
        ...reporter('junit', 'junit.xml'),
        ...reporter('lcov', 'lcov.info'),
        '--experimental-test-coverage',
        '--test-coverage-include=src/**',
        'pass/*.test.js',
        'fail/*.test.js',
        'bulk/*.test.js',
      ],
      unordered: true,
    },
    { name: 'what passes', args: [setup, ...reporter('tap', 'stdout'), 'pass/*.test.js'], unordered: true },
    {
      name: 'snapshots written',
      args: [...reporter('spec', 'stdout'), '--test-update-snapshots', 'pass/each.test.js'],
    },
    {
      name: 'one process',
      args: [setup, ...reporter('spec', 'stdout'), '--test-isolation=none', 'pass/*.test.js'],
      unordered: true,
    },
    { name: 'dot', args: [...reporter('dot', 'stdout'), 'bulk/*.test.js'] },
    { name: 'only', args: [...reporter('spec', 'stdout'), '--test-only', 'uncaught/only.test.js'] },
    { name: 'exit code', args: [...reporter('spec', 'stdout'), 'uncaught/exit-code.test.js'] },
    { name: 'process.exit', args: [...reporter('spec', 'stdout'), 'uncaught/exit.test.js', 'uncaught/plain.test.js'] },
    { name: 'by name', args: [...reporter('tap', 'stdout'), '--test-name-pattern=cart', 'bulk/bulk-1.test.js'] },
  ],
  count: /ℹ tests (\d+)/,
  volatile: [
    [framesIn('node:internal/'), ''],
    [/\d+ lines matching cause stack trace/g, '<number> lines matching cause stack trace'],
    // V8 drops garbage-collected functions, while Node keeps counting.
    [/anonymous_\d+|^BRDA:\d+,\d+/gm, '<number>'],
    // The order of functions and branches depends on that too; the covered numbers do not.
    [/"(functions|branches)":\[[^\]]*\]/g, '"$1":[<in any order>]'],
  ],
  visible: {
    ...visible,
    'data is cleaned up before the process ends': /^(SIGINT|SIGTERM|exit): 1$|^beforeExit: [12]$/,
  },
}
