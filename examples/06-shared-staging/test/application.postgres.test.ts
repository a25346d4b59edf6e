// Rows that no response of the shop mentions. On PostgreSQL, triggers record which test they belong to; see the README.
import { expect, test } from 'vitest'
import { ask, newCustomer, onPostgres } from '../shop.ts'

test.runIf(onPostgres && process.env.SHOP_ALLOW === 'database')(
  'an order has the items that were asked for',
  async () => {
    const { headers } = await newCustomer()
    const items = [1, 2, 3].map((product_id) => ({ product_id, quantity: 1 }))
    const order = await ask('POST /orders', { items }, headers) // the answer names the order; its three items are the shop's own affair
    expect((await ask(`GET /orders/${order.body.id}/items`, undefined, headers)).body).toHaveLength(3)
  },
)
