import { RemovedSink } from '@dustpan/conformance/capture'
import { testServer } from '@dustpan/conformance/servers/test-server'
import postgresJs from 'postgres'
import { expect, onTestFinished, test } from 'vitest'
import { postgresJsInstrument } from '../../src/capture/postgres-js/instrument.ts'
import { capturedClient } from './captured-client.ts'

const schema = `
  CREATE TABLE users (email text PRIMARY KEY);
  CREATE TABLE profiles (email text PRIMARY KEY REFERENCES users ON DELETE CASCADE);
  CREATE TABLE countries (id serial PRIMARY KEY, code text);
  CREATE TABLE cities (code text PRIMARY KEY);
  INSERT INTO users VALUES ('a'); INSERT INTO profiles VALUES ('a');
  INSERT INTO countries (code) VALUES ('DE'); INSERT INTO cities VALUES ('B');
`

const server = await testServer()

async function keysAfter(queries: readonly string[]) {
  const sink = new RemovedSink('test')
  const client = await capturedClient(await server.database(schema), sink)
  for (const query of queries) await client.query(query)
  expect(sink.intents.filter(({ outcome }) => outcome === 'open')).toEqual([])
  return { keys: sink.keys(), codes: sink.warnings.map(({ code }) => code) }
}

test.each([
  {
    how: 'by a cascade',
    queries: [
      `DELETE FROM users`,
      `INSERT INTO profiles SELECT 'a' WHERE false`,
      `INSERT INTO users VALUES ('b')`,
      `INSERT INTO profiles VALUES ('b')`,
    ],
    keys: { users: ['b'] },
  },
  {
    how: 'by MERGE',
    queries: [
      `MERGE INTO cities USING (VALUES ('B')) v(c) ON code = c WHEN MATCHED THEN DELETE`,
      `INSERT INTO cities VALUES ('B')`,
    ],
    keys: {},
  },
  {
    how: 'by DO',
    queries: [`DO 'BEGIN DELETE FROM cities; END'`, `INSERT INTO cities VALUES ('B')`],
    keys: {},
  },
])(
  'a row inserted after older rows may have been deleted $how is not tracked, with a warning',
  async ({ queries, keys }) => {
    const after = await keysAfter(queries)
    expect(after.keys).toEqual(keys)
    expect(after.codes).toContain('DUSTPAN_SQL_UNATTRIBUTED')
  },
)

test.each([
  {
    how: 'the server generated its key',
    queries: [
      'TRUNCATE countries',
      `INSERT INTO countries (code) VALUES ('DE')`,
      `INSERT INTO countries VALUES (DEFAULT, 'FR')`,
      `INSERT INTO countries (id, code) VALUES (DEFAULT, 'FR')`,
    ],
    keys: { countries: [2, 3, 4] },
  },
  {
    how: 'a cascade deleted only rows of the test',
    queries: [
      `INSERT INTO users VALUES ('b')`,
      `INSERT INTO profiles VALUES ('b')`,
      `DELETE FROM users WHERE email = 'b'`,
      `INSERT INTO users VALUES ('c')`,
      `INSERT INTO profiles VALUES ('c')`,
    ],
    keys: { users: ['c'], profiles: ['c'] },
  },
  {
    how: 'a DELETE matched no row',
    queries: [`DELETE FROM users WHERE false`, `INSERT INTO profiles VALUES ('x')`].toSpliced(
      1,
      0,
      `INSERT INTO users VALUES ('x')`,
    ),
    keys: { users: ['x'], profiles: ['x'] },
  },
  {
    how: 'a DO block deleted nothing',
    queries: [`DO 'BEGIN UPDATE cities SET code = code; END'`, `INSERT INTO cities VALUES ('new')`],
    keys: { cities: ['new'] },
  },
])('a row that is certainly new is tracked: $how', async ({ queries, keys }) => {
  expect((await keysAfter(queries)).keys).toEqual(keys)
})

test.each([
  {
    how: 'of one table',
    queries: ['TRUNCATE cities', `INSERT INTO cities VALUES ('B'), ('C')`],
    keys: { cities: ['C'] },
  },
  {
    how: 'with CASCADE',
    queries: [
      'TRUNCATE users CASCADE',
      `INSERT INTO users VALUES ('a'), ('b')`,
      `INSERT INTO profiles VALUES ('a'), ('b')`,
    ],
    keys: { users: ['b'], profiles: ['b'] },
  },
  {
    how: 'of several tables, twice',
    queries: [
      'TRUNCATE cities; TRUNCATE users, profiles',
      `INSERT INTO users VALUES ('b')`,
      'TRUNCATE cities; TRUNCATE users, profiles',
      `INSERT INTO users VALUES ('b'), ('a')`,
      `INSERT INTO cities VALUES ('B'), ('C')`,
    ],
    keys: { users: ['b'], cities: ['C'] },
  },
  {
    how: 'in a transaction that is rolled back',
    queries: [
      'BEGIN',
      'TRUNCATE cities',
      'ROLLBACK',
      'DELETE FROM users',
      `INSERT INTO cities VALUES ('C')`,
      `INSERT INTO users VALUES ('b')`,
    ],
    keys: { cities: ['C'], users: ['b'] },
  },
])(
  'after TRUNCATE $how, rows with a new key are tracked and rows with an earlier key are not',
  async ({ queries, keys }) => {
    expect(await keysAfter(queries)).toEqual({ keys, codes: [] })
  },
)

test('after TRUNCATE … RESTART IDENTITY, a row with the key of an older row is not tracked, with a warning', async () => {
  const insert = `INSERT INTO countries (code) VALUES ('DE'), ('FR')`
  const { keys, codes } = await keysAfter(['TRUNCATE countries RESTART IDENTITY', insert])
  expect(keys).toEqual({ countries: [2] })
  expect(codes).toEqual(['DUSTPAN_SQL_UNATTRIBUTED'])
})

test('TRUNCATE by a role that may not read the keys succeeds, and later rows are not tracked, with a warning', async () => {
  const queries = [
    'CREATE ROLE blind; GRANT TRUNCATE, INSERT ON cities TO blind; SET ROLE blind',
    'BEGIN',
    'TRUNCATE cities',
    'COMMIT',
    'RESET ROLE; DROP OWNED BY blind; DROP ROLE blind',
    `INSERT INTO cities VALUES ('B')`,
  ]
  const { keys, codes } = await keysAfter(queries)
  expect(keys).toEqual({})
  expect(codes).toContain('DUSTPAN_SQL_UNATTRIBUTED')
})

test('postgres.js: after TRUNCATE of locked tables, rows with a new key are tracked', async () => {
  const sink = new RemovedSink('test')
  using _ = postgresJsInstrument({ serves: () => true, ignoreTables: [] }).install(postgresJs, sink)
  const sql = postgresJs(await server.database(schema), { max: 2 })
  onTestFinished(() => sql.end())
  await sql.begin(async (tx) => {
    await tx`LOCK TABLE users, profiles`
    await tx`TRUNCATE users CASCADE`
    await tx`INSERT INTO users VALUES ('a'), ('b')`
    await tx`INSERT INTO profiles VALUES ('a'), ('b')`
  })
  expect(sink.keys()).toEqual({ users: ['b'], profiles: ['b'] })
  expect(sink.warnings).toEqual([])
})
