import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { removeWhere } from '@dustpan/core'
import { expect, onTestFinished, test } from 'vitest'
import { scratchFolder } from '../settings.ts'

/** A project with a service of three tagged items. */
async function project(config: object = {}) {
  let remaining = 3
  const server = createServer((request, response) => {
    const deleted = remaining
    if (request.method === 'DELETE') remaining = 0
    response.end(JSON.stringify({ total: deleted, deleted }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`
  const tag = { url: '/items?tag={tag}', list: 'GET /items?tag={tag}', found: 'body.total', deleted: 'body.deleted' }
  const drivers = [{ use: 'http', name: 'http', options: { origins: [origin], byPredicate: { items: { tag } } } }]
  const cwd = scratchFolder()
  writeFileSync(join(cwd, 'dustpan.config.json'), JSON.stringify({ drivers, ...config }))
  return { cwd, remaining: () => remaining }
}

test('removeWhere() removes matching resources under an automatic profile', async () => {
  const { cwd, remaining } = await project({ environment: 'test' })
  expect(await removeWhere({ tag: true, cwd })).toEqual({
    ...{ deleted: { items: 3 }, deletedCount: 3, method: 'hard', preserved: {}, left: [] },
  })
  expect(remaining()).toBe(0)
})

test('DUSTPAN_PREDICATE_REFUSED: removeWhere() needs a confirmation under other profiles', async () => {
  const { cwd, remaining } = await project()
  await expect(removeWhere({ tag: true, cwd })).rejects.toMatchObject({ code: 'DUSTPAN_PREDICATE_REFUSED' })
  expect(await removeWhere({ tag: true, cwd, confirm: ({ total }) => total === 4 })).toBeUndefined()
  expect(remaining()).toBe(3)
  expect(await removeWhere({ tag: true, cwd, confirm: ({ total }) => total === 3 })).toMatchObject({ deletedCount: 3 })
})

test('DUSTPAN_PROFILE_REFUSED: removeWhere() removes nothing in production, even if confirmed', async () => {
  const { cwd, remaining } = await project({ environment: 'production', shadow: false })
  const confirm = () => true
  await expect(removeWhere({ tag: true, cwd, confirm })).rejects.toMatchObject({ code: 'DUSTPAN_PROFILE_REFUSED' })
  expect(remaining()).toBe(3)
})
