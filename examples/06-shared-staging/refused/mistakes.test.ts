// Resources that are not removed although a test created them, or claims to have. All of these tests pass.
import { DatabaseSync } from 'node:sqlite'
import { track } from '@dustpan/core'
import pg from 'pg'
import { test } from 'vitest'
import { ask, database, logInAsAdmin, named, onPostgres } from '../shop.ts'

test('a category is of a protected type', async () => {
  await ask('POST /categories', { name: named('mops') }, await logInAsAdmin())
})

test('the first account stays, whoever claims it', () => {
  track({ type: 'user', id: 1, remove: 'DELETE /users/{id}' })
})

test('rows that were written past the shop are not removed past it', async () => {
  const sql = `INSERT INTO products (category_id, name, price_cents) VALUES (1, '${named('mop')}', 700), (1, '${named('pan')}', 900)`
  if (!onPostgres) {
    using db = new DatabaseSync(database, { timeout: 5000 })
    db.exec(sql)
    return
  }
  const db = new pg.Client({ connectionString: database })
  await db.connect()
  await db.query(sql)
  await db.end()
})
