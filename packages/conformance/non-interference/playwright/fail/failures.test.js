import assert from 'node:assert/strict'
import { add, newCart } from '../src/cart.js'
import { chain, deep, wrapped } from '../src/failing.js'
import { expect, test } from '../support/test.js'

const big = (last) => ({ list: Array.from({ length: 30 }, (_, index) => ({ index, text: `item ${index}` })), last })

// A failed test costs a worker: many failures in few tests.
test('soft', async () => {
  expect.soft(1).toBe(2)
  expect.soft(big('a')).toEqual(big('b'))
  expect.soft(() => add(newCart(), 'x', 1, -1)).toThrow(TypeError)
  expect.soft(1, 'one is not two').toBe(2)
  expect.soft('is').toMatchSnapshot('was.txt')
  await test.step('outer', () =>
    test.step('inner', () => expect.soft(new Map([['a', 1]])).toEqual(new Map([['a', 2]]))))
  assert.deepEqual({ a: [1, 2] }, { a: [1, 3] })
})
test('thrown at the end of an async chain', async () => chain(4))
test('with a cause, after the console', () => {
  console.log('to stdout %s', 'formatted', { an: 'object' })
  console.error('to stderr')
  wrapped()
})
test('too slow', async () => {
  test.setTimeout(50)
  await new Promise(() => {})
})
test('leaves a rejection behind', async () => {
  Promise.reject(new Error('nobody caught this'))
  await new Promise((resolve) => setTimeout(resolve, 20))
})
test('passes, which was not expected', () => test.fail())
test.describe('retried in vain', () => {
  test.describe.configure({ retries: 1 })
  test('each time', () => deep(5))
})
