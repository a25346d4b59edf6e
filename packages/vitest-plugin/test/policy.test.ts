/** Cleanup settings from the environment and the configuration. */

import { driverOptionMessage, expectedDriverOptionMessage, startApi, wrongDriverOption } from '@dustpan/conformance'
import { expect, test } from 'vitest'
import { createProject, outcomes, resources } from './project.ts'

const suite = `
import { expect, test } from 'vitest'
const create = async (type: string) => (await fetch(process.env.API + '/' + type, { method: 'POST' })).json()
test('passes', async () => { await create('users') })
test('fails', async () => { await create('orders'); expect(1).toBe(2) })
`

const cases: [string, string, Record<string, string>, Record<string, string[]>][] = [
  ['an empty configuration removes everything', '{}', {}, { passes: ['user removed'], fails: ['order removed'] }],
  [
    'the manual strategy keeps everything',
    `{ cleanup: { strategy: 'manual' } }`,
    {},
    { passes: ['user kept'], fails: ['order kept'] },
  ],
  [
    'the conditional strategy with inverted onSuccess and onFailure',
    `{ cleanup: { strategy: 'conditional', onSuccess: false, onFailure: true } }`,
    {},
    { passes: ['user kept'], fails: ['order removed'] },
  ],
  [
    'DUSTPAN_KEEP=failed keeps the data of failed tests',
    '{}',
    { DUSTPAN_KEEP: 'failed' },
    { passes: ['user removed'], fails: ['order kept'] },
  ],
  [
    'DUSTPAN_KEEP=all keeps everything',
    '{}',
    { DUSTPAN_KEEP: 'all' },
    { passes: ['user kept'], fails: ['order kept'] },
  ],
  [
    'DUSTPAN_KEEP=none overrides the manual strategy',
    `{ cleanup: { strategy: 'manual' } }`,
    { DUSTPAN_KEEP: 'none' },
    { passes: ['user removed'], fails: ['order removed'] },
  ],
  [
    'production keeps everything',
    `{ environment: 'production' }`,
    {},
    { passes: ['user kept'], fails: ['order kept'] },
  ],
  [
    'an unknown environment counts as production',
    '{}',
    { DUSTPAN_ENVIRONMENT: 'qa-7' },
    { passes: ['user kept'], fails: ['order kept'] },
  ],
  [
    'DUSTPAN_SHADOW=1 keeps everything',
    '{}',
    { DUSTPAN_SHADOW: '1' },
    { passes: ['user kept'], fails: ['order kept'] },
  ],
  [
    'production without shadow mode refuses every removal',
    `{ environment: 'production' }`,
    { DUSTPAN_SHADOW: '0' },
    { passes: ['user refused'], fails: ['order refused'] },
  ],
]

test.each(cases)('%s', async (_name, config, env, expected) => {
  await using api = await startApi()
  await using project = await createProject({ 'a.test.ts': suite, 'dustpan.config.js': `export default ${config}` })
  const { report, output } = await project.run([], { API: api.url, ...env })

  expect(outcomes(report), output).toEqual(expected)
  expect(api.left()).toHaveLength(resources(report).filter(({ state }) => state !== 'removed').length)
})

test('DUSTPAN_DISABLED=1 turns tracking off', async () => {
  await using api = await startApi()
  await using project = await createProject({ 'a.test.ts': suite })
  const { report } = await project.run([], { API: api.url, DUSTPAN_DISABLED: '1' })

  expect(report).toBeUndefined()
  expect(api.left()).toEqual(['orders/2', 'users/1'])
})

const passing = `
import { test } from 'vitest'
test('passes', async () => { await (await fetch(process.env.API + '/users', { method: 'POST' })).json() })
`

test('a failed cleanup is reported, and does not fail the test', async () => {
  await using api = await startApi()
  api.refuse(/^users/, 403)
  await using project = await createProject({ 'a.test.ts': passing })
  const { report, output, exitCode } = await project.run([], { API: api.url })

  expect(exitCode, output).toBe(0)
  expect(resources(report)).toMatchObject([{ state: 'failed', error: { code: 'DUSTPAN_REMOVAL_FAILED' } }])
  expect(output).toContain('DUSTPAN_REMOVAL_FAILED')
})

test("with onCleanupFailure: 'fail' a failed cleanup fails the test (DUSTPAN_CLEANUP_FAILED)", async () => {
  await using api = await startApi()
  api.refuse(/^users/, 403)
  const config = `export default { cleanup: { onCleanupFailure: 'fail' } }`
  await using project = await createProject({ 'a.test.ts': passing, 'dustpan.config.js': config })
  const { output, exitCode } = await project.run([], { API: api.url })

  expect(exitCode).toBe(1)
  expect(output).toContain('1 of what the test created could not be removed: user 1 failed')
})

test('when the application denies test access, the refusal is reported and no test begins', async () => {
  await using api = await startApi()
  api.deny(/verify-access$/)
  const config = `export default { access: { url: process.env.API + '/api/test/verify-access' } }`
  await using project = await createProject({ 'a.test.ts': suite, 'dustpan.config.js': config })
  const { output, exitCode } = await project.run([], { API: api.url })

  expect(exitCode, output).toBe(1)
  expect(output).toContain('/api/test/verify-access was answered with 403 Forbidden: Test mode is not enabled.')
  expect(api.requests.map(({ path }) => path)).toEqual(['api/test/verify-access'])
})

test('an invalid configuration is reported, and no test runs', async () => {
  const config = `export default { cleanup: { strategy: 'sometimes' } }`
  await using project = await createProject({ 'a.test.ts': passing, 'dustpan.config.js': config })
  const { output, exitCode } = await project.run()

  expect(exitCode).toBe(1)
  expect(output).toContain('cleanup.strategy')
  expect(output).toContain('found "sometimes"')
  expect(output).not.toContain('✓ passes')
})

test('an invalid driver option is reported as under every runner, and no test runs', async () => {
  await using project = await createProject({ 'a.test.ts': passing, ...wrongDriverOption })
  const run = await project.run()

  expect(run.exitCode, run.output).toBe(1)
  expect(driverOptionMessage(project, run)).toEqual(expectedDriverOptionMessage)
})
