// One request that creates resources of three kinds (see the rule for POST /checkout in dustpan.config.mjs), in concurrent tests.
const { scope } = require('@dustpan/core')
const { ask, logIn, logInAsAdmin } = require('../shop.js')

/** Jest runs no `beforeEach` for concurrent tests. */
async function newCustomer() {
  const carl = { email: `${scope().unique('user')}@example.com`, name: 'Carl', password: 'a secret' }
  await ask('POST /users', carl)
  return logIn(carl.email, carl.password)
}

test.concurrent('a checkout makes an order, its items and a payment', async () => {
  const customer = await newCustomer()
  const cart = await ask('POST /carts', {}, customer)
  await ask(`POST /carts/${cart.body.id}/items`, { product_id: 1, quantity: 2 }, customer)
  const { body } = await ask('POST /checkout', { cart_id: cart.body.id }, customer)
  expect(body.entities.order).toHaveLength(1)
  expect(body.entities['order-item']).toHaveLength(1)
  expect(body.entities.payment).toHaveLength(1)
})

test.concurrent('an order is confirmed before it is shipped', async () => {
  const [customer, admin] = [await newCustomer(), await logInAsAdmin()]
  const order = await ask('POST /orders', { items: [{ product_id: 1, quantity: 1 }] }, customer)
  const path = `/orders/${order.body.id}`
  expect(await ask(`PATCH ${path}`, { status: 'shipped' }, admin)).toMatchObject({ status: 409 })
  expect(await ask(`PATCH ${path}`, { status: 'confirmed' }, admin)).toMatchObject({ status: 200 })
})
