/** The output of a run in Mocha's reporters. */
import { startApi } from '@dustpan/conformance'
import { expect, test } from 'vitest'
import { api, conditional, createProject } from './project.ts'

const suite = `${api}
const assert = require('node:assert')
it('passes', async () => { await create('users') })
it('fails', async () => { await create('orders'); assert.equal(1, 2) })
it('fails with a message of its own', async () => { await create('carts'); assert.equal(1, 2, 'cart: expected 1 to equal 2') })
it('throws what is no error', async () => { await create('items'); throw 'no' })
it('throws what is frozen', async () => { await create('items'); throw Object.freeze(new Error('frozen')) })
it('fails and creates nothing', () => { assert.equal(1, 2) })
`

test.each([
  ['spec', []],
  ['dot', []],
  ['spec', ['--parallel']],
])('%s %s: an error shows what its test left behind, and the report follows at the end', async (reporter, args) => {
  await using server = await startApi()
  await using project = await createProject({ 'test/a.js': suite, ...conditional })
  const { output, exitCode, report } = await project.run(['--reporter', reporter, ...args], { API: server.url })

  expect(exitCode).toBe(5)
  expect(output).toMatch(/1 == 2\n +Dustpan: left behind: order 2 \(kept, test\/a\.js:2\)\n/)
  expect(output).toMatch(
    /cart\n +\+ expected - actual\n\n +-1\n +\+2\n[^)]+\)\n[^)]+\)\n +Dustpan: left behind: cart 3 \(kept/,
  )
  expect(output).toMatch(/^Dustpan {2}5 tracked · 1 removed · 4 kept in [\d.]+ m?s$/m)
  expect(output).toMatch(/● order 2 +DELETE \/orders\/2 +kept +test\/a\.js:2/)
  expect(output).toContain(`npx dustpan clean ${report?.run.id}`)
})

test.each([[[]], [['--parallel']]])(
  'json %s: standard output stays JSON, and its errors have what was left behind',
  async (args) => {
    await using server = await startApi()
    await using project = await createProject({ 'test/a.js': suite, ...conditional })
    const { stdout, stderr } = await project.start(['--reporter', 'json', ...args], { API: server.url })
    const { failures } = JSON.parse(stdout) as {
      failures: { title: string; err: { message: string; stack: string } }[]
    }
    const left = 'Dustpan: left behind: order 2 (kept, test/a.js:2)'

    expect(failures.find(({ title }) => title === 'fails')?.err.message).toContain(left)
    expect(failures.find(({ title }) => title === 'fails')?.err.stack).toContain(left)
    expect(stderr).toMatch(/^Dustpan {2}5 tracked/m)
  },
)

const nothing = `
const assert = require('node:assert')
beforeEach(function fixture() {})
it('passes', () => {})
it('fails', () => assert.deepEqual({ a: 1 }, { a: 2 }))
it('fails later', async () => { await null; assert.equal(1, 2) })
it('fails by done', (done) => setImmediate(() => done(new Error('no'))))
it('is pending')
it('fails twice', function () { this.retries(1); throw new Error('no') })
describe('suite', () => { before(() => { throw new Error('before') }); it('never runs', () => {}) })
describe('other suite', () => { afterEach(() => { throw new Error('after') }); it('passes', () => {}); it('never runs', () => {}) })
`

test.each([
  ['spec', []],
  ['tap', []],
  ['json', ['--parallel']],
  ['spec', ['--full-trace', '--parallel']],
])(
  '%s %s: when nothing is tracked, output and exit code are the same as without the plugin',
  async (reporter, args) => {
    const files = { 'test/a.js': nothing, 'test/b.js': nothing }
    await using bare = await createProject({ ...files, '.mocharc.json': '{ "spec": "test/*" }' })
    await using withPlugin = await createProject(files)
    const results = []
    for (const project of [bare, withPlugin]) {
      const { output, exitCode } = await project.run(['--reporter', reporter, ...args])
      // Node 22 has a frame of its own below every callback once async context is used.
      const alike = output
        .replaceAll(project.folder, '')
        .replaceAll(/\(\d+m?s\)|"(start|end|duration|speed)": .*|.*\/node_modules\/mocha\/.*\n/g, '')
        .replaceAll(/(\n|\\n) +at process\.callbackTrampoline \(.*?\)/g, '')
      results.push({ exitCode, lines: alike.split('\n').map((line) => line.trimEnd()) })
    }
    expect(results[1]).toEqual(results[0])
    expect(results[0]?.exitCode).toBe(12)
  },
)

test('when nothing was tracked, nothing is printed and no report is written', async () => {
  await using project = await createProject({ 'test/a.js': `it('is empty', () => {})` })
  const { output, report, exitCode } = await project.run()

  expect(exitCode).toBe(0)
  expect(output).not.toMatch(/dustpan/i)
  expect(report).toBeUndefined()
})
