import { expect, test } from 'vitest'
import { createDriver, newStore } from '../src/index.ts'

const ctx = {
  root: import.meta.dirname,
  environment: 'test',
  functions: { cleaner: () => undefined, driverOption: () => undefined },
}

test('the configuration is plain data', () => {
  const url = 'new-store://localhost/shop'
  expect(newStore({ name: 'main', url })).toEqual({ use: '@dustpan/new-store', name: 'main', options: { url } })
})

test.each([
  [{ url: 7 }, 'url: expected a URL such as new-store://localhost:1234/shop, found number'],
  [{ url: 'new-store://h/a', capture: 'yes' }, 'capture: expected true or false, found "yes"'],
  [{ url: 'new-store://h/a', colour: 'red' }, 'colour: expected one of url, capture, found "colour"'],
])('DUSTPAN_CONFIG_INVALID: a wrong option is named: %j', (options, message) => {
  expect(() => createDriver('main', options, ctx)).toThrow(
    expect.objectContaining({ code: 'DUSTPAN_CONFIG_INVALID', message: `drivers.main.options.${message}` }),
  )
})
