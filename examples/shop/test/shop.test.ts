import { readdir } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type StartedShop, startShop } from '../src/shop.ts'
import { databases, type StartedDatabase } from './databases.ts'
import { logIn, type Visitor, visitor } from './visitor.ts'

describe.each(databases)('the shop on $name', ({ start }) => {
  let database: StartedDatabase
  let shop: StartedShop
  let admin: Visitor
  let customer: Visitor
  let customerId: number
  const anybody: Visitor['ask'] = (pattern, body) => visitor(shop.url).ask(pattern, body)
  const open = () =>
    startShop({ database: database.location, uploads: database.uploads, port: 0, adminPassword: 'broom' })

  beforeAll(async () => {
    database = await start()
    shop = await open()
    admin = await logIn(shop.url, 'admin@shop.example', 'broom')
    const user = { email: 'carl@shop.example', name: 'Carl', password: 'secret' }
    customerId = (await anybody('POST /users', user)).body.id
    customer = await logIn(shop.url, user.email, user.password)
  })

  afterAll(async () => {
    await shop.close()
    await database[Symbol.asyncDispose]()
  })

  const newProduct = async () =>
    (await admin.ask('POST /products', { name: 'Mop', category_id: 1, price_cents: 700 })).body.id as number

  const newOrder = async (product_id: number) =>
    (await customer.ask('POST /orders', { items: [{ product_id, quantity: 2 }] })).body.id as number

  test('creates, shows, changes and deletes a product', async () => {
    const created = await admin.ask('POST /products', { name: 'Mop', category_id: 1, price_cents: 700 })
    const path = `/products/${created.body.id}`
    expect(created).toMatchObject({ status: 201, location: path })
    expect(await admin.ask(`PATCH ${path}`, { price_cents: 800 })).toMatchObject({ status: 200 })
    expect((await anybody(`GET ${path}`)).body).toMatchObject({ name: 'Mop', price_cents: 800 })
    expect(await admin.ask(`DELETE ${path}`)).toMatchObject({ status: 204 })
    expect(await admin.ask(`DELETE ${path}`)).toMatchObject({ status: 404 })
  })

  test('has a page', async () => {
    const { status, body } = await anybody('GET /')
    expect({ status, body }).toMatchObject({ status: 200, body: expect.stringContaining('<title>The shop</title>') })
  })

  test('says what is wrong with a body', async () => {
    const { status, body } = await admin.ask('POST /products', { name: 'Mop', category_id: 1, price_cents: 'much' })
    expect({ status, body }).toEqual({ status: 400, body: { error: 'price_cents: expected a whole number' } })
    expect(await admin.ask('POST /categories', { name: 'Pans' })).toMatchObject({ status: 409 })
    expect(await customer.ask('POST /orders', { items: [null] })).toMatchObject({ status: 400 })
  })

  test('lets in only who may', async () => {
    expect(await anybody('POST /categories', { name: 'Mops' })).toMatchObject({ status: 401 })
    expect(await customer.ask('POST /categories', { name: 'Mops' })).toMatchObject({ status: 403 })
    expect(await customer.ask('GET /users/1')).toMatchObject({ status: 404 })
    expect(await visitor(shop.url, '1.9999999999999.forged').ask('GET /users')).toMatchObject({ status: 401 })
    expect(await anybody('POST /login', { email: 'admin@shop.example', password: 'pan' })).toMatchObject({
      status: 401,
    })
  })

  test('never shows a password', async () => {
    expect((await customer.ask(`GET /users/${customerId}`)).body).not.toHaveProperty('password_hash')
  })

  test('admins see a deleted user, and bring it back', async () => {
    const { body } = await anybody('POST /users', { email: 'ida@shop.example', name: 'Ida', password: 'secret' })
    expect(await admin.ask(`GET /deleted-users/${body.id}`)).toMatchObject({ status: 404 })
    await admin.ask(`DELETE /users/${body.id}`)
    expect(await customer.ask(`GET /deleted-users/${body.id}`)).toMatchObject({ status: 403 })
    expect((await admin.ask(`GET /deleted-users/${body.id}`)).body).toMatchObject({
      is_active: false,
      deleted_at: expect.anything(),
    })
    expect(await admin.ask(`PATCH /users/${body.id}/activate`)).toMatchObject({ status: 200 })
    expect((await admin.ask(`GET /users/${body.id}`)).body).toMatchObject({ is_active: true, deleted_at: null })
    expect(await admin.ask(`PATCH /users/${body.id}/activate`)).toMatchObject({ status: 404 })
  })

  test('a deleted user is no longer seen, and is gone only when deleted for good', async () => {
    const { body } = await anybody('POST /users', { email: 'eve@shop.example', name: 'Eve', password: 'secret' })
    await admin.ask('POST /audit-log', { action: 'Eve came', user_id: body.id })
    expect(await admin.ask(`DELETE /users/${body.id}`)).toMatchObject({ status: 204 })
    expect(await admin.ask(`GET /users/${body.id}`)).toMatchObject({ status: 404 })
    expect(await admin.ask('GET /all-users?name_begins=Ev')).toMatchObject({ body: [{ id: body.id }] })
    expect(await admin.ask(`DELETE /users/${body.id}?permanent=true`)).toMatchObject({ status: 204 })
    expect(await admin.ask(`DELETE /users/${body.id}?permanent=true`)).toMatchObject({ status: 404 })
    const entries = (await admin.ask('GET /audit-log')).body
    expect(entries).toContainEqual(expect.objectContaining({ action: 'Eve came', user_id: null }))
  })

  test('deleting a user for good takes the carts along, and is refused while there are orders', async () => {
    const user = { email: 'dan@shop.example', name: 'Dan', password: 'secret' }
    const { id } = (await anybody('POST /users', user)).body
    const dan = await logIn(shop.url, user.email, user.password)
    const cart = (await dan.ask('POST /carts', { any: 'thing' })).body.id
    const order = (await dan.ask('POST /orders', { items: [{ product_id: 1, quantity: 1 }] })).body.id
    expect(await admin.ask(`DELETE /users/${id}?permanent=true`)).toMatchObject({ status: 409 })
    await admin.ask(`DELETE /orders/${order}`)
    expect(await admin.ask(`DELETE /users/${id}?permanent=true`)).toMatchObject({ status: 204 })
    expect(await admin.ask(`GET /carts/${cart}`)).toMatchObject({ status: 404 })
  })

  test('an order goes from step to step, and takes its items along', async () => {
    const product = await newProduct()
    const order = await newOrder(product)
    expect(await admin.ask(`PATCH /orders/${order}`, { status: 'shipped' })).toMatchObject({ status: 409 })
    expect((await admin.ask(`PATCH /orders/${order}`, { status: 'confirmed' })).body.status).toBe('confirmed')
    expect(await admin.ask(`DELETE /products/${product}`)).toMatchObject({ status: 409 })
    expect(await admin.ask(`DELETE /orders/${order}`)).toMatchObject({ status: 204 })
    expect(await admin.ask(`DELETE /products/${product}`)).toMatchObject({ status: 204 })
  })

  test('a checkout makes order, items and payment, and empties the cart', async () => {
    const cart = (await customer.ask('POST /carts', { user_id: 1 })).body
    expect(cart.user_id).toBe(customerId)
    await customer.ask(`POST /carts/${cart.id}/items`, { product_id: 1, quantity: 2 })
    const { status, body } = await customer.ask('POST /checkout', { cart_id: cart.id })
    const [payment] = body.entities.payment
    expect(status).toBe(201)
    expect(body.entities).toMatchObject({
      order: [{ id: expect.any(Number) }],
      'order-item': [{ id: expect.any(Number) }],
    })
    expect((await admin.ask(`GET /payments/${payment.id}`)).body.amount_cents).toBe(2980)
    expect((await customer.ask(`GET /carts/${cart.id}/items`)).body).toEqual([])
    expect(await admin.ask(`DELETE /orders/${body.entities.order[0].id}`)).toMatchObject({ status: 409 })
  })

  test('an order that fails half way leaves nothing', async () => {
    const before = (await customer.ask('GET /orders')).body.length
    const items = [1, 999_999].map((product_id) => ({ product_id, quantity: 1 }))
    expect(await customer.ask('POST /orders', { items })).toMatchObject({ status: 409 })
    expect((await customer.ask('GET /orders')).body).toHaveLength(before)
  })

  test('keeps pictures as files, for as long as a product shows them', async () => {
    const { status, body } = await admin.upload(Buffer.from('a picture'), 'image/png')
    const { name } = body.file
    expect(status).toBe(201)
    expect(await anybody(`GET /uploads/${name}`)).toMatchObject({ status: 200, body: 'a picture' })
    const product = await newProduct()
    await admin.ask(`PATCH /products/${product}`, { picture: name })
    expect(await admin.ask(`DELETE /uploads/${name}`)).toMatchObject({ status: 409 })
    await admin.ask(`DELETE /products/${product}`)
    expect(await admin.ask(`DELETE /uploads/${name}`)).toMatchObject({ status: 204 })
    expect(await admin.ask(`DELETE /uploads/${name}`)).toMatchObject({ status: 404 })
    expect(await readdir(database.uploads)).toEqual(['corn-broom.png'])
  })

  test('nothing outside the upload folder can be read or deleted', async () => {
    expect(await anybody('GET /uploads/..%2Fshop.db')).toMatchObject({ status: 404 })
    expect(await admin.ask('DELETE /uploads/..%2Fshop.db')).toMatchObject({ status: 404 })
    expect(await anybody('GET /uploads/%')).toMatchObject({ status: 400 })
    expect(await admin.upload(Buffer.from('#!/bin/sh'), 'text/x-shellscript')).toMatchObject({ status: 415 })
  })

  test('a bulk deletion answers at once, and its job tells what became of each', async () => {
    const [free, ordered] = [await newProduct(), await newProduct()]
    await newOrder(ordered)
    const { status, body } = await admin.ask('POST /bulk-deletions', {
      type: 'products',
      ids: [free, ordered, 999_999],
    })
    expect(status).toBe(202)
    await expect
      .poll(async () => (await admin.ask(`GET /jobs/${body.job}`)).body)
      .toMatchObject({ status: 'completed', deleted: [free], failed: [{ id: ordered }], skipped: [999_999] })
  })

  test('what is in it is there again after it was closed', async () => {
    const product = await newProduct()
    await shop.close()
    shop = await open()
    expect(await anybody(`GET /products/${product}`)).toMatchObject({ status: 200 })
    expect((await anybody('GET /categories')).body).toHaveLength(2)
    admin = await logIn(shop.url, 'admin@shop.example', 'broom')
  })
})
