import { connectContext } from '@dustpan/conformance/application-log'
import { once, testName } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import { expect, test } from 'vitest'
import { application, install, logged, loggedDatabase, logOf, uninstall } from './database.ts'

const server = await testServer()
const shop = `
CREATE TABLE users (id serial PRIMARY KEY, email text UNIQUE);
CREATE TABLE orders (id bigserial PRIMARY KEY, user_id int REFERENCES users ON DELETE CASCADE);
CREATE TABLE notes (body text);
CREATE SCHEMA "Odd; schema";
CREATE TABLE "Odd; schema"."T.a""b'ü;" ("the key" uuid DEFAULT gen_random_uuid(), "b'\\" int, PRIMARY KEY ("the key", "b'\\"));
CREATE TABLE events (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE lists (id int[] PRIMARY KEY);
CREATE VIEW all_users AS SELECT * FROM users;`

/** Every object of the database, as a dump would show it. */
const catalogSql = `
SELECT string_agg(line, E'\\n' ORDER BY line) AS catalog FROM (
  SELECT 'relation ' || concat(c.oid::regclass, c.relkind, c.relacl, c.reltriggers) AS line FROM (
    SELECT *, (SELECT count(*) FROM pg_trigger t WHERE t.tgrelid = k.oid) AS reltriggers FROM pg_class k) c WHERE c.relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  UNION ALL SELECT 'function ' || p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
  UNION ALL SELECT 'schema ' || nspname || coalesce(nspacl::text, '') FROM pg_namespace
  UNION ALL SELECT 'type ' || t.oid::regtype FROM pg_type t WHERE t.typnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  UNION ALL SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL SELECT concat('constraint ', conrelid::regclass, conname) FROM pg_constraint WHERE conrelid <> 0
  UNION ALL SELECT concat('comment ', classoid, objoid, description) FROM pg_description WHERE objoid >= 16384 OR description LIKE '%Dustpan%'
  UNION ALL SELECT 'event trigger ' || evtname FROM pg_event_trigger
  UNION ALL SELECT 'setting ' || array_to_string(setconfig, ',') FROM pg_db_role_setting WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
) lines`

test('uninstall restores the catalog to its state before install', async () => {
  const url = await server.database(shop)
  const catalog = async () => (await once(url, catalogSql)).rows[0].catalog
  const before = await catalog()
  await install(url)
  expect(await catalog()).toContain('dustpan.log')
  await once(url, `INSERT INTO users (email) VALUES ('a')`)
  await uninstall(url)
  expect(await catalog()).toBe(before)
  expect(await uninstall(url)).toEqual([])
})

test('install does nothing the second time, and names the tables whose primary key it cannot use', async () => {
  const url = await server.database(shop)
  const log = logOf(url)
  expect(await log.status(undefined, connectContext)).toMatchObject({ state: 'missing', waiting: [] })
  const plan = await log.plan('install', undefined, connectContext)
  expect(plan.left).toEqual([
    {
      table: 'lists',
      state: 'left',
      why: 'id in its primary key is an array, a row or JSON, by which no row can be found again',
    },
    {
      table: 'notes',
      state: 'left',
      code: 'DUSTPAN_NO_PRIMARY_KEY',
      why: 'it has no primary key by which a row could be found again',
    },
  ])
  expect(
    plan.statements.filter((sql) => sql.startsWith('CREATE TRIGGER')).map((sql) => /ON (.*)\n/.exec(sql)?.[1]),
  ).toEqual([`"Odd; schema"."T.a""b'ü;"`, '"public"."events"', '"public"."orders"', '"public"."users"'])
  await log.apply(plan, connectContext)
  expect(await log.status(undefined, connectContext)).toMatchObject({ state: 'installed' })
  expect((await log.plan('install', undefined, connectContext)).statements).toEqual([])
})

test('status counts unnamed rows that still exist, and not updates or deletions', async () => {
  const url = await server.database(`${shop} INSERT INTO users (email) VALUES ('a'), ('b')`)
  await install(url, { application: { unattributed: 'leave' } })
  const waiting = async () => (await logOf(url).status(undefined, connectContext)).waiting
  await once(
    url,
    `DELETE FROM users WHERE id = 1; UPDATE users SET email = 'c'; INSERT INTO users (email) VALUES ('d')`,
  )
  expect(await waiting()).toMatchObject([{ lines: 1 }])
  await once(url, `DELETE FROM users WHERE email = 'd'`)
  expect(await waiting()).toEqual([])
})

test('install after changes of tables, keys and options does only what is missing', async () => {
  const url = await loggedDatabase(server, shop)
  await once(
    url,
    `DROP TABLE orders; CREATE TABLE bills (id int PRIMARY KEY); ALTER TABLE users RENAME TO people;
     ALTER TABLE people RENAME COLUMN id TO number; ALTER TABLE notes ADD COLUMN id serial PRIMARY KEY;
     ALTER TABLE "Odd; schema"."T.a""b'ü;" DISABLE TRIGGER ALL`,
  )
  const { state, tables } = await logOf(url).status(undefined, connectContext)
  expect(state).toBe('stale')
  expect(Object.fromEntries(tables.map(({ table, state, why }) => [table, why ?? state]))).toEqual({
    '"Odd; schema"."T.a""b\'ü;"': 'its trigger is disabled',
    bills: 'missing',
    events: 'logged',
    lists: 'id in its primary key is an array, a row or JSON, by which no row can be found again',
    notes: 'missing',
    people: 'its primary key has changed',
  })
  expect((await install(url)).map((sql) => sql.split(' ')[0])).toEqual([
    'DROP',
    'CREATE',
    'CREATE',
    'CREATE',
    'DROP',
    'CREATE',
  ])
  expect((await logOf(url).status(undefined, connectContext)).state).toBe('installed')
  expect((await logOf(url, { application: { unattributed: 'leave' } }).status(undefined, connectContext)).state).toBe(
    'stale',
  )
  await install(url, { application: { unattributed: 'leave' } })
  await once(url, `INSERT INTO people (email) VALUES ('a')`)
  expect((await logged(url)).map(({ key }) => key)).toEqual([['1']])
})

test('an older log function keeps logging, is reported as stale, and is all that install replaces', async () => {
  const url = await loggedDatabase(server, shop)
  const body = (await once(url, `SELECT prosrc FROM pg_proc WHERE proname = 'log_row'`)).rows[0].prosrc as string
  const old = body.replace(/--.*\n/, '')
  expect(old).not.toBe(body)
  await once(
    url,
    `CREATE OR REPLACE FUNCTION dustpan.log_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $old$${old}$old$`,
  )
  await once(url, `INSERT INTO users (email) VALUES ('a')`)
  expect((await logOf(url).status(undefined, connectContext)).state).toBe('stale')
  expect((await install(url)).map((sql) => sql.slice(0, 40))).toEqual(['CREATE OR REPLACE FUNCTION dustpan.log_r'])
  await once(url, `INSERT INTO users (email) VALUES ('b')`)
  expect((await logged(url)).map(({ key }) => key)).toEqual([['1'], ['2']])
  expect((await logOf(url).status(undefined, connectContext)).state).toBe('installed')
})

test('install and uninstall apply only to the tables that are named, and not to ignored ones', async () => {
  const url = await server.database(shop)
  await install(url, { application: true }, ['users'])
  const states = async (options?: object) => {
    const { tables } = await logOf(url, options).status(undefined, connectContext)
    return tables.filter(({ state }) => state === 'logged').map(({ table }) => table)
  }
  expect(await states()).toEqual(['users'])
  await install(url, { application: true, ignoreTables: ['orders', '"Odd; schema"."T.a""b\'ü;"'] })
  expect(await states()).toEqual(['events', 'users'])
  await uninstall(url, ['users'])
  expect(await states()).toEqual(['events'])
  await expect(logOf(url).plan('install', ['nobody'], connectContext)).rejects.toMatchObject({
    code: 'DUSTPAN_INVALID_ARGUMENT',
  })
})

test('a schema `dustpan` that Dustpan did not create is refused with DUSTPAN_NOT_OURS', async () => {
  const url = await server.database('CREATE SCHEMA dustpan; CREATE TABLE dustpan.mine (id int)')
  for (const act of ['install', 'uninstall'] as const)
    await expect(logOf(url).plan(act, undefined, connectContext)).rejects.toMatchObject({ code: 'DUSTPAN_NOT_OURS' })
})

test('install fails on a locked table and changes nothing', async () => {
  const url = await server.database(shop)
  const { client } = await application(url)
  await client.query('BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE')
  const log = logOf(url)
  const plan = { statements: (await log.plan('install', undefined, connectContext)).statements, left: [] }
  await expect(log.apply(plan, connectContext)).rejects.toMatchObject({
    code: 'DUSTPAN_LOG_MISSING',
    hint: expect.stringContaining('Nothing was changed'),
  })
  await client.query('ROLLBACK')
  expect((await log.status(undefined, connectContext)).state).toBe('missing')
})

test('schema changes by the user succeed while the log is installed', async () => {
  const url = await loggedDatabase(server, shop)
  const { client } = await application(url)
  for (const sql of [
    `INSERT INTO users (email) VALUES ('a')`,
    'DROP VIEW all_users',
    'ALTER TABLE users RENAME COLUMN id TO number',
    `INSERT INTO users (email) VALUES ('b')`,
    'ALTER TABLE users ALTER COLUMN number TYPE bigint',
    `UPDATE users SET email = email || 'x'`,
    'ALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey',
    'ALTER TABLE users DROP CONSTRAINT users_pkey',
    'ALTER TABLE users DROP COLUMN number',
    `INSERT INTO users (email) VALUES ('c')`,
    'ALTER TABLE users ADD COLUMN id uuid DEFAULT gen_random_uuid() PRIMARY KEY',
    'DELETE FROM users',
    'CREATE TABLE copy (LIKE users INCLUDING ALL)',
    'INSERT INTO copy (email) VALUES (1)',
    `CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')`,
    `INSERT INTO events VALUES (1, '2026-02-02'), (2, '2026-01-02')`,
    `UPDATE events SET day = '2026-01-03' WHERE id = 1`,
    'ALTER TABLE events DETACH PARTITION events_1',
    'INSERT INTO events_1 SELECT 3, day FROM events_1 LIMIT 1',
    'DROP TABLE orders',
    'TRUNCATE users',
    'DROP SCHEMA public CASCADE',
  ])
    await client.query(sql)
})

test('a logged table that becomes a partition of a logged table is stale until the next install', async () => {
  const url = await server.database(`${shop} CREATE TABLE later (id int, day date, PRIMARY KEY (id, day))`)
  await install(url)
  await once(
    url,
    `ALTER TABLE events ATTACH PARTITION later FOR VALUES FROM ('2026-05-01') TO ('2026-06-01'); INSERT INTO events VALUES (1, '2026-05-02')`,
  )
  const { tables } = await logOf(url).status(undefined, connectContext)
  expect(tables.find(({ table }) => table === 'later')).toMatchObject({
    state: 'stale',
    why: 'it has become a partition, and its parent has the trigger',
  })
  expect(await install(url)).toHaveLength(1)
  expect((await logOf(url).status(undefined, connectContext)).state).toBe('installed')
})

test('rows of a role that may only insert are logged, and the role can neither read nor change the log', async () => {
  const url = await loggedDatabase(server, shop)
  const inserter = testName()
  await once(
    url,
    `CREATE ROLE ${inserter}; GRANT INSERT ON users TO ${inserter}; GRANT USAGE ON SEQUENCE users_id_seq TO ${inserter}`,
  )
  const { client } = await application(url)
  await client.query(`SET ROLE ${inserter}; SET search_path = pg_temp; CREATE TEMP TABLE log (x int)`)
  await client.query(`INSERT INTO public.users (email) VALUES ('a')`)
  for (const sql of ['SELECT FROM dustpan.log', 'DELETE FROM dustpan.log', 'SELECT dustpan.log_row()'])
    await expect(client.query(sql)).rejects.toThrow('permission denied')
  expect((await logged(url)).map(({ op, key }) => [op, key])).toEqual([['i', ['1']]])
})

test('a row that has no JSON form is inserted and logged without its key', async () => {
  const url = await loggedDatabase(server, 'CREATE TABLE odd (id int PRIMARY KEY, raw json)')
  await once(url, String.raw`INSERT INTO odd VALUES (1, '"\u0000"')`)
  expect(await logged(url)).toMatchObject([{ key: null, trouble: expect.stringContaining('Unicode') }])
})
