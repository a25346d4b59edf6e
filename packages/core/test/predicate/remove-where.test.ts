import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { removeWhere } from '@dustpan/core'
import { expect, onTestFinished, test } from 'vitest'
import { scratchFolder } from '../settings.ts'

/** A service with three tagged things, in a project of its own. */
async function project(config: object = {}) {
  let left = 3
  const server = createServer((request, response) => {
    const deleted = left
    if (request.method === 'DELETE') left = 0
    response.end(JSON.stringify({ total: deleted, deleted }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`
  const tag = { url: '/items?tag={tag}', list: 'GET /items?tag={tag}', found: 'body.total', deleted: 'body.deleted' }
  const drivers = [{ use: 'http', name: 'http', options: { origins: [origin], byPredicate: { items: { tag } } } }]
  const cwd = scratchFolder()
  writeFileSync(join(cwd, 'dustpan.config.json'), JSON.stringify({ drivers, ...config }))
  return { cwd, left: () => left }
}

test('removes what is meant where the profile says automatic', async () => {
  const { cwd, left } = await project({ environment: 'test' })
  expect(await removeWhere({ tag: true, cwd })).toEqual({
    ...{ deleted: { items: 3 }, deletedCount: 3, method: 'hard', preserved: {}, left: [] },
  })
  expect(left()).toBe(0)
})

test('DUSTPAN_PREDICATE_REFUSED: else somebody has to confirm', async () => {
  const { cwd, left } = await project()
  await expect(removeWhere({ tag: true, cwd })).rejects.toMatchObject({ code: 'DUSTPAN_PREDICATE_REFUSED' })
  expect(await removeWhere({ tag: true, cwd, confirm: ({ total }) => total === 4 })).toBeUndefined()
  expect(left()).toBe(3)
  expect(await removeWhere({ tag: true, cwd, confirm: ({ total }) => total === 3 })).toMatchObject({ deletedCount: 3 })
})

test('DUSTPAN_PROFILE_REFUSED: never in production, not even confirmed', async () => {
  const { cwd, left } = await project({ environment: 'production', shadow: false })
  const confirm = () => true
  await expect(removeWhere({ tag: true, cwd, confirm })).rejects.toMatchObject({ code: 'DUSTPAN_PROFILE_REFUSED' })
  expect(left()).toBe(3)
})
