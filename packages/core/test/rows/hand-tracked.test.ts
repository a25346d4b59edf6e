import { expect, test } from 'vitest'
import { handTracked } from '../../src/rows/hand-tracked.ts'

const words = { driver: 'main', maker: 'postgres', place: 'database', thing: 'row', variable: 'DATABASE_URL' }

test('the only captured store takes precedence over the URL', () => {
  expect(handTracked(['captured'], 'url', words)).toBe('captured')
})

test('the URL is used when several stores or none were captured', () => {
  expect(handTracked(['one', 'two'], 'url', words)).toBe('url')
  expect(handTracked([], 'url', words)).toBe('url')
})

test.each([
  [[], 'no client was captured'],
  [['one', 'two'], 'several databases were captured'],
])('a row tracked by hand without a URL is rejected: %j', (captured, why) => {
  expect(() => handTracked(captured, undefined, words)).toThrow(
    `'main' has no url, and ${why}, so the database of the row is not known`,
  )
})
