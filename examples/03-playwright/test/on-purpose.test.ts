// This test is meant to fail: what it created is kept, together with the category that it needs, and is attached to it in the HTML report.
import { scope } from '@dustpan/core'
import { expect, test } from '@dustpan/playwright-reporter/test'
import { ask, logInAsAdmin } from '../shop.ts'

let admin: { authorization: string }
let category_id: number

test.beforeAll(async () => {
  admin = await logInAsAdmin()
  category_id = (await ask('POST /categories', { name: scope().unique('mops') }, admin)).body.id
})

test('fails on purpose: an order is delivered as soon as it is made', async ({ request }) => {
  const data = { name: 'Mop', category_id, price_cents: 700 }
  const product = await (await request.post('/products', { headers: admin, data })).json()
  const items = [{ product_id: product.id, quantity: 1 }]
  const order = await (await request.post('/orders', { headers: admin, data: { items } })).json()
  expect(order.status).toBe('delivered')
})
