import * as native from '@jest/globals'
import { hookFixture } from './hook-fixture.js'

export const { afterAll, afterEach, beforeAll, beforeEach } = native
export const file = (body) => body()

let concurrently = false
export function suite(name, { concurrent = false }, body) {
  native.describe(name, () => {
    concurrently = concurrent
    body()
    concurrently = false
  })
}

/** `retryTimes` is for the whole file. */
export function test(name, { retries, timeout, skip, todo, fails, only }, body) {
  if (todo) return native.test.todo(name)
  if (retries) native.jest.retryTimes(retries)
  const { test: plain } = native
  const define = only ? plain.only : skip ? plain.skip : fails ? plain.failing : concurrently ? plain.concurrent : plain
  return define(name, () => body({}), timeout)
}

export const each = (rows, title, body) => native.test.each(rows)(title, body)
export const fixture = hookFixture({ suite, test, beforeEach, afterEach })
export const fakeTimers = () => native.jest.useFakeTimers({ now: 0 })
export const mockModule = (path, exports) => native.jest.doMock(path, () => exports)
