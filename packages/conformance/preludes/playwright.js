import { mock } from 'node:test'
import { format } from 'node:util'
import { expect, test as native } from '@dustpan/playwright-reporter/test'

export const { afterAll, afterEach, beforeAll, beforeEach } = native
export const file = (body) => body()

export function suite(name, { concurrent = false }, body) {
  native.describe(name, () => {
    if (concurrent) native.describe.configure({ mode: 'parallel' })
    body()
  })
}

/** The number of retries is for the whole file. */
export function test(name, { retries, timeout, skip, todo, fails, only }, body) {
  if (todo) return native.fixme(name, () => {})
  if (retries) native.describe.configure({ retries })
  const define = only ? native.only : skip ? native.skip : fails ? native.fail : native
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern which fixtures are wanted: none.
  return define(name, async ({}) => {
    if (timeout) native.setTimeout(timeout)
    await body({ skip: () => native.skip(), soft: (ok) => expect.soft(ok).toBe(true) })
  })
}

export function each(rows, title, body) {
  for (const row of rows) test(format(title, row), {}, () => body(row))
}

export const fixture = (provide) => (name, body) => {
  const extended = native.extend({
    // biome-ignore lint/correctness/noEmptyPattern: as above.
    thing: async ({}, use) => provide(use),
  })
  native.describe('with a fixture', () => {
    extended(name, ({ thing }) => body(thing))
  })
}

export const fakeTimers = () => mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'] })
