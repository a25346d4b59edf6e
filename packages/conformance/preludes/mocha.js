import { mock } from 'node:test'
import { format } from 'node:util'
import * as native from 'mocha'
import { hookFixture } from './hook-fixture.js'

export const { afterEach, beforeEach, after: afterAll, before: beforeAll } = native
/** Hooks outside of any suite would be for all files. */
export const file = (body) => native.describe('(file)', body)
export const suite = (name, _options, body) => native.describe(name, body)

export function test(name, { retries, timeout, skip, todo, only }, body) {
  if (todo) return native.it(name)
  const define = only ? native.it.only : skip ? native.it.skip : native.it
  const defined = define(name, function run() {
    return body({ skip: () => this.skip() })
  })
  if (retries) defined.retries(retries)
  if (timeout) defined.timeout(timeout)
}

export function each(rows, title, body) {
  for (const row of rows) test(format(title, row), {}, () => body(row))
}

export const fixture = hookFixture({ suite, test, beforeEach, afterEach })
export const fakeTimers = () => mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'] })
