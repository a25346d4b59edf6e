// Resources that Dustpan cannot see are tracked by hand; all others need no code.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { scope, track } from '@dustpan/core'
import { expect, test } from 'vitest'
import { ask } from '../shop.ts'

const run = promisify(execFile)
const importer = join(import.meta.dirname, '../import-category.ts')

test('an import adds a category', async () => {
  const name = scope().unique('imported')
  const { stdout } = await run(process.execPath, [importer, name])
  const id = Number(stdout)
  track({
    type: 'category',
    id,
    remove: 'DELETE /categories/{id}',
    fallback: { table: 'categories', store: 'shop' }, // when the shop does not answer any more
  })
  expect((await ask(`GET /categories/${id}`)).body.name).toBe(name)
})

test('a newcomer who stays until somebody runs `dustpan clean`', async () => {
  scope().policy({ strategy: 'manual' })
  const email = `${scope().unique('newcomer')}@example.com`
  expect(await ask('POST /users', { email, name: 'Nora', password: 'a secret' })).toMatchObject({ status: 201 })
})
