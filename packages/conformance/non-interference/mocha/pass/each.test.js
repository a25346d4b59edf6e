import assert from 'node:assert/strict'
import { add, describeCart, newCart, total } from '../src/cart.js'

for (const [a, b, sum] of [
  [1, 1, 2],
  [2, 3, 5],
])
  it(`${a} + ${b} = ${sum}`, () => assert.equal(a + b, sum))
for (const customer of ['ann', 'bob'])
  describe(`cart of ${customer}`, () => {
    it('is empty', () => assert.equal(describeCart(newCart(customer)), `${customer}: nothing`))
    it('same title', () => {})
    it('same title', () => {})
    specify('total', () => assert.equal(total(add(newCart(), 'x', 2, 3)), 6))
  })
it.skip('skipped', () => {})
xit('skipped too', () => {})
it('to do')
describe.skip('a skipped suite', () => {
  it('in it', () => {})
})
it('skips itself', function () {
  this.skip()
})
it('a callback', (done) => {
  setImmediate(done)
})
it('slow', function (done) {
  this.slow(1)
  setTimeout(done, 5)
})
context('promises', function () {
  this.timeout(500)
  it('waits', () => new Promise((resolve) => setTimeout(resolve, 1)))
  it('awaits', async () => assert.equal(await Promise.resolve(1), 1))
})
