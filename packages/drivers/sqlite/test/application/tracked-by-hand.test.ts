/** What a test says of a thing holds for its row, which the log tells later. */
import { type TrackInput, track } from '@dustpan/core'
import { expect, test } from 'vitest'
import { application, loggedFile, once } from './database.ts'
import { startRun } from './run.ts'

const shop = `CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT)`
const passed = { willRetry: false } as const
const remove = { table: 'users', store: 'main' }

test.each<[string, Omit<TrackInput, 'id'>, number]>([
  ['persistent', { type: 'user', lifetime: 'persistent', remove }, 1],
  ['persistent, by a request', { type: 'user', lifetime: 'persistent', remove: 'DELETE http://localhost:1/{id}' }, 1],
  ['shared', { type: 'users', shared: true, remove }, 1],
  ['shared, without a removal', { type: 'user', shared: true }, 1],
  ['of another kind', { type: 'order', shared: true }, 0],
])('%s, a row stays as that says', async (_, input, left) => {
  const file = await loggedFile(shop)
  const run = await startRun(file)
  const worker = await run.worker()
  const scope = await worker.openTest('t')
  await application(file).as(run.id, scope.id, `INSERT INTO users (email) VALUES ('a')`)
  await scope.run(async () => track({ ...input, id: 1 }))
  await scope.close('passed', passed)
  await worker.file.close('passed', passed)
  await worker.session[Symbol.asyncDispose]()
  await run.main.end('passed')
  expect(once(file, '', 'SELECT * FROM users')).toHaveLength(left)
})

test.each([remove, 'DELETE http://localhost:1/{id}'])('forgotten, a row stays (%j)', async (remove) => {
  const file = await loggedFile(shop)
  const run = await startRun(file)
  const worker = await run.worker()
  const scope = await worker.openTest('t')
  await application(file).as(run.id, scope.id, `INSERT INTO users (email) VALUES ('a')`)
  await scope.run(async () => track({ type: 'user', id: 1, remove }).forget())
  await scope.close('passed', passed)
  await worker.session[Symbol.asyncDispose]()
  await run.main.end('passed')
  expect(once(file, '', 'SELECT * FROM users')).toHaveLength(1)
})
