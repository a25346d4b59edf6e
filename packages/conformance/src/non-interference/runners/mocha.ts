import { bulk } from '../bulk.ts'
import { framesIn } from '../normalise.ts'
import type { RunnerUnderTest } from '../runner.ts'
import { visible } from '../visible.ts'

const config = (...plugins: string[]) => ({
  '.mocharc.json': JSON.stringify({ require: [...plugins, './support/root-hooks.js'], ui: 'bdd', 'check-leaks': true }),
})
const c8 = [
  'node_modules/c8/bin/c8.js',
  '--include=src/**',
  '--all',
  '--reporter=text',
  '--reporter=json',
  '--reporter=lcovonly',
]

export const mocha: RunnerUnderTest = {
  name: 'mocha 12.0.3',
  adapter: '@dustpan/mocha-plugin',
  dependencies: { mocha: '12.0.3', c8: '^12.0.0', chai: '^6.3.0', sinon: '^22.1.0' },
  program: ['node_modules/mocha/bin/mocha.js'],
  suite: 'mocha',
  files: bulk('const test = it'),
  bare: config(),
  adapted: config('@dustpan/mocha-plugin'),
  commands: [
    { name: 'everything', args: ['pass/*', 'fail/*', 'bulk/*', '--reporter=./support/reporter.cjs'], before: c8 },
    { name: 'what passes', args: ['pass/*', '--reporter=dot'] },
    { name: 'JSON', args: ['pass/*', 'fail/*', '--reporter=json', '--reporter-option=output=results.json'] },
    { name: 'parallel', args: ['pass/*', 'bulk/*', '--parallel', '--jobs=2', '--reporter=json'], unordered: true },
    { name: 'bail', args: ['bulk/*', '--bail', '--reporter=tap'] },
    { name: 'exit code', args: ['fail/exit-code.test.js'] },
    { name: 'no tests', args: ['src/cart.js', '--fail-zero'] },
    { name: 'uncaught', args: ['uncaught/timer.test.js'] },
    { name: 'unhandled', args: ['uncaught/rejection.test.js'] },
    { name: 'import', args: ['uncaught/import.test.js'] },
    { name: 'only', args: ['uncaught/only.test.js'] },
    { name: 'only forbidden', args: ['uncaught/only.test.js', '--forbid-only'] },
    { name: 'process.exit', args: ['uncaught/exit.test.js'] },
    { name: 'dry run', args: ['pass/*', '--dry-run'] },
  ],
  count: /(\d+) passing/,
  volatile: [
    [/^ +\d+\) /gm, ' - '],
    [/"speed": "\w+"/g, '"speed": "<speed>"'],
    // Whether a timer or a promise calls a test depends on the hooks before it, and Mocha's own frames depend on that.
    [framesIn('node:internal/(timers|process)|node_modules/mocha/lib'), ''],
  ],
  uncompared: /^coverage\/tmp/,
  visible: {
    ...visible,
    'hooks are the way in that Mocha has, and reporters are told of each':
      /^hook( end)? .*hook: (dustpan|(begin|end)(Test|Files))\b/,
    'signals: data is cleaned up first': /^SIG(INT|TERM): 1$/,
  },
}
