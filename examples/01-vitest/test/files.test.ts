// On disk: a folder that is removed with the test, and a file that the test tracks.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { scope, temporaryFolder, track } from '@dustpan/core'
import { expect, test } from 'vitest'
import { ask, shopUrl, uploads } from '../shop.ts'

test('the products can be exported into a file', async () => {
  const folder = temporaryFolder('export')
  const { body: products } = await ask('GET /products')
  await writeFile(join(folder, 'products.json'), JSON.stringify(products))
  expect(await readdir(folder)).toEqual(['products.json'])
})

test('the shop serves a picture that was put into its folder', async () => {
  const name = `${scope().unique('broom')}.png`
  const path = join(uploads, name)
  track({ type: 'file', id: path })
  await writeFile(path, await readFile(join(uploads, 'corn-broom.png')))
  expect((await fetch(`${shopUrl}/uploads/${name}`)).status).toBe(200)
})
