/** Two concurrent runs on one database, of which one does not collect from the log. */
import { createRequire } from 'node:module'
import { connectContext } from '@dustpan/conformance/application-log'
import { freshCopy } from '@dustpan/conformance/drivers'
import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import type pg from 'pg'
import postgres from 'postgres'
import { expect, onTestFinished, test } from 'vitest'
import { loggedDatabase, logOf } from './database.ts'
import { startRun } from './run.ts'

const server = await testServer()
const shop =
  'CREATE TABLE users (id serial PRIMARY KEY, name text); CREATE TABLE cats (id serial PRIMARY KEY, name text)'
const user = (name: string) => `INSERT INTO users (name) VALUES ('${name}') RETURNING id`
const cat = (name: string) => `INSERT INTO cats (name) VALUES ('${name}')`
const noRetry = { willRetry: false } as const
const require = createRequire(import.meta.url)

/** The names of all rows. */
const namesIn = async (url: string) =>
  (await once(url, 'SELECT name FROM users UNION ALL SELECT name FROM cats ORDER BY name')).rows.map(({ name }) => name)

/** Starts a run with a worker that captures its own copy of pg, and opens a test. */
async function begun(url: string, options?: object) {
  const run = await startRun(url, {}, options)
  const worker = await run.worker()
  const library = freshCopy<typeof pg>(require, 'pg')
  worker.session.deliver(library)
  const client = new library.Client(url)
  await client.connect()
  onTestFinished(() => client.end())
  return { run, worker, client, scope: worker.openTest('t') }
}

test.each([
  ['its url', {}],
  ['no url', { url: undefined }],
])(
  'rows of a run that does not collect from the log are not removed by one that does (driver with %s)',
  async (_, options) => {
    const url = await loggedDatabase(server, shop)
    const a = await begun(url)
    const b = await begun(url, options)
    await b.scope.run(() => b.client.query(user('b’s test')))
    await once(url, cat('b’s application'))
    await a.scope.run(() => a.client.query(user('a’s test')))
    expect((await a.scope.close('passed', noRetry))?.totals).toMatchObject({ tracked: 1, removed: 1 })
    await a.worker.file.close('passed', noRetry)
    expect(await namesIn(url)).toEqual(['b’s application', 'b’s test'])
    expect((await b.scope.close('passed', noRetry))?.totals).toMatchObject({ tracked: 1, removed: 1 })
    const report = await a.run.main.end('passed')
    expect(await namesIn(url)).toEqual(['b’s application'])
    expect(report?.warnings.map(({ code, message }) => [code, message])).toEqual([
      ['DUSTPAN_ROWS_UNATTRIBUTED', expect.stringContaining(`also active at the time: ${b.run.id}): 1 of cats`)],
    ])
  },
)

test('rows that another run wrote by postgres.js after a rolled-back transaction of pg are not removed', async () => {
  const url = await loggedDatabase(server, shop)
  const a = await begun(url)
  const b = await begun(url, {})
  const sql = postgres(url, { max: 1 })
  onTestFinished(() => sql.end())
  using _captured = b.worker.session.deliver(postgres)
  await b.scope.run(async () => {
    await b.client.query('BEGIN')
    await b.client.query(user('rolled back'))
    await b.client.query('ROLLBACK')
  })
  await b.scope.run(() => sql.unsafe(user('b’s test')))
  await once(url, cat('b’s application'))
  expect(await a.scope.close('passed', noRetry)).toBeUndefined()
  expect(await namesIn(url)).toEqual(['b’s application', 'b’s test'])
})

test('a run that announced itself is active until it ends, even before it has a client', async () => {
  const url = await loggedDatabase(server, shop)
  const [a, b] = [await startRun(url), await startRun(url, {}, {})]
  await a.main.announce()
  await b.main.announce()
  const worker = await a.worker()
  const first = worker.openTest('first')
  await once(url, cat('b’s application'))
  expect(await first.close('passed', noRetry)).toBeUndefined()
  await b.main.end('passed')
  const second = worker.openTest('second')
  await once(url, cat('a’s application'))
  expect((await second.close('passed', noRetry))?.totals).toMatchObject({ tracked: 1, removed: 1 })
  expect(await namesIn(url)).toEqual(['b’s application'])
})

test('a worker is not active between two files', async () => {
  const url = await loggedDatabase(server, shop)
  const b = await begun(url, {})
  const active = async () =>
    (await once(url, 'SELECT count(*)::int AS n FROM dustpan.writer WHERE ended IS NULL')).rows[0].n
  await b.scope.run(() => b.client.query(user('b’s test')))
  expect(await active()).toBe(1)
  await b.scope.close('passed', noRetry)
  await b.worker.session.release()
  expect(await active()).toBe(0)
  b.worker.openFile('another.test.ts')
  await expect.poll(active).toBe(1)
  await b.worker.session[Symbol.asyncDispose]()
  expect(await active()).toBe(0)
})

test('a role that may not announce its run gets a DUSTPAN_LOG_MISSING warning, and its statements succeed', async () => {
  const url = await loggedDatabase(server, shop)
  const role = new URL(url)
  role.username = `plain_${role.pathname.slice(1)}`
  await once(
    url,
    `CREATE ROLE ${role.username} LOGIN PASSWORD 'secret'; GRANT ALL ON users, users_id_seq TO ${role.username}`,
  )
  role.password = 'secret'
  const b = await begun(role.href, {})
  await b.scope.run(() => b.client.query(user('b’s test')))
  const report = await b.scope.close('passed', noRetry)
  expect(report?.totals).toMatchObject({ tracked: 1, removed: 1 })
  expect(report?.warnings).toMatchObject([
    {
      code: 'DUSTPAN_LOG_MISSING',
      message: expect.stringMatching(/^Other runs cannot see .* and may remove what it writes: .*permission denied/),
    },
  ])
})

test('two runs that collect from the log both warn of unnamed rows, and status counts them', async () => {
  const url = await loggedDatabase(server, shop)
  const runs = [await begun(url), await begun(url)] as const
  for (const { scope, client } of runs) await scope.run(() => client.query(user('a test’s')))
  await once(url, cat('an application’s'))
  for (const { scope, worker } of runs) {
    await scope.close('passed', noRetry)
    await worker.file.close('passed', noRetry)
  }
  expect(await namesIn(url)).toEqual(['an application’s'])
  for (const { run } of runs) {
    const report = await run.main.end('passed')
    expect(report?.warnings).toMatchObject([{ message: expect.stringMatching(/: 1 of cats$/) }])
  }
  expect((await logOf(url).status(undefined, connectContext)).waiting).toMatchObject([{ lines: 1 }])
})
