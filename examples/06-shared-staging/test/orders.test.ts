// Our customers buy the shop's own products: orders and payments are removed, the products stay.
import { beforeEach, expect, test } from 'vitest'
import { ask, newCustomer } from '../shop.ts'

let customer: Record<string, string>

beforeEach(async () => {
  customer = (await newCustomer()).headers
})

test('a checkout makes an order, its items and a payment', async () => {
  const cart = await ask('POST /carts', {}, customer)
  await ask(`POST /carts/${cart.body.id}/items`, { product_id: 1, quantity: 2 }, customer)
  const { body } = await ask('POST /checkout', { cart_id: cart.body.id }, customer)
  expect(Object.keys(body.entities)).toEqual(['order', 'order-item', 'payment'])
})

test('a customer sees nobody else’s orders', async () => {
  const order = await ask('POST /orders', { items: [{ product_id: 1, quantity: 1 }] }, customer)
  const { body } = await ask('GET /orders', undefined, customer)
  expect(body.map(({ id }: { id: number }) => id)).toEqual([order.body.id])
})
