import { driverContext } from '@dustpan/conformance/drivers/driver'
import { expect, test } from 'vitest'
import { createDriver, kafka } from '../src/index.ts'

const context = driverContext('/')

test('kafka() returns plain configuration data', () => {
  expect(kafka({ brokers: { env: 'BROKERS' } })).toEqual({
    use: '@dustpan/kafka',
    name: 'kafka',
    options: { brokers: { env: 'BROKERS' } },
  })
})

test.each([
  ['brokers', ''],
  ['brokers', []],
  ['brokers', 'host:70000'],
  ['brokers', 'two words:9092'],
  ['ssl', { file: 'a' }],
  ['sasl', { username: 'only', password: undefined }],
  ['sasl', { mechanism: 'gssapi', username: 'a', password: 'b' }],
  ['sasl', { mechanism: 'oauthbearer' }],
  ['headers', { run: '' }],
  ['headers', { trace: 'a' }],
  ['consumedBy', { orders: 1 }],
  ['consumedWithin', 'soon'],
  ['broker', 'localhost:9092'],
])('DUSTPAN_CONFIG_INVALID: %s: %j', (option, value) => {
  const make = () => createDriver('main', { [option]: value }, context)
  expect(make).toThrow(expect.objectContaining({ code: 'DUSTPAN_CONFIG_INVALID' }))
  expect(make).toThrow(`drivers.main.options.${option}`)
})

test('the password of invalid sasl options is not in the error message', () => {
  const sasl = { mechanism: 'none', username: 'a', password: 'very-secret' }
  expect(() => createDriver('main', { sasl }, context)).not.toThrow(/very-secret/)
})

test('an instance serves its brokers in any notation; without brokers those on this machine', () => {
  const serves = (options: object, id: string) => createDriver('main', options, context).serves?.({ id })
  expect(serves({ brokers: 'LOCALHOST:9092, b:1' }, 'kafka://127.0.0.1:9092#x')).toBe(true)
  expect(serves({ brokers: ['a', 'b:1'] }, 'kafka://a:9092,c:1#x')).toBe(true)
  expect(serves({ brokers: 'PLAINTEXT://[::1]:9' }, 'kafka://localhost:9#x')).toBe(true)
  expect(serves({ brokers: 'a:1' }, 'kafka://a:2#x')).toBe(false)
  expect(serves({}, 'kafka://localhost:1,127.0.0.1:2#x')).toBe(true)
  expect(serves({}, 'kafka://localhost:1,kafka.example.com:9092#x')).toBe(false)
  expect(serves({}, 'postgres://localhost:1/a')).toBe(false)
})
