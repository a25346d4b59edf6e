import { describe, expect, inject, test } from 'vitest'
import { add, describeCart, newCart, total } from '../src/cart.js'

test.each([
  [1, 1, 2],
  [2, 3, 5],
  [-1, 1, 0],
])('%i + %i = %i', (a, b, sum) => {
  expect(a + b).toBe(sum)
})

test.each([
  { name: 'tea', price: 2 },
  { name: 'milk', price: 1 },
])('$name costs $price', ({ name, price }) => {
  expect(total(add(newCart(), name, price, 3))).toBe(price * 3)
})

test.for([
  ['a', 1],
  ['b', 2],
])('for %s', ([letter, number], { expect: own }) => {
  own(letter.charCodeAt(0) - 96).toBe(number)
})

describe.each(['ann', 'bob'])('cart of %s', (customer) => {
  test('is empty', () => expect(describeCart(newCart(customer))).toBe(`${customer}: nothing`))
  test('same title', () => {})
  test('same title', () => {})
})

test('what global setup provides', () => expect(inject('fromGlobalSetup')).toBe(42))
test('matchers of the setup file', () => expect(4).toBeEven())
test.skip('skipped', () => {})
test.todo('to do')
test.skipIf(true)('skipped if', () => {})
test.runIf(false)('run if', () => {})
test('skips itself', ({ skip }) => skip('because'))
test.fails('fails as expected', () => expect(1).toBe(2))
test('repeats', { repeats: 2 }, () => {})
test('in a shuffled place', { tags: [] }, () => {})
