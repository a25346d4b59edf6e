import assert from 'node:assert/strict'
import { describe, it, suite, test } from 'node:test'
import { add, describeCart, newCart, total } from '../src/cart.js'

for (const [a, b, sum] of [
  [1, 1, 2],
  [2, 3, 5],
])
  test(`${a} + ${b} = ${sum}`, () => assert.equal(a + b, sum))
for (const customer of ['ann', 'bob'])
  describe(`cart of ${customer}`, () => {
    it('is empty', () => assert.equal(describeCart(newCart(customer)), `${customer}: nothing`))
    it('same title', () => {})
    it('same title', () => {})
    it('total', () => assert.equal(total(add(newCart(), 'x', 2, 3)), 6))
  })
test('skipped', { skip: 'because' }, () => {})
test.skip('skipped too', () => {})
test.todo('to do')
test('to do, and fails', { todo: true }, () => assert.fail('as expected'))
test('skips itself', (t) => t.skip('now'))
test('becomes to do', (t) => t.todo('later'))
test('a callback', (t, done) => {
  setImmediate(done)
})
test('with subtests', async (t) => {
  await t.test('one', () => {})
  await t.test('two', async (t) => {
    await t.test('deeper', () => t.diagnostic('told'))
  })
  t.beforeEach(() => console.log('beforeEach of subtests'))
  await t.test('three', () => {})
})
test('planned', (t) => {
  t.plan(2)
  t.assert.equal(1, 1)
  t.assert.ok(true)
})
suite('a suite', { concurrency: 3 }, () => {
  for (const index of [2, 0, 1])
    test(`beside others ${index}`, () => new Promise((resolve) => setTimeout(resolve, index * 25)))
})
test('snapshots', (t) => t.assert.snapshot({ a: [1, { b: 2 }] }))
test('file snapshots', (t) =>
  t.assert.fileSnapshot('plain text', './pass/own.txt.snapshot', { serializers: [(value) => value] }))
