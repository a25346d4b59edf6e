import * as native from 'vitest'

export const { afterAll, afterEach, beforeAll, beforeEach } = native
export const file = (body) => body()
export const suite = (name, { concurrent = false }, body) => native.describe(name, { concurrent }, body)

export function test(name, { retries = 0, ...options }, body) {
  if (options.todo) return native.test.todo(name)
  return native.test(name, { ...options, retry: retries }, ({ skip, expect }) =>
    body({ skip, soft: (ok) => expect.soft(ok).toBe(true) }),
  )
}

export const each = (rows, title, body) => native.test.each(rows)(title, body)

export const fixture = (provide) => (name, body) => {
  const extended = native.test.extend({
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from the pattern which fixtures are wanted: none.
    thing: async ({}, use) => provide(use),
  })
  native.describe('with a fixture', () => extended(name, ({ thing }) => body(thing)))
}

export const fakeTimers = () => native.vi.useFakeTimers({ now: 0 })
export const mockModule = (path, exports) => native.vi.doMock(path, () => exports)
