import { RecordingSink } from '@dustpan/conformance/capture'
import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import pg from 'pg'
import postgresJs from 'postgres'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { pgInstrument } from '../../src/capture/instrument.ts'
import { postgresJsInstrument } from '../../src/capture/postgres-js/instrument.ts'

const schema = `
  CREATE TABLE users (id int PRIMARY KEY, who text);
  CREATE SCHEMA tenant;
  CREATE TABLE tenant.users (id int PRIMARY KEY, who text);
  CREATE SCHEMA later;
  CREATE FUNCTION make_tenant() RETURNS void LANGUAGE sql AS 'CREATE TABLE later.users (id int PRIMARY KEY, who text)';
  CREATE FUNCTION enter() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('search_path', 'tenant', false); END $$;
  CREATE TABLE odd (code text PRIMARY KEY);
  CREATE TABLE tenant.odd (id int PRIMARY KEY, code text);
  CREATE TABLE split (id int PRIMARY KEY) PARTITION BY LIST (id);
  CREATE TABLE split_all PARTITION OF split DEFAULT;
  CREATE TABLE tenant.split (id int PRIMARY KEY) PARTITION BY LIST (id);
  CREATE TABLE tenant.split_all PARTITION OF tenant.split DEFAULT;
`

const server = await testServer()
let url: string
let sink: RecordingSink
let installed: Disposable[]

beforeEach(async () => {
  url = await server.database(schema)
  sink = new RecordingSink('test')
  const rules = { serves: () => true, ignoreTables: [] }
  installed = [pgInstrument(rules).install(pg, sink), postgresJsInstrument(rules).install(postgresJs, sink)]
})
afterEach(() => {
  for (const one of installed) one[Symbol.dispose]()
})

async function send(queries: readonly (string | pg.QueryConfig)[], options = ''): Promise<void> {
  const client = new pg.Client({ connectionString: url, options })
  await client.connect()
  for (const query of queries) await client.query(query)
  await client.end()
}

const insert = (id: number) => `INSERT INTO users VALUES (${id}, 'mine')`
const named = (id: number) => ({ name: 'n', text: 'INSERT INTO users (id) VALUES ($1)', values: [id] })

describe('a row is recorded under the table that it was inserted into', () => {
  const inTenant = { users: [1], 'tenant.users': [2] }
  test.each<{ how: string; queries: (string | pg.QueryConfig)[]; options?: string; keys: object }>([
    {
      how: 'after a function created a table that is earlier in the search path',
      queries: [insert(1), 'SELECT make_tenant()', insert(2)],
      options: '-c search_path=later,public',
      keys: { users: [1], 'later.users': [2] },
    },
    { how: 'after a function set the search path', queries: [insert(1), 'SELECT enter()', insert(2)], keys: inTenant },
    {
      how: 'after SET search_path in the same text',
      queries: [insert(1), `SET search_path TO tenant; ${insert(2)}`],
      keys: inTenant,
    },
    {
      how: 'by a named statement after SET search_path',
      queries: [named(1), 'SET search_path TO tenant', named(2)],
      keys: inTenant,
    },
    {
      how: 'after ROLLBACK TO a savepoint restored the search path',
      queries: [
        'BEGIN',
        'SET LOCAL search_path TO tenant',
        'SAVEPOINT s',
        'SET LOCAL search_path TO public',
        insert(1),
        'ROLLBACK TO s',
        insert(2),
        'COMMIT',
      ],
      keys: { 'tenant.users': [2] },
    },
    {
      how: 'in WITH after a function set the search path',
      queries: [insert(1), 'SELECT enter()', `WITH n AS (${insert(2)} RETURNING id) SELECT * FROM n`],
      keys: inTenant,
    },
    {
      how: 'into a partitioned table after a function set the search path',
      queries: ['INSERT INTO split VALUES (1)', 'SELECT enter()', 'INSERT INTO split VALUES (2)'],
      keys: { split: [1], 'tenant.split': [2] },
    },
    {
      how: 'and DELETE ends the records of the right table after a function set the search path',
      queries: [insert(1), 'SELECT enter()', insert(1), 'DELETE FROM users'],
      keys: { users: [1] },
    },
  ])('$how', async ({ queries, options = '', keys }) => {
    await send(queries, options)
    expect(sink.keys()).toEqual(keys)
    expect(sink.warnings).toEqual([])
  })
})

test('a row is recorded under a table that another client created since the last INSERT', async () => {
  await send([insert(1)], '-c search_path=later,public')
  await once(url, 'SELECT make_tenant()')
  await send([insert(1)], '-c search_path=later,public')
  expect(sink.keys()).toEqual({ users: [1], 'later.users': [1] })
})

test('a row of a table with another key than expected is not tracked, with a warning, and the next one is', async () => {
  await send([
    `INSERT INTO odd (code) VALUES ('1')`,
    'EXPLAIN ANALYZE SELECT enter()',
    `INSERT INTO odd (code, id) VALUES ('x', 1)`,
    `INSERT INTO odd (code, id) VALUES ('y', 2)`,
  ])
  expect(sink.keys()).toEqual({ odd: ['1'], 'tenant.odd': [2] })
  expect(sink.warnings).toMatchObject([{ code: 'DUSTPAN_SQL_UNATTRIBUTED' }])
  expect(sink.intents.filter(({ outcome }) => outcome === 'open')).toEqual([])
})

test('postgres.js: a row is recorded under the right table after a savepoint restored the search path', async () => {
  const sql = postgresJs(url, { onnotice: () => {}, max: 1 })
  onTestFinished(() => sql.end({ timeout: 1 }))
  await sql.begin(async (tx) => {
    await tx`SET LOCAL search_path TO tenant`
    await tx
      .savepoint(async (point) => {
        await point`SET LOCAL search_path TO public`
        await point`INSERT INTO users (id) VALUES (1)`
        throw new Error('back')
      })
      .catch(() => {})
    await tx`INSERT INTO users (id) VALUES (2)`
  })
  await sql`INSERT INTO users (id) VALUES (3)`
  expect(sink.keys()).toEqual({ 'tenant.users': [2], users: [3] })
})

test('postgres.js: one row is not tracked, with a warning, after a function set the search path unseen', async () => {
  const sql = postgresJs(url, { onnotice: () => {}, max: 1 })
  onTestFinished(() => sql.end({ timeout: 1 }))
  await sql`INSERT INTO users (id) VALUES (1)`
  await sql`EXPLAIN ANALYZE SELECT enter()`
  await sql`INSERT INTO users (id) VALUES (2)`
  await sql`INSERT INTO users (id) VALUES (3)`
  expect(sink.keys()).toEqual({ users: [1], 'tenant.users': [3] })
  expect(sink.warnings).toMatchObject([{ code: 'DUSTPAN_SQL_UNATTRIBUTED' }])
})
