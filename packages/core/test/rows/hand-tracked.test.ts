import { expect, test } from 'vitest'
import { storeOfHandTracked } from '../../src/rows/hand-tracked.ts'

const words = { driver: 'main', factory: 'postgres', store: 'database', resource: 'row', variable: 'DATABASE_URL' }

test('the only captured store takes precedence over the URL', () => {
  expect(storeOfHandTracked(['captured'], 'url', words)).toBe('captured')
})

test('the URL is used when several stores or none were captured', () => {
  expect(storeOfHandTracked(['one', 'two'], 'url', words)).toBe('url')
  expect(storeOfHandTracked([], 'url', words)).toBe('url')
})

test.each([
  [[], 'no client was captured'],
  [['one', 'two'], 'several databases were captured'],
])('a row tracked by hand without a URL is rejected: %j', (captured, why) => {
  expect(() => storeOfHandTracked(captured, undefined, words)).toThrow(
    `'main' has no url, and ${why}, so the database of the row is not known`,
  )
})
