/** Interrupted and crashed runs. */
import { type Api, processExit, startApi } from '@dustpan/conformance'
import { expect, test } from 'vitest'
import { api, conditional, createProject, outcomes, type Project } from './project.ts'

const slow = `${api}
const { track } = require('@dustpan/core')
before(async () => { await create('roots') })
describe('suite', () => {
  before(async () => { await create('teams') })
  it('is interrupted', async function () {
    this.timeout(0)
    track({ type: 'closure', id: 1, remove: () => {} })
    await create('users')
    await new Promise((resolve) => setTimeout(resolve, 30_000))
  })
  it('never begins', async () => { await create('orders') })
})`

const interrupted = { 'suite > is interrupted': ['closure removed', 'user removed'] }

/** Starts the project and interrupts it after this many requests. */
async function interrupt(project: Project, server: Api, requests: number, args: string[], detached: boolean) {
  const running = project.start(args, { API: server.url }, { detached })
  while (server.requests.length < requests) await new Promise((resolve) => setTimeout(resolve, 20))
  process.kill(detached ? -(running.pid ?? 0) : (running.pid ?? 0), 'SIGINT')
  return running
}

test.each([
  ['main process', [], false],
  ['process group', [], true],
  ['process group', ['--node-option=expose-gc'], true],
])('Ctrl-C to the %s %s interrupts and cleans up the running test, and exits with 130', async (_, args, detached) => {
  await using server = await startApi()
  await using project = await createProject({ 'test/a.js': slow, ...conditional })
  const { exitCode, all } = await interrupt(project, server, 3, args, detached)

  expect(exitCode, all).toBe(130)
  expect(outcomes(project.report()), all).toEqual({ ...interrupted, file: ['root removed', 'team removed'] })
  expect(all).toContain('4 tracked · 4 removed')
  expect(server.left()).toEqual([])
})

test.each([['main process', false] as const, ['process group', true] as const])(
  'Ctrl-C to the %s with --parallel: workers clean up, waiting files never begin, exit code 130',
  async (_, detached) => {
    await using server = await startApi()
    const files = { 'test/a.js': slow, 'test/b.js': slow, 'test/c.js': slow.replaceAll('users', 'unseen') }
    await using project = await createProject({ ...files, ...conditional })
    const { exitCode, all } = await interrupt(project, server, 6, ['--parallel', '--jobs=2'], detached)

    expect(exitCode, all).toBe(130)
    expect(outcomes(project.report()), all).toEqual({ ...interrupted, file: ['root removed', 'team removed'] })
    expect(all).toContain('8 tracked · 8 removed')
    expect(all).not.toContain('terminated Unexpectedly')
    expect(server.left()).toEqual([])
  },
)

test.each([
  ['alone', []],
  ['with --parallel', ['--parallel', '--jobs=2']],
])('after Ctrl-C, users that a test still creates are removed too: %s', async (_, args) => {
  await using server = await startApi()
  const goesOn = `${api}
it('goes on', async function () {
  this.timeout(0)
  for (;;) {
    await create('users')
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
})`
  await using project = await createProject({ 'test/a.js': goesOn, 'test/b.js': goesOn, ...conditional })
  const running = project.start(args, { API: server.url, DUSTPAN_REAPER: '1' }, { detached: true })
  while (server.requests.length < 50) await new Promise((resolve) => setTimeout(resolve, 20))
  process.kill(-(running.pid ?? 0), 'SIGINT')
  const { exitCode, all } = await running

  expect(exitCode, all).toBe(130)
  // The reaper may still be removing users.
  while (server.left().length > 0) await new Promise((resolve) => setTimeout(resolve, 20))
  expect(project.report()?.run.ended).toBe('interrupted')
})

test('the second Ctrl-C stops the cleanup, and what is left is reported and stays on record', async () => {
  await using server = await startApi()
  const stuck = `const { track } = require('@dustpan/core')
it('is interrupted', async function () {
  this.timeout(0)
  track({ type: 'closure', id: 1, remove: () => fetch(process.env.API + '/removals', { method: 'POST' }).then(() => new Promise(() => setTimeout(() => {}, 60_000))) })
  await fetch(process.env.API + '/users', { method: 'POST' })
  await new Promise((resolve) => setTimeout(resolve, 60_000))
})`
  await using project = await createProject({ 'test/a.js': stuck, ...conditional })
  const running = project.start([], { API: server.url }, { detached: true })
  const until = async (path: string) => {
    while (!server.requests.some((request) => request.path === path))
      await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await until('users')
  running.kill('SIGINT')
  await until('removals')
  running.kill('SIGINT')
  const { exitCode, all } = await running

  expect(exitCode, all).toBe(130)
  // The user may already be removed.
  expect(all).toMatch(/2 tracked · [01] removed · [12] live/)
  expect(outcomes(project.report())['is interrupted']).toContain('closure live')
})

const ends: [string, string][] = [
  ['a worker that is killed', `process.kill(process.pid, 'SIGKILL')`],
  ['process.exit in a worker', processExit],
]

test.each(ends)('with %s, the data of its test is removed at the end of the run', async (_, end) => {
  await using server = await startApi()
  const crashes = `${api}\nit('crashes', async () => { await create('users'); ${end} })`
  const passes = `${api}\nit('passes', async () => { await create('orders') })`
  await using project = await createProject({ 'test/a.js': crashes, 'test/b.js': passes })
  const { report, output, exitCode } = await project.run(['--parallel', '--jobs=2'], { API: server.url })

  expect(exitCode).toBe(1)
  expect(outcomes(report), output).toEqual({ crashes: ['user removed'], passes: ['order removed'] })
  expect(server.left()).toEqual([])
})

test('process.exit without workers leaves the data, and no report is written', async () => {
  await using server = await startApi()
  const exits = `${api}\nit('exits', async () => { await create('users'); ${processExit} })`
  await using project = await createProject({ 'test/a.js': exits })
  const { exitCode, report } = await project.run([], { API: server.url })

  expect(exitCode).toBe(3)
  expect(report).toBeUndefined()
  expect(server.left()).toEqual(['users/1'])
})
