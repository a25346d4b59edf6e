import assert from 'node:assert/strict'
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
  const fn = jest.fn()
  fn(1, { a: 2 })
  expect(fn).toHaveBeenCalledWith(1, { a: 3 })
})
test('custom matcher', () => expect(3).toBeEven())
test('node:assert', () => assert.deepEqual({ a: [1, 2] }, { a: [1, 3] }))
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
test('assertions', () => {
  expect.assertions(2)
  expect(1).toBe(1)
})
test('has assertions', () => expect.hasAssertions())
test.failing('passes, which was not expected', () => {})
test('console before it fails', () => {
  console.log('to stdout %s', 'formatted', { an: 'object' })
  console.error('to stderr')
  console.warn('a warning')
  throw new Error('after the console')
})
test('too slow', () => new Promise(() => {}), 30)
test('a callback that is never called', (done) => {}, 30)
test('a callback that is called with an error', (done) => done(new Error('given to done')))
test('a callback that is called twice', (done) => {
  done()
  done()
})
test('a callback and a promise', async (done) => done())
test('returns something', () => 7)
test.concurrent('fails beside others', async () => expect(1).toBe(2))
describe('nested', () => {
  describe('deeper', () => {
    test('fails', () => expect(new Map([['a', 1]])).toEqual(new Map([['a', 2]])))
  })
})
