import { expect, test } from 'vitest'
import { add, newCart } from '../src/cart.js'

test('file', () => {
  expect(add(newCart('ann'), 'tea', 2)).toMatchSnapshot()
  expect('second').toMatchSnapshot('with a hint')
})
test('inline', () => {
  expect(newCart('bob')).toMatchInlineSnapshot(`
    {
      "coupon": undefined,
      "customer": "bob",
      "lines": [],
    }
  `)
})
test('of an error', () => expect(() => add(newCart(), 'x', 1, 0)).toThrowErrorMatchingSnapshot())
test('in a file of its own', async () => expect('plain text\n').toMatchFileSnapshot('./__snapshots__/own.txt'))
