// One request that creates resources of three kinds: see the rule for POST /checkout in dustpan.config.ts. The last test needs two attempts.
import assert from 'node:assert/strict'
import { scope } from '@dustpan/core'
import { ask, logIn, logInAsAdmin } from '../shop.ts'

describe('orders', () => {
  let customer: { authorization: string }

  beforeEach(async () => {
    const carl = { email: `${scope().unique('user')}@example.com`, name: 'Carl', password: 'a secret' }
    await ask('POST /users', carl)
    customer = await logIn(carl.email, carl.password)
  })

  it('are made by a checkout, with items and a payment', async () => {
    const cart = await ask('POST /carts', {}, customer)
    await ask(`POST /carts/${cart.body.id}/items`, { product_id: 1, quantity: 2 }, customer)
    const { body } = await ask('POST /checkout', { cart_id: cart.body.id }, customer)
    const { order, payment } = body.entities
    assert.deepEqual([order.length, body.entities['order-item'].length, payment.length], [1, 1, 1])
  })

  it('are confirmed before they are shipped', async () => {
    const admin = await logInAsAdmin()
    const order = await ask('POST /orders', { items: [{ product_id: 1, quantity: 1 }] }, customer)
    const path = `/orders/${order.body.id}` as const
    assert.equal((await ask(`PATCH ${path}`, { status: 'shipped' }, admin)).status, 409)
    assert.equal((await ask(`PATCH ${path}`, { status: 'confirmed' }, admin)).status, 200)
  })

  let tries = 0
  it('go with the attempt that made them', async function () {
    this.retries(1)
    await ask('POST /orders', { items: [{ product_id: 1, quantity: 1 }] }, customer)
    assert.equal(++tries, 2)
  })
})
