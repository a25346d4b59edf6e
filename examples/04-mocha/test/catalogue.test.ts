// Over HTTP with supertest. The category belongs to the file: it is removed after its last test, when no product needs it any more.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { scope } from '@dustpan/core'
import supertest from 'supertest'
import { logInAsAdmin, shopUrl, uploads } from '../shop.ts'

const shop = supertest(shopUrl)

describe('the catalogue', () => {
  let admin: { authorization: string }
  let category_id: number

  before(async () => {
    admin = await logInAsAdmin()
    const { body } = await shop
      .post('/categories')
      .set(admin)
      .send({ name: scope().unique('mops') })
    category_id = body.id
  })

  const newProduct = (more = {}) =>
    shop
      .post('/products')
      .set(admin)
      .send({ name: 'Mop', category_id, price_cents: 700, ...more })

  it('finds a product by its category', async () => {
    const { body: product } = await newProduct().expect(201)
    await shop.get('/products').query({ category_id }).expect([product])
  })

  it('shows the picture that was uploaded for a product', async () => {
    const upload = shop.post('/uploads').set(admin).set('content-type', 'image/png')
    const picture = (await upload.send(Buffer.from('a picture'))).body.file.name
    const { body: product } = await newProduct({ picture })
    await shop.get(`/uploads/${product.picture}`).expect(200)
    assert(existsSync(join(uploads, picture)))
  })

  it('keeps a category that has products', async () => {
    await newProduct()
    await shop.delete(`/categories/${category_id}`).set(admin).expect(409)
  })
})
