import { bulk } from '../bulk.ts'
import { framesIn } from '../normalise.ts'
import type { RunnerUnderTest } from '../runner.ts'
import { visible } from '../visible.ts'

const config = (imports: string, plugins: string) => ({
  'vitest.config.js': `import { defineConfig } from 'vitest/config'
import { BaseSequencer } from 'vitest/node'
${imports}
// The default sequencer sorts by the durations of the last run.
class ByName extends BaseSequencer {
  async sort(files) {
    return [...files].sort((a, b) => (a.moduleId < b.moduleId ? -1 : 1))
  }
}
export default defineConfig({
  plugins: [${plugins}],
  test: {
    setupFiles: ['./support/setup.js'],
    globalSetup: ['./support/global-setup.js'],
    maxWorkers: 1,
    slowTestThreshold: 60_000,
    sequence: { sequencer: ByName },
    reporters: ['default', 'json', 'junit', './support/reporter.js'],
    outputFile: { json: 'results.json', junit: 'junit.xml' },
    coverage: { include: ['src/**'], reporter: ['text', 'json', 'json-summary', 'lcovonly', 'clover'], reportOnFailure: true },
  },
})
`,
})

export const vitest: RunnerUnderTest = {
  name: 'vitest 5.1.0',
  adapter: '@dustpan/vitest-plugin',
  // The registry has no coverage provider for 5.1.1.
  dependencies: { vitest: '5.1.0', '@vitest/coverage-v8': '5.1.0', vite: '^8.3.0' },
  program: ['node_modules/vitest/vitest.mjs', 'run'],
  suite: 'vitest',
  files: {
    ...bulk("import { test } from 'vitest'"),
    'fail/syntax.test.js': "import { test } from 'vitest'\ntest('is never parsed', () => {\n",
  },
  bare: config('', ''),
  adapted: config("import { dustpan } from '@dustpan/vitest-plugin'", 'dustpan()'),
  commands: [
    { name: 'everything', args: ['--coverage', 'pass/', 'fail/', 'bulk/'] },
    { name: 'what passes', args: ['pass/', '--reporter=default'] },
    { name: 'snapshots written', args: ['update/', '-u', '--reporter=verbose'] },
    { name: 'snapshots in CI', args: ['fail/snapshots', '--reporter=tap'], env: { CI: '1' } },
    { name: 'bail', args: ['bulk/', '--bail=1', '--reporter=github-actions'] },
    { name: 'exit code', args: ['fail/exit-code', '--reporter=default'] },
    { name: 'threads, not isolated', args: ['pass/', '--pool=threads', '--no-isolate', '--reporter=default'] },
    // Without the surface: in a vm context the drivers' clients, undici among them, are loaded before the tests.
    { name: 'vm forks', args: ['pass/', '--pool=vmForks', '--exclude=pass/surface*', '--reporter=default'] },
  ],
  // Vitest adds frames of its own to a test with any aroundEach.
  count: /Tests .*\((\d+)\)/,
  volatile: [[framesIn('node_modules/vitest/dist|node:internal'), '']],
  adrift: /^(stdout|stderr) \| .*\n[\s\S]*?\n\n/gm,
  visible: {
    'a fork outlives the Ctrl-C that the terminal sends to all': /^SIGINT: 1$/,
    ...visible,
  },
}
