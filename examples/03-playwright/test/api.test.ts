// Over HTTP with Playwright's own clients. The category belongs to the file: it is removed when the next file begins, or with the worker.
import { scope } from '@dustpan/core'
import { expect, test } from '@dustpan/playwright-reporter/test'
import { logInAsAdmin, shopUrl } from '../shop.ts'

let headers: Record<string, string>
let category_id: number

test.beforeAll(async ({ playwright }) => {
  headers = await logInAsAdmin()
  const admin = await playwright.request.newContext({ baseURL: shopUrl, extraHTTPHeaders: headers })
  const category = await admin.post('/categories', { data: { name: scope().unique('mops') } })
  category_id = (await category.json()).id
  await admin.dispose()
})

test('a product is found by its category', async ({ request }) => {
  const product = await request.post('/products', { headers, data: { name: 'Mop', category_id, price_cents: 700 } })
  const found = await request.get('/products', { params: { category_id } })
  expect(await found.json()).toEqual([await product.json()])
})

test('a category that has products cannot be deleted', async ({ request }) => {
  await request.post('/products', { headers, data: { name: 'Mop', category_id, price_cents: 700 } })
  expect((await request.delete(`/categories/${category_id}`, { headers })).status()).toBe(409)
})
