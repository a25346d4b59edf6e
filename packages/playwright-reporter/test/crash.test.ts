/** Interrupted and crashed runs, and cleanups that fail or are slow. */
import { setTimeout as pause } from 'node:timers/promises'
import { processExit, startApi } from '@dustpan/conformance'
import { expect, test } from 'vitest'
import { conditional, configFile, createProject, head, outcomes } from './project.ts'

test('data of a killed worker, and of one that exited, is removed at the end of the run', async () => {
  await using api = await startApi()
  const suite = `${head}
test('is killed', async () => { await create('users'); process.kill(process.pid, 'SIGKILL'); await new Promise(() => {}) })
test('exits', async () => { await create('orders'); ${processExit} })
test('passes', async () => { await create('clubs') })
`
  await using project = await createProject({ 'a.spec.ts': suite })
  const { report, output, exitCode } = await project.run([], { API: api.url })

  expect(outcomes(report), output).toEqual({
    'is killed': ['user removed'],
    exits: ['order removed'],
    passes: ['club removed'],
  })
  expect(exitCode).toBe(1)
  expect(api.left()).toEqual([])
})

test('of the attempts of a killed worker only the data of the last failed one is kept', async () => {
  await using api = await startApi()
  const suite = `${head}
const kill = async () => { process.kill(process.pid, 'SIGKILL'); await new Promise(() => {}) }
test('passes in the end', async ({}, info) => { await create('users'); if (info.retry === 0) await kill() })
test('is killed each time', async () => { await create('orders'); await kill() })
test.describe.serial('group', () => {
  test('begins', async () => { await create('clubs') })
  test('is killed', async ({}, info) => { await create('members'); if (info.retry === 0) await kill() })
})
`
  const serial = `${head}
test.describe.configure({ mode: 'serial' })
test('is killed', async ({}, info) => { await create('teams'); if (info.retry === 0) { process.kill(process.pid, 'SIGKILL'); await new Promise(() => {}) } })
`
  await using project = await createProject({
    ...{ 'a.spec.ts': suite, 'below/b.spec.ts': serial, 'dustpan.config.ts': conditional },
    'playwright.config.ts': configFile('retries: 1, projects: [{ name: "all" }]'),
  })
  const { report, output } = await project.run([], { API: api.url })

  expect(outcomes(report), output).toEqual({
    'passes in the end': ['user removed'],
    'passes in the end #1': ['user removed'],
    'is killed each time': ['order removed'],
    'is killed each time #1': ['order kept'],
    group: ['club removed', 'member removed'],
    'group #1': ['club removed', 'member removed'],
    'the serial tests': ['team removed'],
    'the serial tests #1': ['team removed'],
  })
  expect(api.left()).toEqual(['orders/4'])
})

test('Ctrl-C interrupts the running test, removes its data and that of its file, and exits with 130', async () => {
  await using api = await startApi()
  const suite = `${head}
test.beforeAll(async () => { await create('teams') })
test('is interrupted', async () => { await create('users'); await new Promise((resolve) => setTimeout(resolve, 9_000)) })
test('never begins', async () => { await create('orders') })
`
  await using project = await createProject({ 'a.spec.ts': suite, 'dustpan.config.ts': conditional })
  const running = project.start([], { API: api.url }, { detached: true })
  while (api.requests.length < 2) await pause(20)
  process.kill(-Number(running.pid), 'SIGINT')
  const { exitCode, all } = await running

  expect(exitCode, all).toBe(130)
  expect(outcomes(project.report()), all).toEqual({ file: ['team removed'], 'is interrupted': ['user removed'] })
  expect(api.left()).toEqual([])
})

test.each([
  ['warn', 0],
  ['fail', 1],
] as const)('with onCleanupFailure %s a failed cleanup exits with %i', async (onCleanupFailure, exitCode) => {
  await using api = await startApi()
  api.refuse(/^(users|teams)/, 403)
  const suite = `${head}
test.beforeAll(async () => { await create('teams') })
test('passes', async () => { await create('users') })
`
  await using project = await createProject({
    'a.spec.ts': suite,
    'dustpan.config.ts': `export default { cleanup: { onCleanupFailure: '${onCleanupFailure}', retry: { attempts: 1 } } }`,
  })
  const run = await project.run([], { API: api.url })

  expect(outcomes(run.report), run.output).toEqual({ file: ['team failed'], passes: ['user failed'] })
  expect(run.exitCode, run.output).toBe(exitCode)
  expect(run.output.includes('1 failed')).toBe(exitCode === 1)
})

test('cleanup does not count towards the timeout of the test', async () => {
  await using api = await startApi()
  api.slow(/^(users|teams)/, 700)
  const suite = `${head}
test.beforeAll(async () => { await create('teams') })
test('passes', async () => { await create('users') })
`
  await using project = await createProject({
    'a.spec.ts': suite,
    'playwright.config.ts': configFile().replace('10_000', '500'),
  })
  const { report, output, exitCode } = await project.run([], { API: api.url })

  expect(exitCode, output).toBe(0)
  expect(outcomes(report)).toEqual({ file: ['team removed'], passes: ['user removed'] })
})
