/** The output of a run, and how it compares with a run without Dustpan. */
import { driverOptionMessage, expectedDriverOptionMessage, startApi, wrongDriverOption } from '@dustpan/conformance'
import { beforeAll, describe, expect, test } from 'vitest'
import { bare, createProject, installAll, nodeVersions, outcomes, reported, tooOld, tracked } from './project.ts'

const leaves = `import test from 'node:test'
import { create } from './create.mjs'
test('leaves a user', async () => { await create('users'); throw new Error('fails') })
`
const keep = `export default { cleanup: { strategy: 'conditional' } }`

/** Every way a test can end, without data: the output is the same with and without Dustpan, except for times. */
const plain = `
import test, { after, afterEach, before, beforeEach, describe, it } from 'node:test'
test('fails', () => { throw new Error('body') })
test('fails later', async () => { await null; throw new Error('body') })
test('fails in a subtest', async (t) => { await t.test('inner', async (t) => { t.before(() => { throw new Error('t.before') }); await t.test('x', () => {}) }) })
test('does not wait for its subtests', (t) => { t.test('at once', () => {}); t.test('later', async () => { await null; await null; await null; await null }) })
test('fails in t.after', (t) => { t.after(() => { throw new Error('t.after') }); t.after(() => { console.log('left out') }) })
test('fails, and in t.after', (t) => { t.after(() => { throw new Error('t.after') }); throw new Error('body') })
test('takes too long', { timeout: 20 }, () => new Promise((resolve) => setTimeout(resolve, 50)))
test('is aborted', { signal: AbortSignal.abort() }, () => {})
test('is skipped', { skip: 'a reason' }, () => {})
test('skips itself', (t) => t.skip('a reason'))
test('is to be done', { todo: 'a reason' }, () => { throw new Error('todo') })
test('breaks its plan', { plan: 2 }, (t) => { t.assert.ok(true) })
test('calls back', (t, done) => { setTimeout(done, 1, new Error('called back')) })
test('is defined wrongly', (t) => { t.test('inner', { timeout: 'never' }, () => {}) })
test('adds a test too late', (t) => { setTimeout(() => { t.test('late', () => {}).catch(() => {}) }, 5) })
test('gives it time', () => new Promise((resolve) => setTimeout(resolve, 40)))
describe('before', () => { before(() => { throw new Error('before') }); it('never begins', () => {}) })
describe('beforeEach', () => { beforeEach(() => { throw new Error('beforeEach') }); it('never begins', () => {}) })
describe('afterEach', () => { afterEach(() => { throw new Error('afterEach') }); it('passes', () => {}); it('fails', () => { throw new Error('body') }) })
describe('after', () => { after(() => { throw new Error('after') }); it('passes', () => {}) })
`

/** Internal frames at the end of a stack, which depend on the state of Node's event loop. */
const loopLines = /^.*\b(runNextTicks|process\.process\w+|listOn\w+|callbackTrampoline) \(node:internal.*\n/gm

const withoutTimes = (output: string) =>
  output
    .replaceAll(loopLines, '')
    .replaceAll(/\d+(\.\d+)?ms/g, 'ms')
    .replaceAll(/(duration_ms:?) [\d.]+/g, '$1')
    .replaceAll(/ (time|timestamp)="[^"]*"/g, '')
    .replaceAll(/\/tmp\/[^/'"\s)]+\//g, '/tmp/')

beforeAll(installAll, 600_000)

describe.each(nodeVersions)('Node %s', (version) => {
  test.each([
    ['spec', /✖ leaves a user.*\n\s*ℹ left behind: user 1 \(kept, a\.test\.mjs:3\)/],
    ['tap', /not ok 1 - leaves a user[\s\S]*?\.\.\.\n\s*# left behind: user 1 \(kept, a\.test\.mjs:3\)/],
    ['junit', /name="leaves a user"[\s\S]*<!-- left behind: user 1 \(kept, a\.test\.mjs:3\) -->/],
  ])('the %s reporter shows what a failed test left behind', async (reporter, expected) => {
    await using api = await startApi()
    await using project = await createProject({ 'a.test.mjs': leaves, 'dustpan.config.mjs': keep }, version)
    const { output } = await project.run([...tracked, `--test-reporter=${reporter}`, 'a.test.mjs'], { API: api.url })

    expect(output.replace('create.mjs:2', 'a.test.mjs:3')).toMatch(expected)
    expect(output).toMatch(/Dustpan {2}1 tracked .*1 kept/)
  })

  test.each(['spec', 'tap', 'junit', 'dot'])(
    'the %s reporter prints the same as without Dustpan, including locations and stacks',
    async (reporter) => {
      await using project = await createProject({ 'a.test.mjs': plain }, version)
      const whole = ['--stack-trace-limit=50', `--test-reporter=${reporter}`, 'a.test.mjs']
      const as = async (args: readonly string[]) => project.run([...args, ...whole])
      const [without, withDustpan] = [await as(bare), await as(tracked)]

      expect(withoutTimes(withDustpan.output)).toBe(withoutTimes(without.output))
      expect(withDustpan.exitCode).toBe(without.exitCode)
    },
  )
})

test("with onCleanupFailure 'fail' a failed cleanup fails its test with DUSTPAN_CLEANUP_FAILED", async () => {
  await using api = await startApi()
  api.refuse(/users/, 409)
  const passes = leaves.replace(`; throw new Error('fails')`, '')
  const strict = `export default { cleanup: { onCleanupFailure: 'fail', retry: { attempts: 1 } } }`
  await using project = await createProject({ 'a.test.mjs': passes, 'dustpan.config.mjs': strict })
  const { output, exitCode, report } = await project.run([...tracked, '--test-reporter=spec', 'a.test.mjs'], {
    API: api.url,
  })

  expect(outcomes(report), output).toEqual({ 'leaves a user': ['user failed'] })
  expect(output).toContain('DUSTPAN_CLEANUP_FAILED')
  expect(exitCode).toBe(1)
})

test.each([
  ['by itself', [...tracked, 'a.test.mjs']],
  ['with the reporter', [...tracked, '--test', '--test-reporter=@dustpan/node-test/reporter', 'a.test.mjs']],
])('%s: when the application denies test access, the refusal is reported and no test begins', async (_, args) => {
  await using api = await startApi()
  api.deny(/verify-access$/)
  const config = `export default { access: { url: process.env.API + '/api/test/verify-access' } }`
  await using project = await createProject({ 'a.test.mjs': leaves, 'dustpan.config.mjs': config })
  const { output, exitCode } = await project.run(args, { API: api.url })

  expect(exitCode, output).toBeGreaterThan(0)
  expect(output).toContain('/api/test/verify-access was answered with 403 Forbidden: Test mode is not enabled.')
  expect(api.requests.map(({ path }) => path)).toEqual(['api/test/verify-access'])
})

test('an invalid configuration is reported, and no test begins', async () => {
  await using api = await startApi()
  const wrong = `export default { cleanup: { strategy: 'sometimes' } }`
  await using project = await createProject({ 'a.test.mjs': leaves, 'dustpan.config.mjs': wrong })
  const { output, exitCode } = await project.run([...tracked, 'a.test.mjs'], { API: api.url })

  expect(output).toContain('cleanup.strategy')
  expect(exitCode).toBe(1)
  expect(api.requests).toEqual([])
})

test('an invalid driver option is reported as under every runner, and no test runs', async () => {
  await using project = await createProject({ 'a.test.mjs': leaves, ...wrongDriverOption })
  const run = await project.run([...tracked, 'a.test.mjs'])

  expect(run.exitCode, run.output).toBe(1)
  expect(driverOptionMessage(project, run)).toEqual(expectedDriverOptionMessage)
})

test('an unsupported Node version is reported in one line that names the required one', async () => {
  await using project = await createProject({ 'a.test.mjs': leaves }, tooOld)
  for (const command of [tracked, reported]) {
    const { output, exitCode } = await project.run([...command, 'a.test.mjs'])
    expect(output).toContain(`Dustpan needs Node 22.18 or newer, and this is Node ${tooOld}.`)
    expect(output).not.toMatch(/SyntaxError|^ +at .*:\d+/m)
    expect(exitCode).toBeGreaterThan(0)
  }
})
