import assert from 'node:assert/strict'
import { expect } from 'chai'
import { add, newCart } from '../src/cart.js'
import { chain, deep, later, several, wrapped } from '../src/failing.js'

const big = (last) => ({ list: Array.from({ length: 30 }, (_, index) => ({ index, text: `item ${index}` })), last })

it('equal', () => assert.equal(1, 2))
it('deepEqual with a long diff', () => assert.deepEqual(big('a'), big('b')))
it('strings of several lines', () => assert.equal('one\ntwo\nthree', 'one\n2\nthree'))
it('chai', () => expect({ a: [1, 2] }).to.deep.equal({ a: [1, 3] }))
it('chai, strings', () => expect('one\ntwo').to.equal('one\n2'))
it('throws', () => assert.throws(() => add(newCart(), 'x', 1, -1), TypeError))
it('rejects', () =>
  assert.rejects(
    later(() => new Error('too late')),
    /in time/,
  ))
it('thrown from the depth', () => deep(5))
it('thrown at the end of an async chain', async () => chain(4))
it('with a cause', () => wrapped())
it('aggregate', () => several())
it('thrown by a timer', () => later(() => new RangeError('from a timer')))
it('not an error', () => {
  throw { code: 7 }
})
it('a string', () => {
  throw 'just text'
})
it('undefined', () => Promise.reject(undefined))
it('a frozen error', () => {
  throw Object.freeze(new Error('frozen'))
})
it('an error without a stack', () => {
  const error = new Error('no stack')
  error.stack = undefined
  throw error
})
it('the same error', () => {
  throw shared
})
it('the same error again', () => {
  throw shared
})
const shared = new Error('shared by two tests')
it('console before it fails', () => {
  console.log('to stdout %s', 'formatted', { an: 'object' })
  console.error('to stderr')
  throw new Error('after the console')
})
it('too slow', function () {
  this.timeout(30)
  return new Promise(() => {})
})
it('a callback that is never called', function (done) {
  this.timeout(30)
})
it('a callback that is called with an error', (done) => done(new Error('given to done')))
it('a callback that is called with something', (done) => done({ some: 'thing' }))
it('a callback that is called twice', (done) => {
  done()
  done()
})
it('a callback and a promise', async (done) => done())
it('a callback that throws', (done) => {
  deep(1)
})
it('retried in vain', function () {
  this.retries(2)
  throw new Error('again')
})
describe('nested', () => {
  describe('deeper', () => {
    it('fails', () => assert.deepEqual(new Map([['a', 1]]), new Map([['a', 2]])))
  })
})
