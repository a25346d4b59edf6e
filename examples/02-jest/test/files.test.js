// On disk: a folder that is removed with the test, and a file that the test tracks.
const { readdir, readFile, writeFile } = require('node:fs/promises')
const { join } = require('node:path')
const { scope, temporaryFolder, track } = require('@dustpan/core')
const { ask, shopUrl, uploads } = require('../shop.js')

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
