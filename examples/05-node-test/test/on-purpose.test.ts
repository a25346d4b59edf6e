// This test is meant to fail: what it created is kept, together with the category that it needs, and shown below its error.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { scope, temporaryFolder } from '@dustpan/core'
import { ask, logIn, logInAsAdmin } from '../shop.ts'

describe('deliveries', () => {
  let admin: { authorization: string }
  let category_id: number

  before(async () => {
    admin = await logInAsAdmin()
    category_id = (await ask('POST /categories', { name: scope().unique('mops') }, admin)).body.id
  })

  it('fails on purpose: an order is delivered as soon as it is confirmed', async () => {
    const carl = { email: `${scope().unique('user')}@example.com`, name: 'Carl', password: 'a secret' }
    await ask('POST /users', carl)
    const product = await ask('POST /products', { name: 'Mop', category_id, price_cents: 700 }, admin)
    const items = [{ product_id: product.body.id, quantity: 1 }]
    const order = await ask('POST /orders', { items }, await logIn(carl.email, carl.password))
    await writeFile(join(temporaryFolder('invoice'), 'invoice.txt'), `Order ${order.body.id}: one mop`)
    const confirmed = await ask(`PATCH /orders/${order.body.id}`, { status: 'confirmed' }, admin)
    assert.equal(confirmed.body.status, 'delivered')
  })
})
