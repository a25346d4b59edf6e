import { expect, test } from 'vitest'
import { handTracked } from '../../src/rows/hand-tracked.ts'

const words = { driver: 'main', maker: 'postgres', place: 'database', thing: 'row', variable: 'DATABASE_URL' }

test('the one store that was captured says more than the URL', () => {
  expect(handTracked(['captured'], 'url', words)).toBe('captured')
})

test('where several were captured, or none, the URL is meant', () => {
  expect(handTracked(['one', 'two'], 'url', words)).toBe('url')
  expect(handTracked([], 'url', words)).toBe('url')
})

test.each([
  [[], 'no client was captured'],
  [['one', 'two'], 'several databases were captured'],
])('without a URL it is not known where the row is: %j', (captured, why) => {
  expect(() => handTracked(captured, undefined, words)).toThrow(
    `'main' has no url, and ${why}, so the database of the row is not known`,
  )
})
