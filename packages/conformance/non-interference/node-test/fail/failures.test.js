import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { add, newCart } from '../src/cart.js'
import { chain, deep, later, several, wrapped } from '../src/failing.js'

const big = (last) => ({ list: Array.from({ length: 30 }, (_, index) => ({ index, text: `item ${index}` })), last })

test('equal', () => assert.equal(1, 2))
test('deepEqual with a long diff', () => assert.deepEqual(big('a'), big('b')))
test('strings of several lines', () => assert.equal('one\ntwo\nthree', 'one\n2\nthree'))
test('throws', () => assert.throws(() => add(newCart(), 'x', 1, -1), TypeError))
test('rejects', () =>
  assert.rejects(
    later(() => new Error('too late')),
    /in time/,
  ))
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
test('console before it fails', () => {
  console.log('to stdout %s', 'formatted', { an: 'object' })
  console.error('to stderr')
  throw new Error('after the console')
})
test('too slow', { timeout: 30 }, () => new Promise((resolve) => setTimeout(resolve, 100)))
test('aborted', { signal: AbortSignal.timeout(20) }, () => new Promise((resolve) => setTimeout(resolve, 100)))
test('a callback that is never called', { timeout: 30 }, (t, done) => {})
test('a callback that is called with an error', (t, done) => done(new Error('given to done')))
test('a callback that is called twice', (t, done) => {
  done()
  done()
})
test('a callback and a promise', async (t, done) => done())
test('planned too few', (t) => {
  t.plan(2)
  t.assert.ok(true)
})
test('a subtest that is not awaited', (t) => {
  t.test('left alone', () => new Promise((resolve) => setTimeout(resolve, 20)))
})
test('a subtest fails', async (t) => {
  await t.test('this one', () => assert.fail('inside'))
})
test('snapshot that is not there', (t) => t.assert.snapshot({ not: 'written' }))
describe('nested', () => {
  describe('deeper', () => {
    it('fails', () => assert.deepEqual(new Map([['a', 1]]), new Map([['a', 2]])))
  })
})
