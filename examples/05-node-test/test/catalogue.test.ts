// Over HTTP with undici. The category belongs to the file: it is removed after its last test, when no product needs it any more.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { scope } from '@dustpan/core'
import { request } from 'undici'
import { logInAsAdmin, shopUrl, uploads } from '../shop.ts'

describe('the catalogue', { concurrency: true }, () => {
  let admin: { authorization: string }
  let category_id: number

  const post = async (path: string, body: string | Buffer, type = 'application/json') => {
    const answer = await request(shopUrl + path, { method: 'POST', headers: { ...admin, 'content-type': type }, body })
    // biome-ignore lint/suspicious/noExplicitAny: any response of the shop.
    return (await answer.body.json()) as any
  }
  const newProduct = (more = {}) =>
    post('/products', JSON.stringify({ name: 'Mop', category_id, price_cents: 700, ...more }))

  before(async () => {
    admin = await logInAsAdmin()
    category_id = (await post('/categories', JSON.stringify({ name: scope().unique('mops') }))).id
  })

  it('has a product that was added to it', async () => {
    const { id } = await newProduct()
    const { body } = await request(`${shopUrl}/products`, { query: { category_id } })
    const found = (await body.json()) as { id: number }[]
    assert(found.some((product) => product.id === id))
  })

  it('shows the picture that was uploaded for a product', async () => {
    const picture = (await post('/uploads', Buffer.from('a picture'), 'image/png')).file.name
    const product = await newProduct({ picture })
    assert.equal((await request(`${shopUrl}/uploads/${product.picture}`)).statusCode, 200)
    assert(existsSync(join(uploads, picture)))
  })

  it('keeps a category that has products', async () => {
    await newProduct()
    const url = `${shopUrl}/categories/${category_id}`
    assert.equal((await request(url, { method: 'DELETE', headers: admin })).statusCode, 409)
  })
})
