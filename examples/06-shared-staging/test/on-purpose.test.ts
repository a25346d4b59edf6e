// This test is meant to fail: its customer, product and order are kept, as it requests, and shown below its error.
import { scope } from '@dustpan/core'
import { expect, test } from 'vitest'
import { ask, logInAsAdmin, named, newCustomer } from '../shop.ts'

test('fails on purpose: an order is delivered as soon as it is confirmed', async () => {
  scope().policy({ strategy: 'conditional' })
  const [carl, admin] = await Promise.all([newCustomer(), logInAsAdmin()])
  const mop = await ask('POST /products', { name: named('mop'), category_id: 1, price_cents: 700 }, admin)
  const order = await ask('POST /orders', { items: [{ product_id: mop.body.id, quantity: 1 }] }, carl.headers)
  const confirmed = await ask(`PATCH /orders/${order.body.id}`, { status: 'confirmed' }, admin)
  expect(confirmed.body.status).toBe('delivered')
})
