// One request that creates resources of three kinds: see the rule for POST /checkout in dustpan.config.ts. What a nested test creates
// belongs to the nested test.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { scope } from '@dustpan/core'
import { ask, logIn, logInAsAdmin } from '../shop.ts'

async function newCustomer() {
  const carl = { email: `${scope().unique('user')}@example.com`, name: 'Carl', password: 'a secret' }
  await ask('POST /users', carl)
  return logIn(carl.email, carl.password)
}

describe('orders', () => {
  it('are made by a checkout, with items and a payment', async () => {
    const customer = await newCustomer()
    const cart = await ask('POST /carts', {}, customer)
    await ask(`POST /carts/${cart.body.id}/items`, { product_id: 1, quantity: 2 }, customer)
    const { body } = await ask('POST /checkout', { cart_id: cart.body.id }, customer)
    const { order, payment } = body.entities
    assert.deepEqual([order.length, body.entities['order-item'].length, payment.length], [1, 1, 1])
  })

  it('go their way', async (t) => {
    const admin = await logInAsAdmin()
    const customer = await newCustomer()
    const order = await ask('POST /orders', { items: [{ product_id: 1, quantity: 1 }] }, customer)
    const path = `/orders/${order.body.id}` as const

    await t.test('not to be shipped before they are confirmed', async () => {
      assert.equal((await ask(`PATCH ${path}`, { status: 'shipped' }, admin)).status, 409)
    })
    await t.test('to be shipped when they are', async () => {
      assert.equal((await ask(`PATCH ${path}`, { status: 'confirmed' }, admin)).status, 200)
      assert.equal((await ask(`PATCH ${path}`, { status: 'shipped' }, admin)).status, 200)
    })
    await t.test('next to others of the same customer', async () => {
      const other = await ask('POST /orders', { items: [{ product_id: 2, quantity: 1 }] }, customer)
      assert.notEqual(other.body.id, order.body.id)
    })
  })
})
