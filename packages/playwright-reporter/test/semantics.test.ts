/** Whether the data of a test is removed or kept for each outcome, in the oldest and newest supported Playwright. */
import { startApi } from '@dustpan/conformance'
import { describe, expect, test } from 'vitest'
import { conditional, configFile, createProject, head, outcomes, versions } from './project.ts'

const suite = `${head}
import { temporaryFolder, track } from '@dustpan/core'

test('passes', async () => { await create('users') })
test('fails', async () => { await create('users'); await create('orders'); expect(1).toBe(2) })
test.skip('is skipped', async () => { await create('users') })
test('skips itself', async () => { await create('users'); test.skip() })
test.fail('is expected to fail', async () => { await create('users'); expect(1).toBe(2) })
test.fail('is expected to fail and passes', async () => { await create('users') })
test('fails softly', async () => { await create('users'); expect.soft(1).toBe(2) })
test('creates nothing', () => {})
test('runs into its timeout while a create is under way', async () => {
  test.setTimeout(200)
  await create('after-600/slow')
})
test('times out while what it asks for with request is under way', async ({ request }) => {
  test.setTimeout(2000)
  await request.post(process.env.API + '/after-9000/slower')
})
test('is over before what it began', () => { setTimeout(() => void create('late'), 50) })
test('gives it time', async () => { await expect.poll(async () => (await status('late/1')) || 0).toBeDefined(); await new Promise((resolve) => setTimeout(resolve, 300)) })

test.describe('hooks', () => {
  test.describe('before', () => {
    test.beforeEach(async () => { await create('before'); throw new Error('beforeEach') })
    test('fails in beforeEach', async () => { await create('users') })
  })
  test.describe('after', () => {
    test.afterEach(() => { throw new Error('afterEach') })
    test('fails in afterEach', async () => { await create('users') })
  })
  test.describe('need', () => {
    let user: { id: number }
    test.afterEach(async () => { expect(await status('users/' + user.id)).toBe(200) })
    test('has its data in its own afterEach', async () => { user = await create('users') })
  })
})

const withThing = test.extend<{ thing: number; broken: number }>({
  thing: async ({}, use) => {
    const { id } = await create('things')
    await use(id)
    expect(await status('things/' + id)).toBe(200)
  },
  broken: async ({}, use) => {
    await use((await create('parts')).id)
    throw new Error('teardown')
  },
})
withThing('has a fixture', async ({ thing }) => { expect(await status('things/' + thing)).toBe(200) })
withThing('has a fixture that fails in its teardown', async ({ broken }) => { expect(broken).toBeGreaterThan(0) })

test('decides for itself', async () => { scope().policy({ strategy: 'immediate' }); await create('users'); expect(1).toBe(2) })
test('tracks by hand', async () => {
  expect(temporaryFolder()).toContain('dustpan')
  const { id } = await create('ignored')
  track({ type: 'thing', id, remove: 'DELETE ' + process.env.API + '/ignored/{id}' })
})
`

const retried = `${head}
const left = (earlier: string) => fetch(process.env.API + '/' + earlier).then(({ status }) => status)
test.describe(() => {
  test.describe.configure({ retries: 2 })
  test('passes at the third try', async ({}, { retry }) => {
    const { id } = await create('tries')
    for (let earlier = 1; earlier < id; earlier++) expect(await left('tries/' + earlier)).toBe(404)
    expect(retry).toBe(2)
  })
})
test('fails at each try', async () => { await create('users'); expect(1).toBe(2) })
`

const config = `
import { defineConfig, http } from '@dustpan/core'
export default defineConfig({
  cleanup: { strategy: 'conditional', retry: { delay: 10 } },
  drivers: [http({ rules: [{ create: 'POST /ignored', ignore: true }] })],
})
`

describe.each(versions)('Playwright %s', (version) => {
  test('data is removed or kept by the outcome of its test, including data of hooks and fixtures', async () => {
    await using api = await startApi()
    await using project = await createProject({ 'all.spec.ts': suite, 'dustpan.config.ts': config }, version)
    const { report, output } = await project.run([], { API: api.url })

    expect(outcomes(report), output).toEqual({
      passes: ['user removed'],
      fails: ['order kept', 'user kept'],
      'skips itself': ['user removed'],
      'is expected to fail': ['user removed'],
      'is expected to fail and passes': ['user kept'],
      'fails softly': ['user kept'],
      'runs into its timeout while a create is under way': ['slow kept'],
      'is over before what it began': ['late removed'],
      'hooks > before > fails in beforeEach': ['before kept'],
      'hooks > after > fails in afterEach': ['user kept'],
      'hooks > need > has its data in its own afterEach': ['user removed'],
      'has a fixture': ['thing removed'],
      'has a fixture that fails in its teardown': ['part kept'],
      'decides for itself': ['user removed'],
      'tracks by hand': ['folder removed', 'thing removed'],
    })
    expect(report?.intents.map(({ via }) => via)).toEqual(['POST /after-9000/slower'])
    expect(report?.totals).toMatchObject({ kept: 8, failed: 0, refused: 0, pending: 0, live: 0, lost: 0 })
  })

  test('data of an attempt is removed before the next attempt, and only that of the last is kept', async () => {
    await using api = await startApi()
    await using project = await createProject(
      { 'a.spec.ts': retried, 'dustpan.config.ts': conditional, 'playwright.config.ts': configFile('retries: 1') },
      version,
    )
    const { report, output } = await project.run([], { API: api.url })

    expect(outcomes(report), output).toEqual({
      'passes at the third try': ['try removed'],
      'passes at the third try #1': ['try removed'],
      'passes at the third try #2': ['try removed'],
      'fails at each try': ['user removed'],
      'fails at each try #1': ['user kept'],
    })
  })
})
