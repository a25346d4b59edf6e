// Directly in the database, with the usual clients: rows are captured as they are inserted.
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { scope } from '@dustpan/core'
import BetterSqlite3 from 'better-sqlite3'
import { ask, database, logInAsAdmin, onPostgres } from '../shop.ts'

describe('the shop on SQLite', { skip: onPostgres ? 'the shop is on PostgreSQL' : false }, () => {
  it('shows an order that was written with node:sqlite', async () => {
    const db = new DatabaseSync(database, { timeout: 5000 })
    const user = db
      .prepare('INSERT INTO users (email, name) VALUES (?, ?)')
      .run(`${scope().unique('user')}@example.com`, 'Dora')
    const order = db.prepare('INSERT INTO orders (user_id) VALUES (?) RETURNING id').get(user.lastInsertRowid)
    db.prepare('INSERT INTO order_items (order_id, product_id, quantity, price_cents) VALUES (?, 1, 2, 1490)').run(
      Number(order?.id),
    )
    db.close()
    const { body } = await ask(`GET /orders/${order?.id}/items`, undefined, await logInAsAdmin())
    assert.equal(body[0].quantity, 2)
  })

  it('shows products that were written with better-sqlite3', async () => {
    const db = new BetterSqlite3(database, { timeout: 5000 })
    const category = db.prepare('INSERT INTO categories (name) VALUES (?)').run(scope().unique('sponges'))
    const insert = db.prepare('INSERT INTO products (category_id, name, price_cents) VALUES (?, ?, ?)')
    const insertAll = db.transaction((names: string[]) =>
      names.map((name) => insert.run(category.lastInsertRowid, name, 100)),
    )
    insertAll(['Sponge', 'Big sponge'])
    db.close()
    const { body } = await ask(`GET /products?category_id=${category.lastInsertRowid}`)
    assert.deepEqual(
      body.map(({ name }: { name: string }) => name),
      ['Sponge', 'Big sponge'],
    )
  })
})
