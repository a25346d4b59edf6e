import { bulk, passing } from '../bulk.ts'
import { framesIn } from '../normalise.ts'
import type { RunnerUnderTest } from '../runner.ts'
import { visible } from '../visible.ts'

const config = (reporters: string, module: string) => ({
  'playwright.config.js': `import { defineConfig } from '@playwright/test'

export default defineConfig({
  testDir: '.',
  globalSetup: './support/global-setup.js',
  workers: 1,
  outputDir: './test-results',
  reportSlowTests: null,
  reporter: [[process.env.REPORTER ?? 'line'], ['json', { outputFile: 'results.json' }], ['junit', { outputFile: 'junit.xml' }], ['./support/reporter.js']${reporters}],
})
`,
  // With a custom fixture, as in most projects.
  'support/test.js': `import { test as base } from '${module}'

export { expect } from '${module}'
export const test = base.extend({ own: 1 })
`,
})

export const playwright: RunnerUnderTest = {
  name: '@playwright/test 1.65.1',
  adapter: '@dustpan/playwright-reporter',
  dependencies: { '@playwright/test': '1.65.1' },
  program: ['node_modules/@playwright/test/cli.js', 'test'],
  suite: 'playwright',
  files: bulk("import { test } from '../support/test.js'", passing),
  bare: config('', '@playwright/test'),
  adapted: config(", ['@dustpan/playwright-reporter']", '@dustpan/playwright-reporter/test'),
  commands: [
    { name: 'everything', args: ['pass/', 'fail/', 'bulk/'] },
    { name: 'in parallel', args: ['pass/', '--workers=2'], env: { REPORTER: 'json', EVENTS: 'off' }, unordered: true },
    { name: 'snapshots written', args: ['update/', '-u'], env: { REPORTER: 'list' } },
    { name: 'stopped at the first failure', args: ['fail/', '-x'], env: { REPORTER: 'dot' } },
    { name: 'broken', args: ['broken/'], env: { REPORTER: 'list' } },
    { name: 'only', args: ['broken/only.test.js'], env: { REPORTER: 'github' } },
    { name: 'listed', args: ['pass/', '--list'] },
  ],
  count: /(\d+) passed/,
  volatile: [
    [framesIn('node_modules/(playwright|@playwright)|node:internal'), ''],
    // The configured reporters differ by intention.
    [/"reporter": \[[\s\S]*?\n {2}\],/g, ''],
    [/"(worker|parallel)Index": \d+/g, '"$1Index": <number>'],
  ],
  visible,
}
