import { expect, test } from 'vitest'
import { createDriver, redis } from '../src/index.ts'

const driverOf = (options: unknown) =>
  createDriver('main', options, { root: '/', environment: 'test', functions: {} as never })

test('redis() returns plain configuration data', () => {
  const options = { url: { env: 'REDIS_URL' } }
  expect(redis({ name: 'cache', ...options })).toEqual({ use: '@dustpan/redis', name: 'cache', options })
})

test.for([
  [{ url: 'http://localhost' }, 'options.url'],
  [{ uri: 'redis://localhost' }, 'options.uri'],
  [{ constructor: 1 }, 'options.constructor'],
  [{ cluster: 'yes' }, 'options.cluster'],
  [{ capture: 1 }, 'options.capture'],
  [{ kinds: { session: { pattern: 'session:*', run: 'no place for it' } } }, 'options.kinds'],
  [{ ignoreKeys: 'lock:*' }, 'options.ignoreKeys'],
  ['redis://localhost', 'options'],
] as const)('DUSTPAN_CONFIG_INVALID: %j', ([options, path]) => {
  const message = expect.stringContaining(`drivers.main.${path}: expected `)
  expect(() => driverOf(options)).toThrow(expect.objectContaining({ code: 'DUSTPAN_CONFIG_INVALID', message }))
})

test.for(['/', '?', '#'])('an unencoded password with %s is not in the error message', (sign) => {
  expect(() => driverOf({ url: `redis://:hush${sign}hush@localhost:six` })).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('hush') }),
  )
})
