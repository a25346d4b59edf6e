import { describe, expect, test } from 'vitest'

test('left out', () => {})
test.only('the only one', () => expect(1).toBe(1))
describe.only('the only suite', () => {
  test('in it', () => {})
  test('fails in it', () => expect([1, 2]).toContain(3))
})
