/** The scope of data that several tests share. */
import { startApi } from '@dustpan/conformance'
import { expect, test } from 'vitest'
import { conditional, configFile, createProject, head, outcomes } from './project.ts'

const titled = (report: Parameters<typeof outcomes>[0]) =>
  (report?.scopes ?? []).map(({ kind, file, path, resources }) =>
    [
      [kind, file, ...(path ?? [])].filter(Boolean).join(' > '),
      ...resources.map(({ type, state }) => `${type} ${state}`),
    ].join(': '),
  )

const removals = (requests: readonly { method: string; path: string }[]) =>
  requests
    .filter(({ method }) => method !== 'GET')
    .map(({ method, path }) => `${method === 'POST' ? '+' : '-'} ${path}`)

test('data of beforeAll lives until its file ends, and data of a worker fixture until its worker ends', async () => {
  await using api = await startApi()
  const fixtures = `
import { test as plain } from '@playwright/test'
import { mergeTests } from '@playwright/test'
import { test as dustpan } from '@dustpan/playwright-reporter/test'
const post = async (type: string) => (await fetch(process.env.API + '/' + type, { method: 'POST' })).json()
const status = async (path: string) => (await fetch(process.env.API + '/' + path)).status
const mine = plain.extend<{ visit: number }, { account: number; tenant: number }>({
  tenant: [async ({}, use) => {
    const { id } = await post('tenants')
    await use(id)
    if ((await status('tenants/' + id)) !== 200) throw new Error('the tenant is gone')
  }, { scope: 'worker', auto: true }],
  account: [async ({ tenant }, use) => { await use((await post('tenants/' + tenant + '/accounts')).id) }, { scope: 'worker' }],
  visit: [async ({}, use) => { await use((await post('visits')).id) }, { auto: true }],
})
// In this order the user's automatic fixtures come first: they are told apart all the same.
export const test = mergeTests(mine, dustpan)
export { post, status }
`
  const a = `
import { expect } from '@playwright/test'
import { post, status, test } from './fixtures.ts'
let team: number
test.beforeAll(async () => { team = (await post('teams')).id })
test('a first', async ({ account, tenant }) => {
  expect(await status('teams/' + team)).toBe(200)
  await post('users')
  expect(await status('tenants/' + tenant + '/accounts/' + account)).toBe(200)
})
test.describe('inner', () => {
  let club: number
  test.beforeAll(async () => { club = (await post('clubs')).id })
  test('a second', async () => { expect([await status('teams/' + team), await status('clubs/' + club)]).toEqual([200, 200]) })
  test.afterAll(async () => { expect([await status('teams/' + team), await status('clubs/' + club)]).toEqual([200, 200]) })
})
`
  const b = `
import { expect } from '@playwright/test'
import { post, status, test } from './fixtures.ts'
test.beforeAll(async () => { await post('firms') })
test('b', async ({ account, tenant }) => { expect(await status('tenants/' + tenant + '/accounts/' + account)).toBe(200) })
`
  await using project = await createProject({ 'fixtures.ts': fixtures, 'a.spec.ts': a, 'b.spec.ts': b })
  const { report, output, exitCode } = await project.run([], { API: api.url })

  expect(exitCode, output).toBe(0)
  expect(titled(report), output).toEqual([
    'worker: tenant removed: account removed',
    'file > a.spec.ts: team removed: club removed',
    'test > a.spec.ts > a first: visit removed: user removed',
    'test > a.spec.ts > inner > a second: visit removed',
    'file > b.spec.ts: firm removed',
    'test > b.spec.ts > b: visit removed',
  ])
  const order = removals(api.requests).map((line) => line.replace(/\/\d+$/, ''))
  expect(order.indexOf('- teams')).toBeGreaterThan(order.indexOf('+ firms'))
  expect(order.indexOf('- teams')).toBeLessThan(order.lastIndexOf('+ visits'))
  expect(order.slice(-3)).toEqual(['- firms', '- tenants/1/accounts', '- tenants'])
})

test('a serial group is one scope: its data is removed when the group ends, and kept when it failed', async () => {
  await using api = await startApi()
  const suite = (ending: string) => `${head}
test('before', async () => { await create('users') })
test.describe.serial('check-out', () => {
  let cart: { id: number }
  test('fills a cart', async () => { cart = await create('carts') })
  test('orders it', async () => {
    expect(await status('carts/' + cart.id)).toBe(200)
    await create('orders')
    ${ending}
  })
  test.afterAll(async () => { expect(await status('carts/' + cart.id)).toBe(200) })
})
test('after', async () => { await create('users') })
`
  await using project = await createProject({
    'a.spec.ts': suite(''),
    'b.spec.ts': suite('expect(1).toBe(2)'),
    'dustpan.config.ts': conditional,
    'playwright.config.ts': configFile('retries: 1'),
  })
  const { report, output } = await project.run([], { API: api.url })

  expect(titled(report).sort(), output).toEqual([
    'test > a.spec.ts > after: user removed',
    'test > a.spec.ts > before: user removed',
    'test > a.spec.ts > check-out: cart removed: order removed',
    'test > b.spec.ts > after: user removed',
    'test > b.spec.ts > before: user removed',
    'test > b.spec.ts > check-out: cart kept: order kept',
    'test > b.spec.ts > check-out: cart removed: order removed',
  ])
  expect(output).toContain('Dustpan  2 tracked · 0 removed · 2 kept')
})

test('a kept test keeps the file and worker data it depends on, and a failed beforeAll keeps its data', async () => {
  await using api = await startApi()
  const a = `${head}
const test2 = test.extend<{}, { account: { id: number } }>({
  account: [async ({}, use) => { await create('clubs'); await use(await create('accounts')) }, { scope: 'worker' }],
})
let team: { id: number }
test2.beforeAll(async () => { team = await create('teams'); await create('firms') })
test2('fails', async ({ account }) => {
  await create('accounts/' + account.id + '/users')
  await create('teams/' + team.id + '/members')
  expect(1).toBe(2)
})
`
  const b = `${head}
test.beforeAll(async () => { await create('parts'); throw new Error('beforeAll') })
test('never begins', async () => { await create('users') })
`
  await using project = await createProject({ 'a.spec.ts': a, 'b.spec.ts': b, 'dustpan.config.ts': conditional })
  const { report, output } = await project.run([], { API: api.url })

  expect(titled(report).sort(), output).toEqual([
    'file > a.spec.ts: team kept: firm removed',
    'file > b.spec.ts: part kept',
    'test > a.spec.ts > fails: user kept: member kept',
    'worker: club removed: account kept',
  ])
})

test('data belongs to its own test with parallel tests, two workers, two projects and repeats', async () => {
  await using api = await startApi()
  const suite = `${head}
test.describe.configure({ mode: 'parallel' })
for (const name of ['a', 'b', 'c']) {
  test('is ' + name, async () => {
    await Promise.all([create('after-50/' + name), create(name)])
    expect(scope().created().map(({ type }) => type)).toEqual([name, name])
  })
}
`
  const projects = `workers: 2, fullyParallel: true, repeatEach: 2, projects: [{ name: 'one' }, { name: 'two' }]`
  await using project = await createProject({
    'x.spec.ts': suite,
    'playwright.config.ts': configFile(projects).replace('workers: 1,', ''),
  })
  const { report, output, exitCode } = await project.run([], { API: api.url })

  expect(exitCode, output).toBe(0)
  const scopes = (report?.scopes ?? []).map(({ project, repeat, path, resources }) => [
    project,
    repeat,
    path?.join(),
    resources.length,
  ])
  expect(scopes.sort()).toEqual(
    ['one', 'two'].flatMap((name) =>
      [0, 1].flatMap((repeat) => ['a', 'b', 'c'].map((one) => [name, repeat, `is ${one}`, 2])),
    ),
  )
  expect(api.left()).toEqual([])
})

test('run data of a setup project exists in dependent projects, and is removed at the end of the run', async () => {
  await using api = await startApi()
  const setUp = `${head}
import { track } from '@dustpan/core'
test('an account', async ({ request }) => {
  const answer = await request.post(process.env.API + '/accounts')
  const { id } = await answer.json()
  track({ type: 'account', id, lifetime: 'run', remove: 'DELETE /accounts/{id}' })
})
`
  const suite = `${head}
test('has it', async () => { expect(await status('accounts/1')).toBe(200) })
`
  const projects = `projects: [
    { name: 'setup', testMatch: 'account.setup.ts' },
    { name: 'tests', dependencies: ['setup'] },
  ],`
  await using project = await createProject({
    'account.setup.ts': setUp,
    'a.spec.ts': suite,
    'playwright.config.ts': configFile(projects),
  })
  const { report, output, exitCode } = await project.run([], { API: api.url })

  expect(exitCode, output).toBe(0)
  expect(outcomes(report), output).toEqual({ 'an account': ['account removed'] })
  expect(api.requests.filter(({ method }) => method === 'DELETE').map(({ path }) => path)).toEqual(['accounts/1'])
  expect(api.left()).toEqual([])
})
