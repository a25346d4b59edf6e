/** Interrupted and crashed runs, as far as they are specific to Vitest. */

import { startApi } from '@dustpan/conformance'
import { expect, test } from 'vitest'
import { createProject, outcomes } from './project.ts'

const create = `const create = async (type: string) => (await fetch(process.env.API + '/' + type, { method: 'POST' })).json()`

test('data of a killed worker is removed at the end of the run', async () => {
  await using api = await startApi()
  const killed = `import { test } from 'vitest'\n${create}\ntest('is killed', async () => { await create('users'); process.kill(process.pid, 'SIGKILL') })`
  const other = `import { test } from 'vitest'\n${create}\ntest('passes', async () => { await create('orders') })`
  await using project = await createProject({ 'a.test.ts': killed, 'b.test.ts': other })
  const { report, output } = await project.run(['--pool=forks'], { API: api.url })

  expect(outcomes(report), output).toEqual({ 'is killed': ['user removed'], passes: ['order removed'] })
  expect(api.left()).toEqual([])
})

test.each([
  ['Ctrl-C', 'SIGINT', 130],
  ['SIGTERM', 'SIGTERM', 143],
] as const)('%s with threads interrupts the running test and removes its data', async (_, signal, code) => {
  await using api = await startApi()
  const slow = `import { test } from 'vitest'\n${create}\ntest('is interrupted', async ({ signal }) => {
    await create('users')
    await new Promise((resolve, reject) => { setTimeout(resolve, 30_000); signal.addEventListener('abort', () => reject(new Error('aborted'))) })
  }, 60_000)\ntest('never begins', async () => { await create('orders') })`
  await using project = await createProject({
    'a.test.ts': slow,
    'dustpan.config.js': `export default { cleanup: { strategy: 'conditional', interruptTimeout: '2m' } }`,
  })
  const running = project.start(['--pool=threads'], { API: api.url })
  while (api.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  running.kill(signal)
  const { exitCode, all } = await running

  expect(exitCode, all).toBe(code)
  expect(outcomes(project.report()), all).toEqual({ 'is interrupted': ['user removed'] })
  expect(api.left()).toEqual([])
})

test('the data of a test that calls process.exit is removed', async () => {
  await using api = await startApi()
  const exits = `import { test } from 'vitest'\n${create}\ntest('exits', async () => { await create('users'); process.exit(3) })`
  await using project = await createProject({ 'a.test.ts': exits })
  const { report, output } = await project.run([], { API: api.url })

  expect(outcomes(report), output).toEqual({ exits: ['user removed'] })
  expect(api.left()).toEqual([])
})

test('a removal that nock answers in the worker is repeated by the main process', async () => {
  await using api = await startApi()
  const mocked = `import { test } from 'vitest'\nimport nock from 'nock'\n${create}
  test('leaves nock on', async () => { await create('users'); nock(process.env.API!).persist().delete(/.*/).reply(204) })`
  await using project = await createProject({ 'a.test.ts': mocked })
  const { report, output } = await project.run([], { API: api.url })

  expect(outcomes(report), output).toEqual({ 'leaves nock on': ['user removed'] })
  expect(api.left()).toEqual([])
})
