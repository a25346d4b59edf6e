/** A cleanup that fails or is slow, and runs that are refused at their start. */
import { driverOptionMessage, expectedDriverOptionMessage, startApi, wrongDriverOption } from '@dustpan/conformance'
import { expect, test } from 'vitest'
import { api, createProject, mochaVersions, outcomes } from './project.ts'

const suite = `${api}
it('cannot be cleaned up', async () => { await create('users') })
it('fails and cannot be cleaned up', async () => { await create('users'); throw new Error('no') })
it('goes on', async () => { await create('orders') })`

const config = (onCleanupFailure: string) => ({
  'dustpan.config.js': `module.exports = { cleanup: { onCleanupFailure: '${onCleanupFailure}', retry: { attempts: 1 } } }`,
})

test('a failed cleanup is reported, and changes no test result', async () => {
  await using server = await startApi()
  server.refuse(/^users/, 403)
  await using project = await createProject({ 'test/a.js': suite, ...config('warn') })
  const { output, exitCode } = await project.run([], { API: server.url })

  expect(exitCode).toBe(1)
  expect(output).toMatch(/2 passing[\s\S]*1 failing/)
  expect(output).toContain('DUSTPAN_REMOVAL_FAILED')
})

test.each(mochaVersions)(
  "Mocha %s: with onCleanupFailure: 'fail' a failed cleanup fails its test, and the suite continues",
  async (version) => {
    await using server = await startApi()
    server.refuse(/^users/, 403)
    await using project = await createProject({ 'test/a.js': suite, ...config('fail') }, version)
    const { output, exitCode, report } = await project.run([], { API: server.url })

    expect(exitCode).toBe(2)
    expect(output).toMatch(
      /2 failing[\s\S]*1\) cannot be cleaned up:\n[\s\S]*1 of what the test created could not be removed/,
    )
    expect(outcomes(report)['goes on']).toEqual(['order removed'])
  },
)

test("with onCleanupFailure: 'fail' data of a file that cannot be removed fails the hook after all tests", async () => {
  await using server = await startApi()
  server.refuse(/^teams/, 403)
  const file = `${api}\ndescribe('suite', () => { before(() => create('teams')); it('passes', () => {}) })`
  await using project = await createProject({
    'test/a.js': file,
    'test/b.js': suite.replaceAll('users', 'orders'),
    ...config('fail'),
  })
  const { output, exitCode, report } = await project.run([], { API: server.url })

  expect(exitCode).toBe(2)
  expect(output).toMatch(
    /"after all" hook: endFiles for "goes on":\n +DustpanError: 1 of what the test created could not be removed: team 4 failed.*\n +This fails the test/,
  )
  expect(outcomes(report)).toMatchObject({ 'goes on': ['order removed'] })
})

test.each([[[]], [['--exit']]])(
  "with onCleanupFailure: 'fail' a failed cleanup at the end of the run sets the exit code %s",
  async (args) => {
    await using server = await startApi()
    server.refuse(/^users/, 403)
    const persistent = `const { track } = require('@dustpan/core')
it('passes', () => { track({ type: 'user', id: 7, lifetime: 'run', remove: 'DELETE ' + process.env.API + '/users/{id}' }) })`
    await using project = await createProject({ 'test/a.js': persistent, ...config('fail') })
    const { output, exitCode } = await project.run(args, { API: server.url })

    expect(output).toContain('1 passing')
    expect(exitCode, output).toBe(1)
  },
)

test('cleanup does not count towards the timeout of the test or of its hooks', async () => {
  const slow = `const { track } = require('@dustpan/core')
const { setTimeout } = require('node:timers/promises')
it('passes', () => { track({ type: 'thing', id: 1, remove: () => setTimeout(300) }) })
it('passes too', () => {})`
  await using project = await createProject({ 'test/a.js': slow })
  const { output, exitCode, report } = await project.run(['--timeout', '100'])

  expect(exitCode, output).toBe(0)
  expect(outcomes(report)).toEqual({ passes: ['thing removed'] })
})

test('when the application denies test access, the refusal is reported and no test begins', async () => {
  await using server = await startApi()
  server.deny(/verify-access$/)
  const config = `module.exports = { access: { url: process.env.API + '/api/test/verify-access' } }`
  await using project = await createProject({ 'test/a.js': suite, 'dustpan.config.js': config })
  const { output, exitCode } = await project.run([], { API: server.url })

  expect(exitCode, output).toBe(1)
  expect(output).toContain('/api/test/verify-access was answered with 403 Forbidden: Test mode is not enabled.')
  expect(server.requests.map(({ path }) => path)).toEqual(['api/test/verify-access'])
})

test('an invalid configuration is reported, and no test runs', async () => {
  await using project = await createProject({
    'test/a.js': suite,
    'dustpan.config.js': `module.exports = { cleanup: { strategy: 'sometimes' } }`,
  })
  const { output, exitCode } = await project.run()

  expect(exitCode).toBe(1)
  expect(output).toContain('found "sometimes"')
  expect(output).not.toContain('passing')
})

test('an invalid driver option is reported as under every runner, and no test runs', async () => {
  await using project = await createProject({ 'test/a.js': suite, ...wrongDriverOption })
  const run = await project.run()

  expect(run.exitCode, run.output).toBe(1)
  expect(driverOptionMessage(project, run)).toEqual(expectedDriverOptionMessage)
})
