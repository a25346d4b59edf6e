/** Suites of empty tests under each runner, as data: with and without Dustpan's adapter, and with alternatives. */

export interface BenchRunner {
  readonly name: string
  readonly dependencies: Readonly<Record<string, string>>
  /** The files that differ between the arms. The first arm is the base of the comparison. */
  readonly arms: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Files that all arms have; `tests` stands for the number of tests. */
  files(tests: number): Readonly<Record<string, string>>
  readonly command: readonly string[]
  /** Maximum additional cost of a test, in microseconds. */
  readonly limit: number
}

/** The suite reports when it began and ended; a second file makes runners start their workers. */
const suite = (header: string, tests: number) => `${header}
let begun
test('first', () => { begun = performance.now() })
for (let i = 0; i < ${tests}; i++) test('test ' + i, () => {})
test('last', () => writeFileSync('timings.json', JSON.stringify({ startMs: begun, testsMs: performance.now() - begun })))
`
const writer = `import { writeFileSync } from 'node:fs'`
const writerByRequire = `const { writeFileSync } = require('node:fs')`
const other = (header: string) => `${header}\ntest('another', () => {})\n`
const asModule = '{ "type": "module" }'
const asScript = '{ "type": "commonjs" }'

const vitestConfig = (head: string, plugins: string) =>
  `${head}\nexport default { plugins: [${plugins}], test: { pool: 'forks', reporters: ['dot'] } }\n`

const jestConfig = (settings: string) => `module.exports = ${settings}\n`
const jestSettings = `{ testEnvironment: 'node', workerIdleMemoryLimit: '4GB', maxWorkers: 2 }`

const playwrightConfig = (reporters: string) =>
  `export default { testMatch: '*.spec.js', workers: 1, reporter: [${reporters}] }\n`
const emptyFixture = `import { test as base } from '@playwright/test'
export const test = base.extend({ nothing: [async ({}, use) => { await use() }, { auto: true }] })
`

export const runners: readonly BenchRunner[] = [
  {
    name: 'vitest',
    dependencies: { vitest: '5.1.1', vite: '^8.3.0' },
    arms: {
      bare: { 'vitest.config.js': vitestConfig('', '') },
      dustpan: { 'vitest.config.js': vitestConfig(`import { dustpan } from '@dustpan/vitest-plugin'`, 'dustpan()') },
    },
    files: (tests) => ({
      'package.json': asModule,
      'empty.test.js': suite(`${writer}\nimport { test } from 'vitest'`, tests),
    }),
    command: ['node_modules/vitest/vitest.mjs', 'run'],
    limit: 25,
  },
  {
    name: 'jest',
    dependencies: { jest: '30.5.2' },
    arms: {
      bare: { 'jest.config.js': jestConfig(jestSettings) },
      dustpan: {
        'jest.config.js': jestConfig(`require('@dustpan/jest-environment/config').withDustpan(${jestSettings})`),
      },
    },
    files: (tests) => ({
      'package.json': asScript,
      'empty.test.js': suite(writerByRequire, tests),
      'other.test.js': other(''),
    }),
    command: ['node_modules/jest/bin/jest.js'],
    limit: 25,
  },
  {
    name: 'mocha',
    dependencies: { mocha: '12.0.3' },
    arms: {
      bare: { '.mocharc.json': '{ "parallel": true, "jobs": 2 }' },
      dustpan: { '.mocharc.json': '{ "parallel": true, "jobs": 2, "require": ["@dustpan/mocha-plugin"] }' },
    },
    files: (tests) => ({
      'package.json': asModule,
      'test/empty.js': suite(`${writer}\nconst test = it`, tests),
      'test/other.js': other('const test = it'),
    }),
    command: ['node_modules/mocha/bin/mocha.js'],
    limit: 25,
  },
  {
    name: 'node-test',
    dependencies: {},
    arms: {
      bare: { 'register.js': '' },
      dustpan: { 'register.js': `import '@dustpan/node-test'` },
    },
    files: (tests) => ({
      'package.json': asModule,
      'empty.test.js': suite(`${writer}\nimport { test } from 'node:test'`, tests),
    }),
    command: ['--import', './register.js', '--test'],
    limit: 25,
  },
  {
    name: 'playwright',
    dependencies: { '@playwright/test': '1.65.1' },
    arms: {
      'an empty auto fixture': { 'playwright.config.js': playwrightConfig(`['dot']`), 'test.js': emptyFixture },
      bare: {
        'playwright.config.js': playwrightConfig(`['dot']`),
        'test.js': `export { test } from '@playwright/test'`,
      },
      dustpan: {
        'playwright.config.js': playwrightConfig(`['dot'], ['@dustpan/playwright-reporter']`),
        'test.js': `export { test } from '@dustpan/playwright-reporter/test'`,
      },
    },
    files: (tests) => ({
      'package.json': asModule,
      'empty.spec.js': suite(`${writer}\nimport { test } from './test.js'`, tests),
    }),
    command: ['node_modules/@playwright/test/cli.js', 'test'],
    limit: 300,
  },
]
