// Over HTTP with axios. The category belongs to the file: it is removed after the last test, when no product needs it any more.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { scope } from '@dustpan/core'
import axios, { type AxiosInstance } from 'axios'
import { beforeAll, expect, test } from 'vitest'
import { logInAsAdmin, shopUrl, uploads } from '../shop.ts'

let admin: AxiosInstance
let category_id: number

beforeAll(async () => {
  admin = axios.create({ baseURL: shopUrl, headers: await logInAsAdmin(), validateStatus: () => true })
  category_id = (await admin.post('/categories', { name: scope().unique('mops') })).data.id
})

test('a product is found by its category', async () => {
  const { data: product } = await admin.post('/products', { name: 'Mop', category_id, price_cents: 700 })
  const { data: found } = await admin.get('/products', { params: { category_id } })
  expect(found).toEqual([product])
})

test('a product shows the picture that was uploaded for it', async () => {
  const upload = await admin.post('/uploads', Buffer.from('a picture'), { headers: { 'content-type': 'image/png' } })
  const picture = upload.data.file.name
  const { data: product } = await admin.post('/products', { name: 'Mop', category_id, price_cents: 700, picture })
  expect((await admin.get(`/uploads/${product.picture}`)).data).toBe('a picture')
  expect(existsSync(join(uploads, picture))).toBe(true)
})

test('a category that has products cannot be deleted', async () => {
  await admin.post('/products', { name: 'Mop', category_id, price_cents: 700 })
  expect(await admin.delete(`/categories/${category_id}`)).toMatchObject({ status: 409 })
})
