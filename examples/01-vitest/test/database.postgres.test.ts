// The same on PostgreSQL: SHOP_DATABASE=postgres://…
import { scope } from '@dustpan/core'
import pg from 'pg'
import { expect, test } from 'vitest'
import { ask, database, logInAsAdmin, onPostgres } from '../shop.ts'

test.runIf(onPostgres)('on PostgreSQL the shop shows an order that was written with pg', async () => {
  const db = new pg.Client({ connectionString: database })
  await db.connect()
  await db.query('BEGIN')
  const email = `${scope().unique('user')}@example.com`
  const user = await db.query('INSERT INTO users (email, name) VALUES ($1, $2) RETURNING id', [email, 'Dora'])
  const order = await db.query('INSERT INTO orders (user_id) VALUES ($1) RETURNING id', [user.rows[0].id])
  const { id } = order.rows[0]
  await db.query('INSERT INTO order_items (order_id, product_id, quantity, price_cents) VALUES ($1, 1, 2, 1490)', [id])
  await db.query('COMMIT')
  await db.end()
  const items = await ask(`GET /orders/${id}/items`, undefined, await logInAsAdmin())
  expect(items.body).toMatchObject([{ quantity: 2 }])
})
