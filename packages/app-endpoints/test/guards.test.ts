/** Options that the endpoints refuse at start-up, and what they read from the environment. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { testContext } from '../src/context/test-context.ts'
import { environmentOf } from '../src/environment.ts'
import type { EndpointOptions } from '../src/settings.ts'
import { createApp, key } from './app.ts'

beforeEach(() => {
  for (const name of ['DUSTPAN_ENVIRONMENT', 'DUSTPAN_ENDPOINTS', 'DUSTPAN_INTERNAL_KEY']) vi.stubEnv(name, undefined)
})
afterEach(() => vi.unstubAllEnvs())

const call = async (options: Partial<EndpointOptions>, path = 'verify-access', given = key, headers = {}) => {
  const { fetch } = createApp().endpoints(options)
  const url = `http://app.test/api/test/${path}`
  const sent = { 'x-internal-key': given, 'x-test-id': 'test-one', ...headers }
  return (await fetch(new Request(url, { method: 'POST', headers: sent }))).status
}
const withoutKey = () => {
  const { key: _, ...rest } = { key, store: createApp().store }
  return rest
}

describe('the environment', () => {
  test.each([
    // option, DUSTPAN_ENVIRONMENT, NODE_ENV, result
    [undefined, undefined, undefined, 'production'],
    [undefined, undefined, 'production', 'production'],
    [undefined, undefined, 'development', 'local'],
    [undefined, undefined, 'test', 'test'],
    [undefined, undefined, 'Test', 'production'],
    [undefined, undefined, 'preview', 'production'],
    [undefined, 'staging', 'production', 'staging'],
    [undefined, 'prod-eu', 'test', 'production'],
    [undefined, '', 'test', 'test'],
    ['staging', undefined, undefined, 'staging'],
    ['staging', undefined, 'production', 'production'],
    ['staging', 'test', 'production', 'test'],
    ['staging', 'production', 'test', 'production'],
    ['production', 'test', 'test', 'production'],
    ['toString', undefined, 'test', 'production'],
  ])('option %s, DUSTPAN_ENVIRONMENT %s and NODE_ENV %s: %s', (option, deployment, node, environment) => {
    expect(environmentOf(option, { DUSTPAN_ENVIRONMENT: deployment, NODE_ENV: node })).toBe(environment)
  })
})

describe('the option enabled', () => {
  test.each(['false', '0', '', 'true', 1, 0, null, {}])(
    '%o is neither true nor false, and is refused at start-up',
    (enabled) => {
      const wrong = { enabled } as object
      expect(() => createApp().endpoints(wrong)).toThrow(/^enabled: expected true, false or a function, got /)
      expect(() => createApp().endpoints({ ...wrong, environment: 'production' })).toThrow(TypeError)
      expect(() => testContext(wrong)).toThrow('enabled: expected true or false, got')
    },
  )

  test.each(['false', 'true', 1, {}])('an enabled function that returns %o refuses the call', async (answer) => {
    expect(await call({ enabled: (() => answer) as () => boolean }, 'reset')).toBe(403)
    expect(await call({ enabled: (async () => answer) as () => Promise<boolean> }, 'reset')).toBe(403)
  })

  test('calls are refused unless DUSTPAN_ENDPOINTS is 1 or enabled is true, and a function is called each time', async () => {
    const { enabled: _, ...withoutEnabled } = { enabled: true }
    const { testDataEndpoints } = await import('../src/endpoints.ts')
    const request = () => new Request('http://app.test/api/test/verify-access', { method: 'POST' })
    const status = async (options: object) =>
      (
        await testDataEndpoints({
          store: createApp().store,
          key,
          audit: () => {},
          ...withoutEnabled,
          ...options,
        }).fetch(request())
      ).status
    expect(await status({})).toBe(403)
    vi.stubEnv('DUSTPAN_ENDPOINTS', 'true')
    expect(await status({})).toBe(403)
    vi.stubEnv('DUSTPAN_ENDPOINTS', '1')
    expect(await status({})).toBe(401)
    expect(await status({ enabled: false })).toBe(403)
    let on = false
    const { fetch } = createApp().endpoints({ enabled: async () => on })
    expect((await fetch(request())).status).toBe(403)
    on = true
    expect((await fetch(request())).status).toBe(401)
  })
})

describe('the key', () => {
  test('a missing or short key is refused at start-up, unless the endpoints are disabled', async () => {
    const { testDataEndpoints } = await import('../src/endpoints.ts')
    const given = (options: object) => () =>
      testDataEndpoints({ ...withoutKey(), enabled: true, environment: 'staging', ...options })
    expect(given({})).toThrow(/DUSTPAN_INTERNAL_KEY_STAGING/)
    expect(given({ key: 'short' })).toThrow(/5 characters; at least 16/)
    expect(given({ key: '' })).toThrow(/0 characters/)
    expect(given({ enabled: false })).not.toThrow()
    expect(given({ environment: 'production' })).not.toThrow()
    vi.stubEnv('DUSTPAN_INTERNAL_KEY', 'short')
    expect(given({})).toThrow(/5 characters/)
  })

  test('each environment has its own key, and refuses that of another', async () => {
    vi.stubEnv('DUSTPAN_INTERNAL_KEY_STAGING', 'the-key-of-staging-1')
    vi.stubEnv('DUSTPAN_INTERNAL_KEY_TEST', 'the-key-of-the-tests')
    const { testDataEndpoints } = await import('../src/endpoints.ts')
    const { fetch } = testDataEndpoints({ ...withoutKey(), enabled: true, environment: 'staging', audit: () => {} })
    const status = async (given: string) => {
      const headers = { 'x-internal-key': given, 'x-test-id': 'test-one' }
      return (await fetch(new Request('http://app.test/api/test/verify-access', { method: 'POST', headers }))).status
    }
    expect(await status('the-key-of-staging-1')).toBe(200)
    expect(await status('the-key-of-the-tests')).toBe(401)
    expect(await status('')).toBe(401)
    vi.unstubAllEnvs()
  })
})

describe('the test id', () => {
  const now = Date.now()
  test.each([
    ['test-one', 200],
    ['test-', 400],
    ['live-one', 400],
    ['test-one; drop table users', 400],
    [`test-${'x'.repeat(200)}`, 400],
    [`test-${now - 59 * 60_000}_a`, 200],
    [`test-${now - 61 * 60_000}_a`, 400],
    [`test-${now + 60 * 60_000}_a`, 400],
    ['20200101-000000-abcdef.w1-1', 400],
    ['20200101-000000-abcdef', 400],
  ])('%s is answered with %i', async (id, status) => {
    expect(await call({}, 'verify-access', key, { 'x-test-id': id })).toBe(status)
  })

  test('a test id is required to create, not to remove by tag', async () => {
    const app = createApp()
    const { fetch } = app.endpoints()
    const send = (method: string, path: string) =>
      fetch(new Request(`http://app.test/api/test/${path}`, { method, headers: { 'x-internal-key': key } }))
    expect((await send('POST', 'users')).status).toBe(400)
    expect((await send('POST', 'cleanup-test-data')).status).toBe(200)
    expect((await send('POST', 'cleanup')).status).toBe(400)
  })

  test('maxAgeMinutes raises the limit to a day at most; testCreationTime can only make a test older', async () => {
    const { fetch } = createApp().endpoints()
    const send = async (id: string, body: object) => {
      const headers = { 'x-internal-key': key, 'x-test-id': id, 'content-type': 'application/json' }
      const request = new Request('http://app.test/api/test/verify-access', {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      })
      const response = await fetch(request)
      return [response.status, ((await response.json()) as { maxAgeMinutes?: number }).maxAgeMinutes]
    }
    const hours = (count: number) => now - count * 3_600_000
    expect(await send(`test-${hours(2)}`, { maxAgeMinutes: 180 })).toEqual([200, 180])
    expect(await send(`test-${hours(25)}`, { maxAgeMinutes: 1e9 })).toEqual([400, undefined])
    expect(await send('test-a', { maxAgeMinutes: 1e9 })).toEqual([200, 1440])
    expect(await send('test-a', { testCreationTime: hours(2) })).toEqual([400, undefined])
    expect(await send(`test-${hours(2)}`, { testCreationTime: hours(0) })).toEqual([400, undefined])
    for (const bad of [
      { maxAgeMinutes: -1 },
      { maxAgeMinutes: '60' },
      { testCreationTime: 'x' },
      { testId: 'test-b' },
      { scope: 'all' },
    ]) {
      expect(await send('test-a', bad), JSON.stringify(bad)).toEqual([400, undefined])
    }
  })
})

test('invalid options are refused at start-up', () => {
  const { endpoints, store } = createApp()
  const types = (types: object) => () => endpoints({ store: { types } as typeof store })
  expect(types({ reset: {} })).toThrow(TypeError)
  expect(types({ 'a/b': {} })).toThrow(TypeError)
  expect(types({ users: { remove: 'DELETE' } })).toThrow(/store.types.users.remove: expected a function, got string/)
  expect(() => endpoints({ base: 'api/test/' })).toThrow(/base/)
  expect(() => endpoints({ prefix: '' })).toThrow(/prefix/)
  expect(() => endpoints({ maxAgeMinutes: 2000 })).toThrow(/1440/)
})
