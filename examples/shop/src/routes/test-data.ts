import type { TestDataStore, TestDataType } from '@dustpan/app-endpoints'
import { hashPassword } from '../accounts/password.ts'
import type { Database } from '../database/database.ts'
import { find, insert, remove, removeForGood, type Table } from '../database/table.ts'
import { categories, products, users } from '../database/tables.ts'
import { type Fields, readFields } from '../http/fields.ts'
import { shown } from './collection.ts'

/** What tests may create and remove through the shop: rows with the name of test data. */
export function testDataStore(db: Database): TestDataStore {
  return {
    types: {
      users: {
        ...typeOf(db, users, { email: 'text', name: 'text' }),
        create: async ({ password, ...fields }) => {
          const values = readFields(fields, { email: 'text', name: 'text' })
          return shown(await insert(db, users, { ...values, password_hash: await hashPassword(String(password)) }))
        },
        removeByTag: (tags, { permanent }) => removeTagged(db, users, tags, permanent),
        removeData: (owner) => removeDataOf(db, Number(owner)),
        softDelete: true,
      },
      categories: typeOf(db, categories, { name: 'text' }),
      products: typeOf(db, products, { name: 'text', category_id: 'integer', price_cents: 'integer' }),
    },
  }
}

function typeOf(db: Database, table: Table, fields: Fields): TestDataType {
  return {
    create: (given) => insert(db, table, readFields(given, fields)),
    find: (id) => find(db, table, { id: Number(id) }),
    remove: (id, { permanent }) => (permanent ? removeForGood : remove)(db, table, Number(id)),
    removeByTag: (tags) => removeTagged(db, table, tags, true),
    id: /^[1-9]\d{0,8}$/,
  }
}

/** In one transaction. The shop has no tags: a name begins with `test-` and the tag. All test data has the tag `test-data`. */
async function removeTagged(db: Database, table: Table, tags: readonly string[], permanent: boolean): Promise<number> {
  const beginnings = tags.map((tag) => (tag === 'test-data' ? 'test-' : `test-${tag}-`))
  const named = beginnings.map(() => 'substr(name, 1, ?) = ?').join(' OR ')
  const present = table.softDelete && !permanent ? 'AND deleted_at IS NULL' : ''
  const values = beginnings.flatMap((beginning) => [beginning.length, beginning])
  return db.transaction(async (tx) => {
    const rows = await tx.query(`SELECT id FROM ${table.name} WHERE (${named}) ${present}`, values)
    for (const { id } of rows) await (permanent ? removeForGood : remove)(tx, table, Number(id))
    return rows.length
  })
}

async function removeDataOf(db: Database, user: number): Promise<Record<string, number>> {
  return db.transaction(async (tx) => {
    const orders = 'SELECT id FROM orders WHERE user_id = ?'
    const payments = await tx.query(`DELETE FROM payments WHERE order_id IN (${orders}) RETURNING id`, [user])
    const removed = await tx.query('DELETE FROM orders WHERE user_id = ? RETURNING id', [user])
    const carts = await tx.query('DELETE FROM carts WHERE user_id = ? RETURNING id', [user])
    return { payments: payments.length, orders: removed.length, carts: carts.length }
  })
}
