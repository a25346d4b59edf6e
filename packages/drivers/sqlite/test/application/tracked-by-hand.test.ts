/** Options of `track()` also apply to the resource’s row when the log reports it later. */
import { type TrackInput, track } from '@dustpan/core'
import { expect, test } from 'vitest'
import { application, loggedFile, once } from './database.ts'
import { startRun } from './run.ts'

const shop = `CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT)`
const lastAttempt = { willRetry: false } as const
const remove = { table: 'users', store: 'main' }

test.each<[string, Omit<TrackInput, 'id'>, number]>([
  ['persistent is kept', { type: 'user', lifetime: 'persistent', remove }, 1],
  [
    'persistent with an HTTP removal is kept',
    { type: 'user', lifetime: 'persistent', remove: 'DELETE http://localhost:1/{id}' },
    1,
  ],
  ['shared is kept', { type: 'users', shared: true, remove }, 1],
  ['shared without a removal is kept', { type: 'user', shared: true }, 1],
  ['shared of another type is removed', { type: 'order', shared: true }, 0],
])('a logged row whose resource was tracked as %s', async (_, input, left) => {
  const file = await loggedFile(shop)
  const run = await startRun(file)
  const worker = await run.worker()
  const scope = await worker.openTest('t')
  await application(file).as(run.id, scope.id, `INSERT INTO users (email) VALUES ('a')`)
  await scope.run(async () => track({ ...input, id: 1 }))
  await scope.close('passed', lastAttempt)
  await worker.file.close('passed', lastAttempt)
  await worker.session[Symbol.asyncDispose]()
  await run.main.end('passed')
  expect(once(file, '', 'SELECT * FROM users')).toHaveLength(left)
})

test.each([remove, 'DELETE http://localhost:1/{id}'])(
  'a logged row whose record was forgotten is kept (%j)',
  async (remove) => {
    const file = await loggedFile(shop)
    const run = await startRun(file)
    const worker = await run.worker()
    const scope = await worker.openTest('t')
    await application(file).as(run.id, scope.id, `INSERT INTO users (email) VALUES ('a')`)
    await scope.run(async () => track({ type: 'user', id: 1, remove }).forget())
    await scope.close('passed', lastAttempt)
    await worker.session[Symbol.asyncDispose]()
    await run.main.end('passed')
    expect(once(file, '', 'SELECT * FROM users')).toHaveLength(1)
  },
)
