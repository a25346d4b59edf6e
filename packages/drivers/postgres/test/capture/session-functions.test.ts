/** Functions that change the role or the search path of the session. */
import { RecordingSink, RemovedSink } from '@dustpan/conformance/capture'
import { testName } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import pg from 'pg'
import postgresJs from 'postgres'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { postgresJsInstrument } from '../../src/capture/postgres-js/instrument.ts'
import { capturedClient } from './captured-client.ts'

const role = testName()
const schema = `
  CREATE SCHEMA w1; CREATE TABLE w1.users (id int PRIMARY KEY); INSERT INTO w1.users VALUES (1);
  CREATE SCHEMA w2; CREATE TABLE w2.users (id int PRIMARY KEY); INSERT INTO w2.users VALUES (1);
  CREATE FUNCTION enter(text, bool) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN set_config('search_path', $1 || ', public', $2); END $$;
  CREATE PROCEDURE enter_by_call(text) LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('search_path', $1 || ', public', false); END $$;
  CREATE FUNCTION change_nothing() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$; CREATE FUNCTION lower() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
  CREATE VIEW entering AS SELECT enter('w2', false);
  CREATE TABLE inbox (id serial PRIMARY KEY, tenant text); ALTER TABLE inbox ENABLE ROW LEVEL SECURITY;
  CREATE POLICY w ON inbox FOR INSERT WITH CHECK (true);
  CREATE POLICY r ON inbox FOR SELECT USING (tenant = current_setting('app.tenant', true));
  DO $$ BEGIN CREATE ROLE ${role}; EXCEPTION WHEN OTHERS THEN NULL; END $$;
  GRANT SELECT, INSERT ON inbox TO ${role}; GRANT USAGE ON SEQUENCE inbox_id_seq TO ${role};
  CREATE FUNCTION login(text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('app.tenant', $1, true); PERFORM set_config('role', '${role}', true); END $$;
  CREATE FUNCTION login_abroad(text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM login($1); PERFORM set_config('timezone', 'Asia/Tokyo', true); PERFORM set_config('datestyle', 'German', true); END $$;
  CREATE FUNCTION enter_abroad(text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM enter($1, false); PERFORM set_config('timezone', 'Asia/Tokyo', false); END $$;
`

const server = await testServer()

async function clientIn(searchPath: string, sink: RecordingSink): Promise<pg.Client> {
  const url = new URL(await server.database(schema))
  url.searchParams.set('options', `-c search_path=${searchPath},public`)
  return capturedClient(url.href, sink)
}

test.each<{ how: string; queries: string[]; keys: object }>([
  {
    how: 'a function',
    queries: [
      'INSERT INTO users VALUES (7)',
      `SELECT enter('w2', false)`,
      'TRUNCATE users',
      'INSERT INTO users VALUES (1), (2)',
    ],
    keys: { 'w1.users': [7], 'w2.users': [2] },
  },
  {
    how: 'a procedure',
    queries: [
      'INSERT INTO users VALUES (7)',
      `CALL enter_by_call('w2')`,
      'TRUNCATE users',
      'INSERT INTO users VALUES (1), (2)',
    ],
    keys: { 'w1.users': [7], 'w2.users': [2] },
  },
  {
    how: 'a function behind a view',
    queries: [
      'INSERT INTO users VALUES (7)',
      'SELECT * FROM entering',
      'TRUNCATE users',
      'INSERT INTO users VALUES (1), (2)',
    ],
    keys: { 'w1.users': [7], 'w2.users': [2] },
  },
  {
    how: 'a function until the end of the transaction',
    queries: [
      'INSERT INTO users VALUES (7)',
      'BEGIN',
      `SELECT enter('w2', true)`,
      'INSERT INTO users VALUES (9)',
      'COMMIT',
      'TRUNCATE users',
      'INSERT INTO users VALUES (1), (2)',
    ],
    keys: { 'w1.users': [2], 'w2.users': [9] },
  },
  {
    how: 'a function until the end of the first transaction of the session',
    queries: [
      'BEGIN',
      `SELECT enter('w2', true)`,
      'INSERT INTO users VALUES (9)',
      'COMMIT',
      'TRUNCATE users',
      'INSERT INTO users VALUES (1), (2)',
    ],
    keys: { 'w1.users': [2], 'w2.users': [9] },
  },
  {
    how: 'a function behind a view until the end of the transaction',
    queries: [
      `CREATE OR REPLACE VIEW entering AS SELECT enter('w2', true)`,
      'INSERT INTO users VALUES (7)',
      'BEGIN',
      'SELECT * FROM entering',
      'INSERT INTO users VALUES (9)',
      'INSERT INTO users VALUES (10)',
      'COMMIT',
      'TRUNCATE users',
      'INSERT INTO users VALUES (1), (2)',
    ],
    keys: { 'w1.users': [2], 'w2.users': [9, 10] },
  },
])(
  'TRUNCATE is attributed to the table that it emptied where the search path was set by $how',
  async ({ queries, keys }) => {
    const sink = new RemovedSink('test')
    const client = await clientIn('w1', sink)
    for (const query of queries) await client.query(query)
    expect(sink.keys()).toEqual(keys)
    expect(sink.warnings).toEqual([])
  },
)

test('postgres.js: TRUNCATE is attributed to the table that it emptied where a procedure set the search path', async () => {
  const sink = new RemovedSink('test')
  const installed = postgresJsInstrument({ serves: () => true, ignoreTables: [] }).install(postgresJs, sink)
  const sql = postgresJs(await server.database(schema), { max: 1, connection: { search_path: 'w1,public' } })
  onTestFinished(async () => {
    installed[Symbol.dispose]()
    await sql.end({ timeout: 1 })
  })
  await sql`INSERT INTO users VALUES (7)`
  await sql`CALL enter_by_call('w2')`
  await sql`TRUNCATE users`
  await sql`INSERT INTO users VALUES (1), (2)`
  expect(sink.keys()).toEqual({ 'w1.users': [7], 'w2.users': [2] })
})

describe('postgres.js', () => {
  async function pool(sink: RecordingSink) {
    const installed = postgresJsInstrument({ serves: () => true, ignoreTables: [] }).install(postgresJs, sink)
    const sql = postgresJs(await server.database(schema), { max: 3 })
    onTestFinished(async () => {
      installed[Symbol.dispose]()
      await sql.end({ timeout: 1 })
    })
    await sql`INSERT INTO inbox (tenant) VALUES ('first')`
    return sql
  }

  test('an INSERT is sent unchanged in a transaction with another role while others insert as the owner', async () => {
    const sink = new RecordingSink('test')
    const sql = await pool(sink)
    await sql.begin(async (a) => {
      await a`SELECT login('a')`
      await sql.begin(async (b) => {
        await b`INSERT INTO inbox (tenant) VALUES ('b')`
        await a`INSERT INTO inbox (tenant) VALUES ('other')`
      })
    })
    expect(sink.keys()).toEqual({ inbox: [1, 2] })
  })

  test('an INSERT of the owner is tracked after a transaction with another role that overlapped with others', async () => {
    const sink = new RecordingSink('test')
    const sql = await pool(sink)
    await sql.begin(async (a) => {
      await a`SELECT login('a')`
      await sql.begin((b) => b`SELECT 1`)
      await a`INSERT INTO inbox (tenant) VALUES ('other')`
    })
    await sql`INSERT INTO inbox (tenant) VALUES ('c')`
    expect(sink.keys()).toEqual({ inbox: [1, 3] })
    expect(sink.warnings).toHaveLength(1)
  })

  test('an INSERT is sent unchanged in the transaction around a savepoint in which a function set the role', async () => {
    const sink = new RecordingSink('test')
    const sql = await pool(sink)
    await sql.begin(async (tx) => {
      await tx.savepoint((point) => point`SELECT login('a')`)
      await tx`INSERT INTO inbox (tenant) VALUES ('other')`
      await tx.savepoint((point) => point`INSERT INTO inbox (tenant) VALUES ('other')`)
    })
    expect(sink.keys()).toEqual({ inbox: [1] })
  })

  test('an EXECUTE in a transaction is tracked where the statement was prepared outside of it', async () => {
    const sink = new RecordingSink('test')
    const installed = postgresJsInstrument({ serves: () => true, ignoreTables: [] }).install(postgresJs, sink)
    const sql = postgresJs(await server.database(schema), { max: 1 })
    onTestFinished(async () => {
      installed[Symbol.dispose]()
      await sql.end({ timeout: 1 })
    })
    await sql.unsafe(`PREPARE made AS INSERT INTO inbox (tenant) VALUES ('a')`)
    await sql.begin((tx) => tx.unsafe('EXECUTE made'))
    expect(sink.keys()).toEqual({ inbox: [1] })
  })
})

test.each([
  { login: 'login', name: undefined, how: 'an INSERT' },
  { login: 'login_abroad', name: undefined, how: 'an INSERT, in another time zone,' },
  { login: 'login', name: 'made', how: 'an INSERT that was prepared for the owner' },
])('$how is sent unchanged where a function set a role that row-level security applies to', async ({ login, name }) => {
  const sink = new RecordingSink('test')
  const client = await clientIn('public', sink)
  const insert = (tenant: string) =>
    client.query({ text: 'INSERT INTO inbox (tenant) VALUES ($1)', values: [tenant], ...(name ? { name } : {}) })
  await insert('a')
  await client.query('BEGIN')
  await client.query(`SELECT ${login}('a')`)
  await insert('b')
  await client.query('COMMIT')
  await insert('c')
  expect(sink.keys()).toEqual({ inbox: [1, 3] })
  expect(sink.warnings).toMatchObject([
    { code: 'DUSTPAN_SQL_UNATTRIBUTED', message: expect.stringContaining('row-level') },
  ])
})

test('rows are recorded under the right tables after a function set the search path and the time zone', async () => {
  const sink = new RecordingSink('test')
  const moved = await clientIn('w1', sink)
  await moved.query('INSERT INTO inbox DEFAULT VALUES')
  await moved.query(`SELECT enter_abroad('w2')`)
  await moved.query('INSERT INTO users VALUES (7)')
  const { host, port, user, database, password } = moved
  const client = new pg.Client({
    host,
    port,
    user,
    database,
    password: password ?? '',
    options: '-c search_path=w1,public',
  })
  await client.connect()
  onTestFinished(() => client.end())
  await client.query('INSERT INTO users VALUES (8)')
  expect(sink.keys()).toEqual({ inbox: [1], 'w2.users': [7], 'w1.users': [8] })
  expect(sink.warnings).toEqual([])
})

test('a TRUNCATE with a schema after a function call in the same text does not affect other tables', async () => {
  const sink = new RecordingSink('test')
  const client = await clientIn('w1', sink)
  await client.query('INSERT INTO w1.users VALUES (7); INSERT INTO w2.users VALUES (7)')
  await client.query('SELECT change_nothing(); TRUNCATE w1.users')
  await client.query('INSERT INTO w2.users VALUES (8)')
  expect(sink.keys()).toEqual({ 'w2.users': [7, 8] })
  expect(sink.warnings).toEqual([])
})

test.each([
  { query: 'SELECT 1', asked: 0 },
  { query: `SELECT lower('A'), count(*), coalesce(max(id), 0) FROM users WHERE id IN (1, 2)`, asked: 0 },
  { query: 'WITH a(id) AS (VALUES (1)) SELECT row_number() OVER (ORDER BY id) FROM a', asked: 0 },
  { query: 'SELECT change_nothing()', asked: 1 },
  { query: 'SELECT public.lower()', asked: 1 },
])('an INSERT after $query sends $asked extra queries', async ({ query, asked }) => {
  const client = await clientIn('w1', new RecordingSink('test'))
  await client.query('INSERT INTO users VALUES (2)')
  const parse = vi.spyOn((client as unknown as { connection: pg.Connection }).connection, 'parse')
  await client.query(query)
  expect(parse).toHaveBeenCalledTimes(0)
  await client.query('INSERT INTO users VALUES (3)')
  expect(parse).toHaveBeenCalledTimes(asked)
})
