/** Collecting from the log after tables, options, disks or clocks have changed. */

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { collect, connectContext } from '@dustpan/conformance/application-log'
import { once, testName } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import { afterEach, expect, test, vi } from 'vitest'
import { application, connectTo, install, logged, loggedDatabase, logOf, uninstall } from './database.ts'
import { startRun } from './run.ts'

const server = await testServer()
afterEach(() => vi.useRealTimers())

const users = 'CREATE TABLE users (id serial PRIMARY KEY, email text)'
const insert = `INSERT INTO users (email) VALUES ('a') RETURNING id`
const noRetry = { willRetry: false } as const

test.each([
  ['is another column', 'PRIMARY KEY (number)', 102],
  ['has one more column', 'PRIMARY KEY (id, number)', [10, 102]],
])('log lines from before the primary key changed are not collected, with a warning: it %s', async (_, key, found) => {
  const url = await loggedDatabase(server, 'CREATE TABLE t (id int PRIMARY KEY, number int NOT NULL)')
  const app = await application(url)
  await app.as('r', 's', 'INSERT INTO t VALUES (7, 100)')
  await once(url, `ALTER TABLE t DROP CONSTRAINT t_pkey; ALTER TABLE t ADD ${key}; INSERT INTO t VALUES (8, 7)`)
  await app.as('r', 's', 'INSERT INTO t VALUES (9, 101)')
  await install(url)
  await app.as('r', 's', 'INSERT INTO t VALUES (10, 102)')
  const { rows, warnings } = await collect(await connectTo(url), { run: 'r', writer: 'w', scopes: ['s'] })
  expect(rows.map(({ keys }) => keys)).toEqual([[found]])
  expect(warnings).toEqual([
    expect.stringMatching(/^DUSTPAN_ROWS_UNATTRIBUTED: .* rows of t that .*\(its primary key was another one\)/),
  ])
})

test('rows of a rewritten table are not collected, with a warning if they may still exist', async () => {
  const url = await loggedDatabase(server, `${users}; CREATE TABLE gone (id int PRIMARY KEY)`)
  await (await application(url)).as('r', 's', `${insert}; ${insert}; INSERT INTO gone VALUES (1)`)
  await once(url, 'VACUUM FULL users')
  await once(url, 'TRUNCATE gone')
  const { names, warnings } = await collect(await connectTo(url), { run: 'r' })
  expect(names).toEqual([])
  expect(warnings).toEqual([expect.stringMatching(/^DUSTPAN_ROWS_UNATTRIBUTED: .*inserted 2 rows into users .*VACUUM/)])
})

test('rows of a table with a key that is no longer valid stay in the log, and those of others are collected', async () => {
  const url = await loggedDatabase(
    server,
    `CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE moods (k mood PRIMARY KEY); ${users}`,
  )
  const app = await application(url)
  await app.as('r', 's', `INSERT INTO moods VALUES ('sad'), ('ok'); ${insert}`)
  await once(url, `ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'`)
  const request = { run: 'r', writer: 'w', scopes: ['s'] }
  const { names, warnings } = await collect(await connectTo(url), request)
  expect(names).toEqual(['s users 1'])
  expect(warnings).toEqual([
    expect.stringMatching(
      /^DUSTPAN_ROWS_UNATTRIBUTED: .*rows of moods .*\(invalid input value for enum mood: "sad"\): they stay in the log/,
    ),
  ])
  expect(await logged(url)).toHaveLength(2)
  await once(url, `ALTER TYPE mood RENAME VALUE 'blue' TO 'sad'`)
  expect((await collect(await connectTo(url), request)).names).toEqual(['s moods "ok"', 's moods "sad"'])
  expect(await logged(url)).toEqual([])
})

test('rows with a key that is no longer valid stay in the log if they were deleted and inserted again', async () => {
  const url = await loggedDatabase(
    server,
    `CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE moods (k mood PRIMARY KEY); INSERT INTO moods VALUES ('sad'); ${users}`,
  )
  const app = await application(url)
  await app.as('r', 's', `DELETE FROM moods; INSERT INTO moods VALUES ('sad'); ${insert}`)
  await once(url, `ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'`)
  const { names, warnings } = await collect(await connectTo(url, { application: { restore: true } }), {
    run: 'r',
    writer: 'w',
    scopes: ['s'],
  })
  expect(names).toEqual(['s users 1'])
  expect(warnings).toEqual([expect.stringMatching(/^DUSTPAN_ROWS_UNATTRIBUTED: .*rows of moods .*stay in the log/)])
  expect(await logged(url)).toHaveLength(2)
})

test('a rewritten table with another type of key does not hide the warning about another table', async () => {
  const url = await loggedDatabase(server, `CREATE TABLE a (id text PRIMARY KEY); ${users}`)
  await (await application(url)).as('r', 's', `INSERT INTO a VALUES ('x'); ${insert}`)
  await once(url, 'ALTER TABLE a ALTER id TYPE int USING 1')
  await once(url, 'VACUUM FULL users')
  const { names, warnings } = await collect(await connectTo(url), { run: 'r', writer: 'w', scopes: ['s'] })
  expect(names).toEqual([])
  expect(warnings).toEqual([
    expect.stringMatching(
      /^DUSTPAN_ROWS_UNATTRIBUTED: .*1 rows into a, .*could not be looked at \(invalid input syntax/,
    ),
    expect.stringMatching(/^DUSTPAN_ROWS_UNATTRIBUTED: .*inserted 1 rows into users .*VACUUM/),
  ])
})

test('a locked log fails with DUSTPAN_LOG_MISSING and can be collected later', async () => {
  const url = await loggedDatabase(server, users)
  const app = await application(url)
  await app.as('r', 's', insert)
  const connection = await connectTo(url)
  await app.client.query('BEGIN; LOCK dustpan.log')
  await expect(collect(connection, { run: 'r', writer: 'w', scopes: ['s'] })).rejects.toMatchObject({
    code: 'DUSTPAN_LOG_MISSING',
    message: expect.stringContaining('lock timeout (SQLSTATE 55P03)'),
  })
  await app.client.query('ROLLBACK')
  expect((await collect(connection, { run: 'r', writer: 'w', scopes: ['s'] })).names).toEqual(['s users 1'])
})

test('a table with a JSON key is not logged, and rows that an old trigger logged are not collected', async () => {
  const url = await loggedDatabase(
    server,
    `CREATE TABLE prefs (k jsonb PRIMARY KEY); INSERT INTO prefs VALUES ('5'); CREATE TABLE pairs (a int, b jsonb, PRIMARY KEY (a, b)); ${users}`,
  )
  const { tables } = await logOf(url).status(undefined, connectContext)
  expect(tables.map(({ table, state }) => [table, state])).toEqual([
    ['pairs', 'left'],
    ['prefs', 'left'],
    ['users', 'logged'],
  ])
  expect(tables[1]?.why).toBe('k in its primary key is an array, a row or JSON, by which no row can be found again')
  const {
    rows: [{ oid }],
  } = await once(url, `SELECT 'prefs'::regclass::oid`)
  await once(
    url,
    `CREATE TRIGGER dustpan_${oid} AFTER INSERT ON prefs FOR EACH ROW EXECUTE FUNCTION dustpan.log_row('claim', 'k')`,
  )
  await (await application(url)).as('r', 's', `INSERT INTO prefs VALUES ('"5"'), ('"theme"'); ${insert}`)
  const { names, warnings } = await collect(await connectTo(url), { run: 'r', writer: 'w', scopes: ['s'] })
  expect(names).toEqual(['s users 1'])
  expect(warnings).toEqual([
    expect.stringMatching(
      /^DUSTPAN_ROWS_UNATTRIBUTED: .*rows of prefs that could not be logged \(its primary key is JSON\)/,
    ),
  ])
  expect(await install(url)).toEqual([expect.stringMatching(/^DROP TRIGGER .* ON "public"."prefs"$/)])
})

test('rows of a table that is ignored since then are not collected, and install drops its trigger', async () => {
  const url = await loggedDatabase(server, users)
  await (await application(url)).as('r', 's', insert)
  const options = { application: true, ignoreTables: ['users'] }
  expect((await collect(await connectTo(url, options), { run: 'r', writer: 'w', scopes: ['s'] })).names).toEqual([])
  expect(await install(url, options)).toEqual([
    expect.stringMatching(/^DROP TRIGGER "dustpan_\d+" ON "public"."users"$/),
  ])
  expect((await logOf(url, options).status(undefined, connectContext)).state).toBe('installed')
})

test('rows that a worker cannot record stay in the log until the main process records them', async () => {
  const url = await loggedDatabase(server, users)
  const run = await startRun(url)
  const worker = await run.worker()
  const scope = worker.openTest('t')
  await scope.ready()
  const ledger = join(run.folder, '.dustpan')
  rmSync(ledger, { recursive: true, force: true, maxRetries: 10 })
  writeFileSync(ledger, 'no folder')
  await (await application(url)).as(run.id, scope.id, insert)
  expect((await scope.close('failed', noRetry))?.totals).toMatchObject({ kept: 1 })
  await worker.file.close('passed', noRetry)
  expect(await logged(url)).toHaveLength(1)
  await worker.session[Symbol.asyncDispose]()
  rmSync(ledger)
  expect((await run.main.end('failed'))?.totals).toMatchObject({ tracked: 1, kept: 1 })
  expect(await logged(url)).toEqual([])
})

test('a finished run is remembered as long as the log has rows that may be its own', async () => {
  const url = await loggedDatabase(server, `${users}; CREATE TABLE orders (id int PRIMARY KEY)`)
  const app = await application(url)
  const ago = (hours: number) => `now() - interval '${hours} hours'`
  await once(url, `INSERT INTO dustpan.writer VALUES ('other', 'w', ${ago(72)}, ${ago(48)}, ${ago(48)})`)
  await app.client.query(insert)
  await app.as('r', 's', 'INSERT INTO orders VALUES (1)')
  await once(url, `UPDATE dustpan.log SET at = ${ago(60)}`)
  const connection = await connectTo(url)
  await collect(connection, { run: 'third' })
  const during = { from: Date.now() - 70 * 3_600_000, to: Date.now() }
  expect((await collect(connection, { run: 'r', alone: during })).names).toEqual(['s orders 1'])
  await collect(connection, { run: 'third' })
  await collect(connection, { run: 'third' })
  expect((await once(url, 'SELECT FROM dustpan.writer')).rows).toEqual([])
})

test('a faked clock does not change the attribution of rows', async () => {
  const url = await loggedDatabase(server, users)
  const alone = { from: Date.now() - 60_000, to: Date.now() + 60_000 }
  await (await application(url)).client.query(insert)
  const connection = await connectTo(url)
  vi.useFakeTimers({ toFake: ['Date'], now: 0 })
  expect((await collect(connection, { run: 'r', writer: 'w', scopes: ['s'], alone })).names).toEqual(['- users 1'])
})

test('install waits for locked tables without causing a deadlock for the application', async () => {
  const url = await server.database(
    ['a', 'b', 'c'].map((name) => `CREATE TABLE ${name} (id int PRIMARY KEY)`).join(';'),
  )
  const [{ client: app }, { client: other }] = [await application(url), await application(url)]
  await app.query('BEGIN; INSERT INTO c VALUES (1)')
  await other.query('BEGIN; INSERT INTO b VALUES (1)')
  const installing = install(url)
  const waits = `SELECT FROM pg_stat_activity WHERE application_name = 'dustpan' AND datname = current_database() AND wait_event_type = 'Lock'`
  await vi.waitUntil(async () => (await once(url, waits)).rows.length > 0, { timeout: 20_000 })
  // PostgreSQL looks for deadlocks after a second: by then `b` is free, and each would wait for the other.
  const inserted = app.query('INSERT INTO a VALUES (1)')
  setTimeout(() => void other.query('COMMIT'), 700)
  await expect(inserted).resolves.toBeDefined()
  await app.query('COMMIT')
  await installing
  expect((await logOf(url).status(undefined, connectContext)).state).toBe('installed')
}, 15_000)

test('uninstall by a role with the TRIGGER privilege on a table removes everything that it installed', async () => {
  const helper = testName()
  const url = await server.database(
    `CREATE ROLE ${helper} LOGIN PASSWORD 'helper'; ${users}; CREATE TABLE mine (id int PRIMARY KEY);
     GRANT TRIGGER ON users TO ${helper}; ALTER TABLE mine OWNER TO ${helper};
     DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO ${helper}', current_database()); END $$`,
  )
  const as = new URL(url)
  Object.assign(as, { username: helper, password: 'helper' })
  await install(as.href)
  await uninstall(as.href)
  const leftovers = `SELECT tgname FROM pg_trigger WHERE NOT tgisinternal UNION ALL SELECT nspname FROM pg_namespace WHERE nspname = 'dustpan'`
  expect((await once(url, leftovers)).rows).toEqual([])
})

test('rows whose keys were swapped, or changed by others, are not collected, with a warning', async () => {
  const key = 'PRIMARY KEY (pos) DEFERRABLE INITIALLY DEFERRED'
  const url = await loggedDatabase(server, `CREATE TABLE list (pos int, whose text, ${key}); ${users}`)
  const app = await application(url)
  await app.as('r', 's', `INSERT INTO list VALUES (2, 'mine'); ${insert}`)
  await once(url, `SET dustpan.off = 'on'; INSERT INTO list VALUES (1, 'somebody’s')`)
  await app.as('r', 's', 'UPDATE list SET pos = 3 - pos')
  await once(url, 'UPDATE users SET id = 60')
  const { names, warnings } = await collect(await connectTo(url), { run: 'r', writer: 'w', scopes: ['s'] })
  expect(names).toEqual([])
  const warningFor = (table: string) =>
    expect.stringMatching(
      new RegExp(`^DUSTPAN_ROWS_UNATTRIBUTED: 1 rows .* into ${table} were given another key .* not removed$`),
    )
  expect(warnings.toSorted()).toEqual([warningFor('list'), warningFor('users')])
})
