import type { Dialect } from '../dialect.ts'

const babel = JSON.stringify({ presets: [['@babel/preset-env', { targets: { node: 'current' } }]] })
const options = `{
  testMatch: ['**/tests/*.test.js'],
  testTimeout: 20_000,
  maxWorkers: 2,
  // From msw's documentation: these are ES modules.
  transform: { '\\\\.m?js$': 'babel-jest' },
  transformIgnorePatterns: ['/node_modules/(?!(@open-draft|rettime|until-async)/)'],
}`
const adapted = `import { withDustpan } from '@dustpan/jest-environment/config'
export default withDustpan(${options})
`

/** Without the memory limit, Jest runs a few quick files in its own process. */
const inWorkers = ['--maxWorkers=2', '--workerIdleMemoryLimit=2GB']
const beside = {
  '@babel/preset-env': '^7.28.0',
  // The last CommonJS versions: Jest's `require` loads ES modules only with flags.
  msw: '2.15.0',
  nock: '^14.0.0',
}

export const jest: Dialect = {
  name: 'jest',
  versions: [
    { version: '30.5.2', dependencies: { jest: '30.5.2', ...beside } },
    { version: '29.7.0', dependencies: { jest: '29.7.0', ...beside } },
  ],
  adapter: '@dustpan/jest-environment',
  prelude: 'jest.js',
  config: {
    bare: { 'jest.config.js': `export default ${options}`, 'babel.config.json': babel },
    adapted: { 'jest.config.js': adapted, 'babel.config.json': babel },
  },
  fileName: (name) => `${name}.test.js`,
  command: ['node_modules/jest/bin/jest.js'],
  modes: {
    default: [[]],
    bail: [['--runInBand', '--bail']],
    only: [[]],
    shards: [['--shard=1/2'], ['--shard=2/2']],
    watch: [['--watchAll']],
    'two workers': [inWorkers],
    'one process': [['--runInBand']],
    threads: [['--workerThreads', ...inWorkers]],
    processes: [inWorkers],
    // Every test file has its own context, in any worker.
    'vm pools': [['--runInBand'], inWorkers],
    'short timeout': [['--testTimeout=1000']],
  },
  surface: {
    file: 'tests/surface.test.js',
    test: `import { expect, jest, test } from '@jest/globals'
import { show } from './surface.js'
test('surface', function (...given) { show({ expect, jest, test, this: this, given }) })`,
    commands: [['node_modules/jest/bin/jest.js'], ['node_modules/jest/bin/jest.js', '--help']],
  },
  excuses: [
    {
      cases: ['conditional skip'],
      reason: 'a test is given nothing to skip itself with',
      probe: /^(this|given|jest)\..*skip/i,
    },
    { cases: ['soft assertion'], reason: 'no soft assertions', probe: /soft/i },
  ],
}
