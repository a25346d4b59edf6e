import { add, describeCart, newCart, total } from '../src/cart.js'
import { expect, test } from '../support/test.js'

for (const [a, b, sum] of [
  [1, 1, 2],
  [2, 3, 5],
])
  test(`${a} + ${b} = ${sum}`, () => expect(a + b).toBe(sum))
for (const customer of ['ann', 'bob'])
  test.describe(`cart of ${customer}`, { tag: '@cart', annotation: { type: 'about', description: customer } }, () => {
    test('is empty', () => expect(describeCart(newCart(customer))).toBe(`${customer}: nothing`))
    test('total', () => expect(total(add(newCart(), 'x', 2, 3))).toBe(6))
  })
test('what global setup provides', () => expect(process.env.FROM_GLOBAL_SETUP).toBe('42'))
test.skip('skipped', () => {})
test.fixme('to fix', () => {})
test('skips itself', () => test.skip(true, 'because'))
test('fails as expected', () => {
  test.fail()
  expect(1).toBe(2)
})
test('steps', async () => {
  await test.step('outer', async () => {
    await test.step('inner', () => expect(1).toBe(1), { box: true })
  })
})
test('attaches', async ({}, info) => {
  await info.attach('note', { body: 'a note', contentType: 'text/plain' })
  info.annotations.push({ type: 'issue', description: 'none' })
})
test('slow', () => test.slow())
test('polls', async () => {
  let tries = 0
  await expect.poll(() => ++tries, { intervals: [1] }).toBe(3)
  await expect(() => expect(++tries).toBeGreaterThan(5)).toPass({ intervals: [1] })
})
test('soft, and passes', () => expect.soft(1).toBe(1))
test('snapshots', () => expect('plain text').toMatchSnapshot('own.txt'))
