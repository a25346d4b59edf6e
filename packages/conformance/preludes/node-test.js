import * as native from 'node:test'
import { format } from 'node:util'
import { hookFixture } from './hook-fixture.js'

export const { afterEach, beforeEach, after: afterAll, before: beforeAll } = native
export const file = (body) => body()
export const suite = (name, { concurrent = false }, body) => native.describe(name, { concurrency: concurrent }, body)

export function test(name, { fails, ...options }, body) {
  const expected = fails ? { expectFailure: true } : {}
  native.test(name, { ...options, ...expected }, options.todo ? undefined : (t) => body({ skip: () => t.skip() }))
}

export function each(rows, title, body) {
  for (const row of rows) test(format(title, row), {}, () => body(row))
}

export const fixture = hookFixture({ suite, test, beforeEach, afterEach })
export const fakeTimers = () =>
  native.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'] })
export const mockModule = (path, exports) =>
  native.mock.module(new URL(path, import.meta.url).href, { namedExports: exports })
