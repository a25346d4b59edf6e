import { bulk } from '../bulk.ts'
import { framesIn } from '../normalise.ts'
import type { RunnerUnderTest } from '../runner.ts'
import { visible } from '../visible.ts'

const config = (lines: string, reporters: string) => ({
  'jest.config.cjs': `module.exports = {
${lines}  testMatch: ['**/*.test.js'],
  setupFiles: ['./support/setup.cjs'],
  setupFilesAfterEnv: ['./support/setup-after-env.cjs'],
  globalSetup: './support/global-setup.cjs',
  globalTeardown: './support/global-teardown.cjs',
  testSequencer: './support/sequencer.cjs',
  cacheDirectory: './jest-cache',
  slowTestThreshold: 60,
  collectCoverageFrom: ['src/**'],
  coverageReporters: ['text', 'json', 'json-summary', 'lcovonly', 'clover'],
  reporters: ['default', ['jest-junit', { addFileAttribute: 'true' }], './support/reporter.cjs'${reporters}],
}
`,
})

export const jest: RunnerUnderTest = {
  name: 'jest 30.5.2',
  adapter: '@dustpan/jest-environment',
  dependencies: { jest: '30.5.2', '@babel/preset-env': '^7.28.0', 'jest-junit': '^17.0.0' },
  program: ['node_modules/jest/bin/jest.js'],
  suite: 'jest',
  files: {
    ...bulk(''),
    'fail/syntax.test.js': "test('is never parsed', () => {\n",
  },
  bare: config('', ''),
  adapted: config("  testRunner: '@dustpan/jest-environment/runner',\n", ", '@dustpan/jest-environment/reporter'"),
  commands: [
    {
      name: 'everything',
      args: ['pass/', 'fail/', 'bulk/', '--coverage', '-i', '--json', '--outputFile=results.json'],
    },
    { name: 'what passes', args: ['pass/', '-i', '--verbose', '--coverage', '--coverageProvider=v8'] },
    { name: 'snapshots written', args: ['update/', '-u'] },
    { name: 'snapshots in CI', args: ['fail/snapshots', '--ci'] },
    { name: 'bail', args: ['bulk/', '-i', '--bail'] },
    { name: 'exit code', args: ['fail/exit-code'] },
    { name: 'leaked handles', args: ['leak/', '--detectOpenHandles', '--forceExit'] },
    {
      name: 'in workers',
      args: ['bulk/', 'pass/lifecycle', '-w', '2', '--silent'],
      env: { FILE_BY_FILE: '1' },
      unordered: true,
    },
  ],
  count: /Tests: .* (\d+) total/,
  volatile: [
    // A hash of sources that contain paths.
    [/"hash": "[0-9a-f]{40}"/g, '"hash": "<hash>"'],
    [framesIn('node_modules/(jest-|@jest/|emittery)|node:internal|<anonymous>\\)'), ''],
  ],
  uncompared: /^jest-cache/,
  visible,
}
