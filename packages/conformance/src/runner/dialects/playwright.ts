import type { Dialect } from '../dialect.ts'

const config = (reporters: string) => `export default {
  testDir: 'tests',
  testMatch: '*.spec.js',
  workers: 2,
  timeout: 20_000,
  reporter: [['list']${reporters}],
}
`
const cli = 'node_modules/@playwright/test/cli.js'

export const playwright: Dialect = {
  name: 'playwright',
  versions: [{ version: '1.65.1', dependencies: { '@playwright/test': '1.65.1' } }],
  adapter: '@dustpan/playwright-reporter',
  prelude: 'playwright.js',
  config: {
    bare: { 'playwright.config.js': config('') },
    adapted: { 'playwright.config.js': config(", ['@dustpan/playwright-reporter']") },
  },
  fileName: (name) => `${name}.spec.js`,
  command: [cli, 'test'],
  modes: {
    default: [[]],
    bail: [['--max-failures=1', '--workers=1']],
    only: [[]],
    shards: [['--shard=1/2'], ['--shard=2/2']],
    'two workers': [['--workers=2']],
    'one process': [['--workers=1']],
    processes: [['--workers=2']],
    'short timeout': [['--timeout=1000']],
  },
  surface: {
    file: 'tests/surface.spec.js',
    test: `import { expect, test } from '@playwright/test'
import { show } from './surface.js'
test('surface', ({}, info) => show({ test, expect, info }))`,
    commands: [
      [cli, 'test'],
      [cli, 'test', '--help'],
    ],
  },
  excuses: [
    {
      cases: ['duplicate titles'],
      reason: 'two tests of a file may not share their title',
      probe: {
        test: `import { test } from '@playwright/test'
test('twice', () => {})
test('twice', () => {})`,
        refusal: /duplicate test title/,
      },
    },
    { cases: ['mocked modules'], reason: 'no module mocks', probe: /mock/i },
    { cases: ['watch re-run'], reason: 'files are watched only in the UI mode', probe: /--watch/i },
    { cases: ['threads'], reason: 'workers are processes', probe: /thread/i },
    { cases: ['vm pools'], reason: 'no vm contexts', probe: /\bvm\b/i },
  ],
}
