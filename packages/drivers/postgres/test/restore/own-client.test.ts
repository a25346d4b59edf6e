import { restoring } from '@dustpan/conformance/application-log'
import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import type { CleanupReport } from '@dustpan/core/worker'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { application, logged, loggedDatabase } from '../application/database.ts'
import { startRun } from '../application/run.ts'

const server = await testServer()
const users = `CREATE TABLE users (id int PRIMARY KEY, name text); INSERT INTO users SELECT i, 'n' || i FROM generate_series(1, 4) i;
  CREATE FUNCTION rename(i int) RETURNS void LANGUAGE sql AS $$ UPDATE users SET name = 'by function' WHERE id = i $$`
const names = async (url: string) =>
  (await once(url, 'SELECT name FROM users ORDER BY id')).rows.map(({ name }) => name)
const untouched = ['n1', 'n2', 'n3', 'n4']
const once_ = { willRetry: false } as const
/** Somebody else is at work in the database, so that only what has a name is a test's. */
const crowded = `INSERT INTO dustpan.writer (run, writer, began) VALUES ('other', 'w', now() - interval '1 day')`

async function world() {
  const url = await loggedDatabase(server, users, restoring)
  await once(url, crowded)
  const run = await startRun(url, {}, restoring)
  const worker = await run.worker()
  const delivered = worker.session.deliver(pg)
  onTestFinished(() => delivered[Symbol.dispose]())
  return { url, run, worker, client: (await application(url)).client }
}

test('what the test’s own client changes and deletes is as before when the test is over', async () => {
  const { url, worker, client } = await world()
  const scope = worker.openTest('t')
  await scope.run(async () => {
    await client.query(`UPDATE users SET name = 'x' WHERE id = $1`, [1])
    await client.query('DELETE FROM users WHERE id = 2')
    await client.query('SELECT rename(3)')
    await client.query({ name: 'named', text: `UPDATE users SET name = 'y' WHERE id = 4` })
    await client.query(`INSERT INTO users VALUES (9, 'mine')`)
    await client.query(`UPDATE users SET name = 'still mine' WHERE id = 9`)
  })
  const report = await scope.close('passed', once_)
  expect(results(report)).toEqual([
    'users 1 removed restored 1 column',
    'users 2 removed restored row',
    'users 3 removed restored 1 column',
    'users 4 removed restored 1 column',
    'users 9 removed 1 row',
  ])
  expect(await names(url)).toEqual(untouched)
})

test('a row that was deleted is brought back where the test’s own client inserted one with its key', async () => {
  const { url, worker, client } = await world()
  const scope = worker.openTest('t')
  await scope.run(async () => {
    await client.query('DELETE FROM users WHERE id = 2')
    await client.query(`INSERT INTO users VALUES (2, 'mine')`)
  })
  expect(results(await scope.close('passed', once_))).toContain('users 2 removed restored 1 column')
  expect(await names(url)).toEqual(untouched)
})

test('a session that goes from one test to another, and to nobody, never takes a name along', async () => {
  const { url, worker, client } = await world()
  const [a, b] = [worker.openTest('a'), worker.openTest('b')]
  const update = (id: number) => client.query(`UPDATE users SET name = 'x' WHERE id = ${id}`)
  await a.run(() => update(1))
  await b.run(() => client.query('SELECT rename(2)'))
  await update(3)
  await a.run(async () => {
    await client.query('BEGIN')
    await b.run(() => update(4))
    await client.query('ROLLBACK')
    await b.run(() => update(4))
  })
  expect((await logged(url)).map(({ scope, key }) => [scope, key])).toEqual([
    [a.id, ['1']],
    [b.id, ['2']],
    ['', ['3']],
    [b.id, ['4']],
  ])
})

test('a name that is rolled back with a savepoint is set again', async () => {
  const { url, worker, client } = await world()
  const [a, b] = [worker.openTest('a'), worker.openTest('b')]
  const update = (id: number) => client.query(`UPDATE users SET name = 'x' WHERE id = ${id}`)
  await a.run(() => client.query('BEGIN'))
  await a.run(() => client.query('SAVEPOINT s'))
  await b.run(() => update(1))
  await b.run(() => client.query('ROLLBACK TO s'))
  await b.run(() => update(2))
  await b.run(() => client.query('COMMIT'))
  expect((await logged(url)).map(({ scope, key }) => [scope, key])).toEqual([[b.id, ['2']]])
})

test('after DISCARD ALL a session is named again', async () => {
  const { url, worker, client } = await world()
  const scope = worker.openTest('a')
  await scope.run(async () => {
    await client.query(`UPDATE users SET name = 'x' WHERE id = 1`)
    await client.query('DISCARD ALL')
    await client.query(`UPDATE users SET name = 'x' WHERE id = 2`)
  })
  expect((await logged(url)).map((line) => line.scope)).toEqual([scope.id, scope.id])
})

test('queries that are sent at once by two tests on one client keep their own names', async () => {
  const { url, worker, client } = await world()
  const scopes = [worker.openTest('a'), worker.openTest('b')]
  await Promise.all(
    [0, 1, 0, 1].map((which, id) =>
      scopes[which]?.run(() => client.query(`UPDATE users SET name = 'x' WHERE id = ${id + 1}`)),
    ),
  )
  const lines = await logged(url)
  expect(lines.map((line) => line.scope)).toEqual([0, 1, 0, 1].map((which) => scopes[which]?.id))
})

test('without the option nothing is set', async () => {
  const url = await loggedDatabase(server, users)
  const run = await startRun(url)
  const worker = await run.worker()
  using _delivered = worker.session.deliver(pg)
  const { client } = await application(url)
  const scope = worker.openTest('t')
  await scope.run(() => client.query(`UPDATE users SET name = 'x' WHERE id = 1`))
  expect((await logged(url)).map((line) => line.scope)).toEqual([''])
})

function results(report: CleanupReport | undefined): readonly string[] {
  const resources = (report?.scopes ?? []).flatMap(({ resources }) => resources)
  return resources.map(({ type, key, state, result, why }) => `${type} ${key} ${state} ${result ?? why}`).sort()
}
