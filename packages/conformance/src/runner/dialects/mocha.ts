import type { Dialect } from '../dialect.ts'

const config = (adapter: object) => JSON.stringify({ spec: 'tests/*.test.js', timeout: 20_000, ...adapter })

const mochaBin = 'node_modules/mocha/bin/mocha.js'
const parallel = ['--parallel', '--jobs=2']

export const mocha: Dialect = {
  name: 'mocha',
  versions: [
    { version: '12.0.3', dependencies: { mocha: '12.0.3' } },
    { version: '11.8.0', dependencies: { mocha: '11.8.0' } },
  ],
  adapter: '@dustpan/mocha-plugin',
  prelude: 'mocha.js',
  config: {
    bare: { '.mocharc.json': config({}) },
    adapted: { '.mocharc.json': config({ require: ['@dustpan/mocha-plugin'] }) },
  },
  fileName: (name) => `${name}.test.js`,
  command: [mochaBin],
  modes: {
    default: [[]],
    bail: [['--bail']],
    only: [[]],
    // Parallel, as in its own process Mocha loads an ES module once, and a re-run finds no tests in it.
    watch: [[...parallel, '--watch', '--watch-files=tests']],
    'two workers': [parallel],
    'one process': [[]],
    processes: [parallel],
    'short timeout': [['--timeout=1000']],
  },
  surface: {
    file: 'tests/surface.test.js',
    test: `import * as mocha from 'mocha'
import { show } from './surface.js'
mocha.it('surface', function (...given) { show({ ...mocha, this: this, given }) })`,
    commands: [[mochaBin], [mochaBin, '--help']],
  },
  excuses: [
    {
      cases: ['expected failure', 'expected failure that passes'],
      reason: 'no expected failures',
      probe: /^(it|test|specify|this)\..*(fails|failing|fail$|expect)/i,
    },
    { cases: ['soft assertion'], reason: 'no soft assertions', probe: /soft/i },
    {
      cases: ['concurrent tests over HTTP', 'concurrent tests over a pool of two connections'],
      reason: 'the tests of a file run one after the other',
      probe: /^(it|test|describe|suite)\.(concurrent|parallel)|--concurren/i,
    },
    { cases: ['mocked modules'], reason: 'no module mocks', probe: /mock(?!(a|\.))/i },
    { cases: ['sharding'], reason: 'no shards', probe: /shard/i },
    { cases: ['threads'], reason: 'workers are processes', probe: /thread/i },
    { cases: ['vm pools'], reason: 'no vm contexts', probe: /\bvm/i },
  ],
}
