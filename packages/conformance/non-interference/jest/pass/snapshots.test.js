import { add, newCart } from '../src/cart.js'

test('file', () => {
  expect(add(newCart('ann'), 'tea', 2)).toMatchSnapshot()
  expect('second').toMatchSnapshot('with a hint')
})
test('inline', () => {
  expect(newCart('bob').lines).toMatchInlineSnapshot(`[]`)
})
test('of an error', () => expect(() => add(newCart(), 'x', 1, 0)).toThrowErrorMatchingSnapshot())
test('with matchers', () => expect({ at: new Date(), id: 7 }).toMatchSnapshot({ at: expect.any(Date) }))
