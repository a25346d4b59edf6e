/** Runs with several processes, and interrupted and crashed runs. */
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { processExit, startApi } from '@dustpan/conformance'
import { beforeAll, describe, expect, test } from 'vitest'
import { createProject, installAll, nodeVersions, outcomes, type Project, reported, tracked } from './project.ts'

const using = `import test from 'node:test'\nimport { create } from './create.mjs'\n`
const one = `${using}await create('tops')\ntest('one', async () => { await create('users') })`
const two = `${using}test('two', async () => { await create('orders') })`
const killed = `${using}test('is killed', async () => { await create('carts'); process.kill(process.pid, 'SIGKILL') })`
const exits = `${using}test('exits', async () => { await create('carts'); ${processExit} })`
const slow = `${using}test('is interrupted', async () => { await create('carts'); await new Promise((resolve) => setTimeout(resolve, 30_000)) })`

const runsOf = async ({ folder }: Project) => readdir(join(folder, '.dustpan', 'runs'))
const headings = /Dustpan {2}/g

beforeAll(installAll, 600_000)

describe.each(nodeVersions)('Node %s', (version) => {
  const isolation = version.startsWith('22') ? '--experimental-test-isolation=none' : '--test-isolation=none'

  test.each([
    ['files in processes of their own', [...tracked]],
    ['one file after the other', [...tracked, '--test-concurrency=1']],
    ['coverage', [...tracked, '--experimental-test-coverage']],
    ['a forced exit', [...tracked, '--test-force-exit']],
  ])('%s: all files are one run, and each process prints its report', async (_, args) => {
    await using api = await startApi()
    await using project = await createProject({ 'a.test.mjs': one, 'b.test.mjs': two }, version)
    const { report, output, exitCode } = await project.run([...args, 'a.test.mjs', 'b.test.mjs'], { API: api.url })

    expect(outcomes(report), output).toEqual({ file: ['top removed'], one: ['user removed'], two: ['order removed'] })
    expect(await runsOf(project)).toEqual([report?.run.id])
    expect(report?.run).toMatchObject({ ended: 'passed', runner: `node:test ${version}` })
    expect(output.match(headings)).toHaveLength(2)
    expect(exitCode).toBe(0)
    expect(api.left()).toEqual([])
  })

  test.each([
    ['without isolation', [...tracked, isolation, 'a.test.mjs', 'b.test.mjs'], ['file', 'one', 'two']],
    ['a file that is run by itself', ['--import', '@dustpan/node-test', 'a.test.mjs'], ['file', 'one']],
    ['the reporter', [...reported, 'a.test.mjs', 'b.test.mjs'], ['file', 'one', 'two']],
    ['the reporter, without isolation', [...reported, isolation, 'a.test.mjs', 'b.test.mjs'], ['file', 'one', 'two']],
  ])('%s: all files are one run, with one report at its end', async (_, args, scopes) => {
    await using api = await startApi()
    await using project = await createProject({ 'a.test.mjs': one, 'b.test.mjs': two }, version)
    const { report, output } = await project.run(args, { API: api.url })

    expect(Object.keys(outcomes(report)).sort(), output).toEqual(scopes)
    expect(await runsOf(project)).toEqual([report?.run.id])
    expect(report?.run.ended).toBe('passed')
    expect(output.match(headings)).toHaveLength(1)
    expect(output).not.toContain('DUSTPAN_')
    expect(api.left()).toEqual([])
  })

  test.each(['process.execArgv', 'NODE_OPTIONS'])(
    'data of a program that a test starts with its %s is not tracked twice',
    async (how) => {
      const program = `import { create } from './create.mjs'; console.log((await create('users')).id)`
      const args = how === 'NODE_OPTIONS' ? '' : '...process.execArgv, '
      const file = `import assert from 'node:assert'
import { execFile } from 'node:child_process'
import test from 'node:test'
import { promisify } from 'node:util'
import { track } from '@dustpan/core'
test('starts it', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [${args}'program.mjs'])
  assert.match(stdout, /^\\d+\\n$/)
  track({ type: 'user', id: Number(stdout), remove: 'DELETE ' + process.env.API + '/users/{id}' })
})`
      await using api = await startApi()
      await using project = await createProject({ 'a.test.mjs': file, 'program.mjs': program }, version)
      const options = how === 'NODE_OPTIONS' ? { NODE_OPTIONS: '--import @dustpan/node-test' } : {}
      const { report, output } = await project.run([...tracked, 'a.test.mjs'], { API: api.url, ...options })
      expect(outcomes(report), output).toEqual({ 'starts it': ['user removed'] })
      expect(api.left()).toEqual([])
    },
  )

  test('the reporter without --import tracks nothing, and warns with DUSTPAN_NO_FIXTURES', async () => {
    await using api = await startApi()
    await using project = await createProject({ 'a.test.mjs': two }, version)
    const { output } = await project.run(['--test', '--test-reporter=@dustpan/node-test/spec'], { API: api.url })
    expect(output.match(/DUSTPAN_NO_FIXTURES/g)).toHaveLength(1)
    expect(output).toContain('node --import @dustpan/node-test --test')
    expect(api.left()).toHaveLength(1)
  })

  test('tests in a process that a test starts are tracked', async () => {
    const file = `import { execFile } from 'node:child_process'
import test from 'node:test'
import { promisify } from 'node:util'
test('starts them', async () => { await promisify(execFile)(process.execPath, [...process.execArgv, 'inner.mjs']) })`
    await using api = await startApi()
    await using project = await createProject({ 'a.test.mjs': file, 'inner.mjs': two }, version)
    const { output } = await project.run([...tracked, 'a.test.mjs'], { API: api.url })
    expect(api.left(), output).toEqual([])
    expect(api.requests.map(({ method }) => method)).toEqual(['POST', 'DELETE'])
  })

  test.each([
    ['is killed', killed],
    ['exits', exits],
  ])('the reporter removes the data of a test that %s at the end of the run', async (name, file) => {
    await using api = await startApi()
    await using project = await createProject({ 'a.test.mjs': file, 'b.test.mjs': two }, version)
    const { report, output, exitCode } = await project.run([...reported, 'a.test.mjs', 'b.test.mjs'], { API: api.url })

    expect(outcomes(report), output).toEqual({ [name]: ['cart removed'], two: ['order removed'] })
    expect(report?.run.ended).toBe('failed')
    expect(exitCode).toBe(1)
  })

  test('without the reporter, data of a killed test stays on record, and the run does not end', async () => {
    await using api = await startApi()
    await using project = await createProject({ 'a.test.mjs': killed, 'b.test.mjs': two }, version)
    const { report, output } = await project.run([...tracked, '--test-concurrency=1'], { API: api.url })

    expect(outcomes(report), output).toEqual({ 'is killed': ['cart live'], two: ['order removed'] })
    expect(report?.run.ended).toBeUndefined()
    expect(api.left()).toEqual(['carts/1'])
  })

  test.each([
    ['by itself', tracked],
    ['with the reporter', reported],
    ['without isolation', [...tracked, isolation]],
    ['of one file', ['--import', '@dustpan/node-test']],
  ])('Ctrl-C %s removes the data of the running test', async (_, args) => {
    await using api = await startApi()
    const patient = `export default { cleanup: { interruptTimeout: '2m' } }`
    await using project = await createProject({ 'a.test.mjs': slow, 'dustpan.config.mjs': patient }, version)
    const running = project.start([...args, 'a.test.mjs'], { API: api.url }, { detached: true })
    while (api.left().length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    process.kill(-(running.pid as number), 'SIGINT')
    const { exitCode, signal, all } = await running
    while (project.report()?.run.ended === undefined) await new Promise((resolve) => setTimeout(resolve, 20))

    expect(outcomes(project.report()), all).toEqual({ 'is interrupted': ['cart removed'] })
    expect(project.report()?.run.ended).toBe('interrupted')
    expect(signal ?? exitCode).not.toBe(0)
    expect(api.left()).toEqual([])
  })

  test.each([
    ['by itself', tracked],
    ['with the reporter', reported],
  ])('after Ctrl-C, data that the running test still creates is removed too: %s', async (_, args) => {
    await using api = await startApi()
    const patient = `export default { cleanup: { interruptTimeout: '2m' } }`
    const goesOn = `${using}test('goes on', async () => {
  for (;;) {
    await create('carts')
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
})`
    await using project = await createProject({ 'a.test.mjs': goesOn, 'dustpan.config.mjs': patient }, version)
    const env = { API: api.url, DUSTPAN_REAPER: '1' }
    const running = project.start([...args, 'a.test.mjs'], env, { detached: true })
    while (api.requests.length < 50) await new Promise((resolve) => setTimeout(resolve, 20))
    process.kill(-(running.pid as number), 'SIGINT')
    await running
    while (project.report()?.run.ended === undefined) await new Promise((resolve) => setTimeout(resolve, 20))

    // The reaper may still be removing data.
    while (api.left().length > 0) await new Promise((resolve) => setTimeout(resolve, 20))
    expect(project.report()?.run.ended).toBe('interrupted')
  })

  test('a second Ctrl-C stops the cleanup, and what is left is reported and stays on record', async () => {
    await using api = await startApi()
    api.refuse(/carts/, 503)
    const patient = `export default { cleanup: { retry: { attempts: 20, delay: '1s' }, interruptTimeout: '2m' } }`
    await using project = await createProject({ 'a.test.mjs': slow, 'dustpan.config.mjs': patient }, version)
    const running = project.start(
      ['--import', '@dustpan/node-test', 'a.test.mjs'],
      { API: api.url },
      { detached: true },
    )
    const seen = async (method: string) => {
      while (!api.requests.some((request) => request.method === method)) await new Promise((go) => setTimeout(go, 20))
    }
    await seen('POST')
    running.kill('SIGINT')
    await seen('DELETE')
    running.kill('SIGINT')

    const { signal, all } = await running
    expect(signal, all).toBe('SIGINT')
    expect(all).toContain('1 tracked · 0 removed')
    expect(await runsOf(project)).toHaveLength(1)
    expect(project.report()?.run.ended).toBeUndefined()
    expect(api.left()).toEqual(['carts/1'])
  })
})

test('in watch mode the process of a file ends its run itself', async () => {
  await using api = await startApi()
  await using project = await createProject({ 'a.test.mjs': two })
  const running = project.start([...tracked, '--watch', 'a.test.mjs'], { API: api.url }, { detached: true })
  while (project.report()?.run.ended === undefined) await new Promise((resolve) => setTimeout(resolve, 20))
  process.kill(-(running.pid as number), 'SIGKILL')
  await running

  expect(outcomes(project.report())).toEqual({ two: ['order removed'] })
  expect(project.report()?.run.ended).toBe('passed')
})

test('when nothing was tracked, nothing is printed and no ledger is created', async () => {
  await using project = await createProject({ 'a.test.mjs': `import test from 'node:test'\ntest('passes', () => {})` })
  const { output } = await project.run([...reported, 'a.test.mjs'])

  expect(output).not.toContain('Dustpan')
  expect(existsSync(join(project.folder, '.dustpan'))).toBe(false)
})
