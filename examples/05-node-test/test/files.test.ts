// On disk: a folder that is removed with the test, and a file that the test tracks.
import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { scope, temporaryFolder, track } from '@dustpan/core'
import { ask, shopUrl, uploads } from '../shop.ts'

describe('files', () => {
  it('can hold an export of the products', async () => {
    const folder = temporaryFolder('export')
    const { body: products } = await ask('GET /products')
    await writeFile(join(folder, 'products.json'), JSON.stringify(products))
    assert.deepEqual(await readdir(folder), ['products.json'])
  })

  it('are served as pictures when they are put into the folder of the shop', async () => {
    const name = `${scope().unique('broom')}.png`
    const path = join(uploads, name)
    track({ type: 'file', id: path })
    await writeFile(path, await readFile(join(uploads, 'corn-broom.png')))
    assert.equal((await fetch(`${shopUrl}/uploads/${name}`)).status, 200)
  })
})
