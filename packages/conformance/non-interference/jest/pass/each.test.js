import { add, describeCart, newCart, total } from '../src/cart.js'

test.each([
  [1, 1, 2],
  [2, 3, 5],
])('%i + %i = %i', (a, b, sum) => {
  expect(a + b).toBe(sum)
})
test.each`
  name      | price
  ${'tea'}  | ${2}
  ${'milk'} | ${1}
`('$name costs $price', ({ name, price }) => {
  expect(total(add(newCart(), name, price, 3))).toBe(price * 3)
})
test.each([
  ['a', 1],
  ['b', 2],
])('with a callback %s', (letter, number, done) => {
  setTimeout(() => done(letter.charCodeAt(0) - 96 === number ? undefined : new Error('no')), 1)
})
describe.each(['ann', 'bob'])('cart of %s', (customer) => {
  test('is empty', () => expect(describeCart(newCart(customer))).toBe(`${customer}: nothing`))
  test('same title', () => {})
  test('same title', () => {})
})
test('what global setup provides', () => expect(process.env.FROM_GLOBAL_SETUP).toBe('42'))
test('what the setup file provides', () => expect(fromSetupFile).toBe('set'))
test('matchers of the setup file', () => expect(4).toBeEven())
test.skip('skipped', () => {})
xtest('skipped too', () => {})
test.todo('to do')
test.failing('fails as expected', () => expect(1).toBe(2))
test('a generator', function* () {
  yield Promise.resolve(1)
})
it('a callback', (done) => {
  setImmediate(done)
})
