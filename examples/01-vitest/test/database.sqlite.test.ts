// Directly in the database, with the usual clients: rows are captured as they are inserted.
import { DatabaseSync } from 'node:sqlite'
import { scope } from '@dustpan/core'
import BetterSqlite3 from 'better-sqlite3'
import { expect, test } from 'vitest'
import { ask, database, logInAsAdmin, onPostgres } from '../shop.ts'

test.skipIf(onPostgres)('on SQLite the shop shows an order that was written with node:sqlite', async () => {
  using db = new DatabaseSync(database, { timeout: 5000 })
  const user = db
    .prepare('INSERT INTO users (email, name) VALUES (?, ?)')
    .run(`${scope().unique('user')}@example.com`, 'Dora')
  const order = db.prepare('INSERT INTO orders (user_id) VALUES (?) RETURNING id').get(user.lastInsertRowid)
  db.prepare(
    'INSERT INTO order_items (order_id, product_id, quantity, price_cents) VALUES (?, 1, 2, 1490), (?, 2, 1, 590)',
  ).run(Number(order?.id), Number(order?.id))
  const items = await ask(`GET /orders/${order?.id}/items`, undefined, await logInAsAdmin())
  expect(items.body).toMatchObject([{ quantity: 2 }, { quantity: 1 }])
})

test.skipIf(onPostgres)('on SQLite the shop shows products that were written with better-sqlite3', async () => {
  const db = new BetterSqlite3(database, { timeout: 5000 })
  const category = db.prepare('INSERT INTO categories (name) VALUES (?)').run(scope().unique('sponges'))
  const insert = db.prepare('INSERT INTO products (category_id, name, price_cents) VALUES (?, ?, ?)')
  const insertAll = db.transaction((names: string[]) =>
    names.map((name) => insert.run(category.lastInsertRowid, name, 100)),
  )
  insertAll(['Sponge', 'Big sponge'])
  db.close()
  const { body } = await ask(`GET /products?category_id=${category.lastInsertRowid}`)
  expect(body).toMatchObject([{ name: 'Sponge' }, { name: 'Big sponge' }])
})
