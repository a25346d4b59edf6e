/** The scope of data in every kind of Jest test and hook. */
import { startApi } from '@dustpan/conformance'
import { beforeAll, describe, expect, test } from 'vitest'
import { create, createProject, install, outcomes, versions } from './project.ts'

const conditional = `module.exports = { cleanup: { strategy: 'conditional' } }`

const suite = `
const { scope } = require('@dustpan/core')
${create}
const mine = () => scope().created().map(({ type }) => type)

beforeAll(() => create('parents'))
const { fetch: realFetch } = globalThis
afterAll(() => { globalThis.fetch = realFetch; return create('farewells') })

test('done', (done) => { create('users').then(() => done()) })
test('generator', function* () {
  yield create('users')
  try { yield Promise.reject(new Error('thrown in')) } catch {}
  yield create('orders')
  expect(mine()).toEqual(['user', 'order'])
})
test.each([1, 2])('same title', async (n) => { await create('users'); expect(mine()).toEqual(['user']) })
test.failing('fails as expected', async () => { await create('users'); throw new Error('expected') })
test.failing('passes, unexpectedly', async () => { await create('users') })
test.skip('skipped', () => {})
test.todo('to do')

describe('with hooks', () => {
  beforeAll(() => create('suites'))
  beforeEach(async () => { await create('befores') })
  afterEach((done) => { expect(mine()).toEqual(['before', 'user']); create('afters').then(() => done(), done) })
  test('around it', async () => { await create('users') })
})

describe('a hook that fails', () => {
  beforeEach(() => { throw new Error('no') })
  test('has nothing', async () => { await create('nevers') })
})

describe('concurrent', () => {
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
  test.concurrent.each(['as', 'bs', 'cs'])('%s', async (type) => {
    await create(type)
    await wait(type === 'as' ? 60 : 20)
    await create(type)
    expect(mine()).toEqual([type, type])
    if (type === 'bs') throw new Error('fails')
  })
})

describe('what is left switched on', () => {
  test('modern fake timers', async () => { jest.useFakeTimers(); await create('users') })
  test('legacy fake timers', async () => { jest.useFakeTimers({ legacyFakeTimers: true }); await create('users') })
  test('a mock of fetch', async () => { await create('users'); globalThis.fetch = jest.fn(async () => ({ json: () => ({}) })); await create('nothing') })
})
`

const retries = `
${create}
jest.retryTimes(2)
let runs = 0
test('passes at last', async () => { await create('users'); if (++runs < 3) throw new Error('again') })
test('never passes', async () => { await create('orders'); throw new Error('never') })
`

beforeAll(install)

describe.each(versions)('Jest %s', (version) => {
  test('data belongs to the scope of its test or hook, for every kind of test and hook', async () => {
    await using api = await startApi()
    await using project = await createProject({ 'a.test.js': suite, 'dustpan.config.js': conditional }, version)
    const { report, output, exitCode } = await project.run(['--runInBand'], { API: api.url })

    expect(exitCode, output).toBe(1)
    expect(output).toMatch(/^Tests: +3 failed, 1 skipped, 1 todo, 11 passed, 16 total$/m)
    expect(outcomes(report), output).toEqual({
      file: ['farewell removed', 'parent removed', 'suite removed'],
      done: ['user removed'],
      generator: ['order removed', 'user removed'],
      'same title': ['user removed'],
      'fails as expected': ['user removed'],
      'passes, unexpectedly': ['user kept'],
      'with hooks > around it': ['after removed', 'before removed', 'user removed'],
      'concurrent > as': ['as removed', 'as removed'],
      'concurrent > bs': ['bs kept', 'bs kept'],
      'concurrent > cs': ['cs removed', 'cs removed'],
      'what is left switched on > modern fake timers': ['user removed'],
      'what is left switched on > legacy fake timers': ['user removed'],
      'what is left switched on > a mock of fetch': ['user removed'],
    })
    expect(api.left()).toHaveLength(3)
  })

  test('retries: data of an attempt is removed before the next attempt, and only the last is kept', async () => {
    await using api = await startApi()
    await using project = await createProject({ 'a.test.js': retries, 'dustpan.config.js': conditional }, version)
    const { report, output } = await project.run(['--runInBand'], { API: api.url })

    expect(outcomes(report), output).toEqual({
      'passes at last': ['user removed'],
      'passes at last #1': ['user removed'],
      'passes at last #2': ['user removed'],
      'never passes': ['order removed'],
      'never passes #1': ['order removed'],
      'never passes #2': ['order kept'],
    })
    expect(api.left()).toHaveLength(1)
    const calls = api.requests.map(({ method, path }) => `${method} ${path.split('/')[0]}`)
    expect(calls.filter((call) => call.endsWith('orders'))).toEqual([
      'POST orders',
      'DELETE orders',
      'POST orders',
      'DELETE orders',
      'POST orders',
    ])
  })
})

test('Jest 30: data of each attempt is separate with retryImmediately and waitBeforeRetry', async () => {
  await using api = await startApi()
  const immediately = retries.replace('retryTimes(2)', 'retryTimes(1, { retryImmediately: true, waitBeforeRetry: 10 })')
  await using project = await createProject({ 'a.test.js': immediately, 'dustpan.config.js': conditional })
  const { report, output } = await project.run(['--runInBand'], { API: api.url })

  expect(outcomes(report), output).toEqual({
    'passes at last': ['user removed'],
    'passes at last #1': ['user kept'],
    'never passes': ['order removed'],
    'never passes #1': ['order kept'],
  })
})
