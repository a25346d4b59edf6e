import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../src/database/database.ts'
import { type StartedShop, startShop } from '../src/shop.ts'
import { databases, type StartedDatabase } from './databases.ts'
import { logIn } from './visitor.ts'

const key = 'only-for-these-tests'

describe.each(databases)('test data in the shop on $name', ({ start }) => {
  let database: StartedDatabase
  let shop: StartedShop
  const open = (testData?: { key: string }) =>
    startShop({
      database: database.location,
      uploads: database.uploads,
      port: 0,
      adminPassword: 'broom',
      ...(testData ? { testData } : {}),
    })
  const ask = async (call: string, body?: object, url = shop.url) => {
    const [method = '', path] = call.split(' ')
    const headers = { 'x-internal-key': key, 'x-test-id': 'test-shop', 'content-type': 'application/json' }
    const sent = body ? { body: JSON.stringify(body) } : {}
    const response = await fetch(`${url}/api/test/${path}`, { method, headers, ...sent })
    return { status: response.status, body: (await response.json()) as { id?: number } }
  }

  beforeAll(async () => {
    database = await start()
    shop = await open({ key })
  })
  afterAll(async () => {
    await shop.close()
    await database[Symbol.asyncDispose]()
  })

  test('a user is created, can order, and loses all that he has; seed data stays', async () => {
    const created = await ask('POST users', { email: 'eve@shop.example', name: 'Eve', password: 'secret' })
    expect(created).toMatchObject({ status: 201, body: { name: 'test-Eve', email: 'test-eve@shop.example' } })
    const { id } = created.body
    const eve = await logIn(shop.url, 'test-eve@shop.example', 'secret')
    expect(await eve.ask('POST /orders', { items: [{ product_id: 1, quantity: 1 }] })).toMatchObject({ status: 201 })
    expect(await ask(`DELETE users/${id}/data`)).toMatchObject({
      body: { deleted: { orders: 1 }, preserved: { user: true } },
    })
    expect(await ask(`DELETE users/${id}/permanent`)).toMatchObject({ status: 200 })
    expect(await ask('DELETE users/1')).toMatchObject({ status: 403, body: { code: 'not-test-data' } })
    expect(await ask('DELETE products/1')).toMatchObject({ status: 403 })
  })

  test('by tag goes what has the names of test data', async () => {
    const { body } = await ask('POST categories', { name: 'Brooms of tests' })
    await ask('POST products', { name: 'Broom', category_id: body.id, price_cents: 100 })
    expect(await ask('POST cleanup-test-data', {})).toMatchObject({
      status: 200,
      body: { deleted: { products: 1, categories: 1 } },
    })
  })

  test('a tag takes what has it at the beginning of its name, and nothing of other testers', async () => {
    await ask('POST categories', { name: 'ana-brooms' })
    const { body } = await ask('POST categories', { name: 'ben-brooms' })
    expect(await ask('DELETE categories?tags=ana')).toMatchObject({ body: { deleted: { categories: 1 } } })
    const found = await (await fetch(`${shop.url}/categories?name_begins=test-`)).json()
    expect(found).toEqual([{ id: body.id, name: 'test-ben-brooms' }])
    await ask('POST cleanup-test-data', {})
  })

  test('unless it is switched on there is nothing', async () => {
    const plain = await open()
    expect((await fetch(`${plain.url}/api/test/verify-access`, { method: 'POST' })).status).toBe(404)
    await plain.close()
  })
})

test('a request that names its test writes rows under its id', async () => {
  await using database = await (databases[1] as (typeof databases)[number]).start()
  const options = { database: database.location, uploads: database.uploads, port: 0, adminPassword: 'broom' }
  const shop = await startShop({ ...options, testData: { key } })
  const db = await openDatabase(database.location, (pool) => pool)
  await db.query("ALTER TABLE users ADD by_test text DEFAULT nullif(current_setting('dustpan.scope', true), '')")
  const register = (name: string, headers: Record<string, string>) =>
    fetch(`${shop.url}/users`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ email: `${name}@shop.example`, name, password: 'secret' }),
    })
  await Promise.all([
    register('a', { baggage: 'test.run_id=r,test.scope_id=w1-1' }),
    register('b', { cookie: 'dustpan-test=r.w1-2' }),
    register('c', {}),
  ])
  const rows = await db.query("SELECT name, by_test FROM users WHERE name IN ('a', 'b', 'c') ORDER BY name")
  await Promise.all([shop.close(), db.close()])
  expect(rows.map(({ name, by_test }) => [name, by_test])).toEqual([
    ['a', 'w1-1'],
    ['b', 'w1-2'],
    ['c', null],
  ])
})
