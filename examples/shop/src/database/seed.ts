import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashPassword } from '../accounts/password.ts'
import type { Database } from './database.ts'
import { insert, list } from './table.ts'
import { auditLog, categories, orderItems, orders, payments, products, users } from './tables.ts'

const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

/** Seeds an empty shop with an admin, and with data of other people. */
export async function seed(db: Database, uploads: string, adminPassword: string): Promise<void> {
  if ((await list(db, users)).length > 0) return
  const password_hash = await hashPassword(adminPassword)
  await db.transaction(async (tx) => {
    const add = async (...[table, values]: [Parameters<typeof insert>[1], Parameters<typeof insert>[2]]) =>
      Number((await insert(tx, table, values)).id)
    const admin = await add(users, { email: 'admin@shop.example', name: 'Ada', role: 'admin', password_hash })
    const grace = await add(users, { email: 'grace@shop.example', name: 'Grace' })
    const brooms = await add(categories, { name: 'Brooms' })
    const pans = await add(categories, { name: 'Pans' })
    const broom = await add(products, {
      category_id: brooms,
      name: 'Corn broom',
      price_cents: 1490,
      picture: 'corn-broom.png',
    })
    await add(products, { category_id: brooms, name: 'Hand brush', price_cents: 590 })
    await add(products, { category_id: pans, name: 'Steel dustpan', price_cents: 990 })
    const order = await add(orders, { user_id: grace, status: 'delivered' })
    await add(orderItems, { order_id: order, product_id: broom, quantity: 1, price_cents: 1490 })
    await add(payments, { order_id: order, amount_cents: 1490 })
    await add(auditLog, { user_id: admin, action: 'The shop was opened' })
  })
  writeFileSync(join(uploads, 'corn-broom.png'), pixel)
}
