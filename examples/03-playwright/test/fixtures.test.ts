// The data of a worker fixture lasts until the worker ends; a serial group is one test in several parts.
import { DatabaseSync } from 'node:sqlite'
import { scope } from '@dustpan/core'
import { test as dustpan, expect } from '@dustpan/playwright-reporter/test'
import { mergeTests, test as plain } from '@playwright/test'
import { ask, database, logIn, onPostgres } from '../shop.ts'

interface Customer {
  readonly id: number
  readonly headers: { authorization: string }
}

const customers = plain.extend<object, { customer: Customer }>({
  customer: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the requested fixtures from the pattern; an empty one means none.
    async ({}, use, { workerIndex }) => {
      const dora = { email: `dora-${process.pid}-${workerIndex}@example.com`, name: 'Dora', password: 'a secret' }
      const { body } = await ask('POST /users', dora)
      await use({ id: body.id, headers: await logIn(dora.email, dora.password) })
    },
    { scope: 'worker' },
  ],
})

const test = mergeTests(dustpan, customers)

test('a customer has an order', async ({ customer }) => {
  const order = await ask('POST /orders', { items: [{ product_id: 1, quantity: 1 }] }, customer.headers)
  expect(order).toMatchObject({ status: 201 })
})

test('an order that was written into the database is shown', async ({ customer }) => {
  test.skip(onPostgres, 'the shop is on PostgreSQL')
  using db = new DatabaseSync(database, { timeout: 5000 })
  const { lastInsertRowid } = db.prepare('INSERT INTO orders (user_id) VALUES (?)').run(customer.id)
  expect(await ask(`GET /orders/${lastInsertRowid}`, undefined, customer.headers)).toMatchObject({ status: 200 })
})

test.describe
  .serial('a cart', () => {
    let path: `/carts/${number}`

    test('is filled', async ({ customer }) => {
      path = `/carts/${(await ask('POST /carts', {}, customer.headers)).body.id}`
      expect(scope().created()).toMatchObject([{ type: 'cart' }])
    })

    test('is still there in the next step', async ({ customer }) => {
      expect(await ask(`GET ${path}`, undefined, customer.headers)).toMatchObject({ status: 200 })
    })
  })
