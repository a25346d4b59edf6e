import assert from 'node:assert/strict'
import { describe, expect, test, vi } from 'vitest'
import { add, newCart } from '../src/cart.js'
import { chain, deep, later, several, wrapped } from '../src/failing.js'

const big = (last) => ({ list: Array.from({ length: 30 }, (_, index) => ({ index, text: `item ${index}` })), last })

test('toBe', () => expect(1).toBe(2))
test('toEqual with a long diff', () => expect(big('a')).toEqual(big('b')))
test('strings of several lines', () => expect('one\ntwo\nthree').toBe('one\n2\nthree'))
test('toMatchObject', () => expect(newCart('ann')).toMatchObject({ customer: 'bob', lines: [expect.anything()] }))
test('toThrow', () => expect(() => add(newCart(), 'x', 1, -1)).toThrow(TypeError))
test('resolves', async () => expect(Promise.resolve(1)).resolves.toBe(2))
test('rejects', async () => {
  await expect(later(() => new Error('too late'))).rejects.toThrow('in time')
})
test('calls', () => {
  const fn = vi.fn()
  fn(1, { a: 2 })
  expect(fn).toHaveBeenCalledWith(1, { a: 3 })
})
test('custom matcher', () => expect(3).toBeEven())
test('node:assert', () => assert.deepEqual({ a: [1, 2] }, { a: [1, 3] }))
test('with a message of its own', () => expect(1, 'one is not two').toBe(2))
test('thrown from the depth', () => deep(5))
test('thrown at the end of an async chain', async () => chain(4))
test('with a cause', () => wrapped())
test('aggregate', () => several())
test('thrown by a timer', () => later(() => new RangeError('from a timer')))
test('not an error', () => {
  throw { code: 7 }
})
test('a string', () => {
  throw 'just text'
})
test('undefined', () => Promise.reject(undefined))
test('a frozen error', () => {
  throw Object.freeze(new Error('frozen'))
})
test('an error without a stack', () => {
  const error = new Error('no stack')
  error.stack = undefined
  throw error
})
test('soft', () => {
  expect.soft(1).toBe(2)
  expect.soft('a').toBe('b')
  expect(true).toBe(true)
})
test('assertions', () => {
  expect.assertions(2)
  expect(1).toBe(1)
})
test('has assertions', () => expect.hasAssertions())
test.fails('passes, which was not expected', () => {})
test('poll', async () => {
  await expect.poll(() => 1, { timeout: 20, interval: 5 }).toBe(2)
})
test('console before it fails', () => {
  console.log('to stdout %s', 'formatted', { an: 'object' })
  console.error('to stderr')
  console.warn('a warning')
  expect.unreachable('here')
})
test('retried in vain', { retry: 2 }, () => expect('again').toBe('never'))
test('too slow', { timeout: 30 }, () => new Promise(() => {}))
test(
  'too slow, with a signal',
  { timeout: 30 },
  ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
)
test.concurrent('fails beside others', async ({ expect: own }) => own(1).toBe(2))
test('annotated', async ({ annotate }) => {
  await annotate('look here')
  expect(1).toBe(2)
})
test('process.exit', () => process.exit(4))
describe('nested', () => {
  describe('deeper', () => {
    test('fails', () => expect(new Map([['a', 1]])).toEqual(new Map([['a', 2]])))
  })
})
