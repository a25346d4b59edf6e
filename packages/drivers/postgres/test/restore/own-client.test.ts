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
const noRetry = { willRetry: false } as const
/** Makes another run active, so that only named changes are attributed to a test. */
const anotherRun = `INSERT INTO dustpan.writer (run, writer, began) VALUES ('other', 'w', now() - interval '1 day')`

async function world() {
  const url = await loggedDatabase(server, users, restoring)
  await once(url, anotherRun)
  const run = await startRun(url, {}, restoring)
  const worker = await run.worker()
  const delivered = worker.session.deliver(pg)
  onTestFinished(() => delivered[Symbol.dispose]())
  return { url, run, worker, client: (await application(url)).client }
}

test('changes and deletions by the test’s own client are undone when the test is over', async () => {
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
  const report = await scope.close('passed', noRetry)
  expect(results(report)).toEqual([
    'users 1 removed restored 1 column',
    'users 2 removed restored row',
    'users 3 removed restored 1 column',
    'users 4 removed restored 1 column',
    'users 9 removed 1 row',
  ])
  expect(await names(url)).toEqual(untouched)
})

test('a row that the test’s own client deleted and inserted again is restored', async () => {
  const { url, worker, client } = await world()
  const scope = worker.openTest('t')
  await scope.run(async () => {
    await client.query('DELETE FROM users WHERE id = 2')
    await client.query(`INSERT INTO users VALUES (2, 'mine')`)
  })
  expect(results(await scope.close('passed', noRetry))).toContain('users 2 removed restored 1 column')
  expect(await names(url)).toEqual(untouched)
})

test('each statement of a session is logged under the test that sent it, or under none', async () => {
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

test('the name of a test is set again after a rollback to a savepoint', async () => {
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

test('the name of a test is set again after DISCARD ALL', async () => {
  const { url, worker, client } = await world()
  const scope = worker.openTest('a')
  await scope.run(async () => {
    await client.query(`UPDATE users SET name = 'x' WHERE id = 1`)
    await client.query('DISCARD ALL')
    await client.query(`UPDATE users SET name = 'x' WHERE id = 2`)
  })
  expect((await logged(url)).map((line) => line.scope)).toEqual([scope.id, scope.id])
})

test('concurrent queries of two tests on one client are logged under the test that sent them', async () => {
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

test('the name of a test is not set without the option restore', async () => {
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
