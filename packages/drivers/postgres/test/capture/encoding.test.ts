/** Sessions whose client_encoding is not UTF8, so that pg decodes their values wrongly. */
import { finished } from 'node:stream/promises'
import { RecordingSink } from '@dustpan/conformance/capture'
import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { beforeEach, expect, test } from 'vitest'
import { capturedClient } from './captured-client.ts'

const schema = `
  CREATE TYPE mood AS ENUM ('froh', 'Müde');
  CREATE TABLE cities (name text PRIMARY KEY, n int);
  CREATE TABLE codes (code char(8) PRIMARY KEY);
  CREATE TABLE pairs (a int, b varchar, PRIMARY KEY (a, b));
  CREATE TABLE moods (of mood PRIMARY KEY);
  CREATE TABLE lists (of text[] PRIMARY KEY);
  CREATE TABLE users (id serial PRIMARY KEY, name text);
`

const server = await testServer()
let sink: RecordingSink
let url: string
let client: pg.Client

beforeEach(async () => {
  sink = new RecordingSink('test')
  url = await server.database(schema)
  client = await capturedClient(url, sink)
})

async function somebodyElse(sql: string): Promise<void> {
  sink.active = false
  await once(url, sql)
  sink.active = true
}

const notTracked = [
  { code: 'DUSTPAN_SQL_UNATTRIBUTED', message: expect.stringContaining(`SET client_encoding = 'UTF8'`) },
]

test.each([
  `INSERT INTO cities VALUES ('Zürich')`,
  `INSERT INTO codes VALUES ('ü')`,
  `INSERT INTO pairs VALUES (1, 'ü')`,
  `INSERT INTO lists VALUES ('{ü}')`,
  `WITH made AS (INSERT INTO cities VALUES ('Zürich') RETURNING *) SELECT n FROM made`,
])('rows with a key that is not ASCII are not tracked in a LATIN1 session, with a warning: %s', async (sql) => {
  await client.query('SET client_encoding TO LATIN1')
  await client.query(sql)
  expect(sink.keys()).toEqual({})
  expect(sink.warnings).toMatchObject(notTracked)
})

test('rows with an enum key that is not ASCII are not tracked in a LATIN1 session, with a warning', async () => {
  await client.query('SET client_encoding TO LATIN1')
  await client.query(`INSERT INTO moods SELECT max(m) FROM unnest(enum_range(NULL::mood)) m`)
  expect(sink.keys()).toEqual({})
  expect(sink.warnings).toMatchObject(notTracked)
})

test('rows of COPY with a key that is not ASCII are not tracked in a LATIN1 session, with a warning', async () => {
  await client.query('SET client_encoding TO LATIN1')
  await client.query('BEGIN')
  const stream = client.query(copyFrom('COPY cities (name) FROM STDIN'))
  stream.end('Zürich\n')
  await finished(stream)
  await client.query('COMMIT')
  expect(sink.keys()).toEqual({})
  expect(sink.warnings).toMatchObject(notTracked)
})

test('rows with an ASCII key and rows of UTF8 sessions are tracked without a warning', async () => {
  await client.query(`INSERT INTO cities VALUES ('Zürich')`)
  await client.query('SET client_encoding TO LATIN1')
  await client.query(`INSERT INTO cities VALUES ('Bern')`)
  await client.query(`INSERT INTO codes VALUES ('b')`)
  await client.query(`INSERT INTO users (name) VALUES ('Zürich')`)
  await client.query('RESET client_encoding')
  await client.query(`SET client_encoding TO 'utf-8'; INSERT INTO moods VALUES ('Müde')`)
  expect(sink.keys()).toEqual({ cities: ['Zürich', 'Bern'], codes: ['b       '], users: [1], moods: ['Müde'] })
  expect(sink.warnings).toEqual([])
})

/** A row with a key that a LATIN1 session does not read correctly; `n` identifies it. */
const made = `INSERT INTO cities VALUES ('Zürich', 1)`

test('a row of the test that a LATIN1 session deletes is no longer tracked, with a warning', async () => {
  await client.query(made)
  await client.query('SET client_encoding TO LATIN1')
  await client.query('DELETE FROM cities WHERE n = 1')
  await somebodyElse(`INSERT INTO cities VALUES ('Zürich', 2)`)
  expect(sink.keys()).toEqual({})
  expect(sink.warnings).toMatchObject([{ code: 'DUSTPAN_SQL_UNATTRIBUTED' }])
})

test('an older row that a LATIN1 session deletes is not tracked when it is inserted again', async () => {
  await somebodyElse(made)
  await client.query('SET client_encoding TO LATIN1')
  await client.query('DELETE FROM cities WHERE n = 1')
  await client.query('SET client_encoding TO UTF8')
  await client.query(made)
  expect(sink.keys()).toEqual({})
})

test('a row whose key a LATIN1 session updates is no longer tracked', async () => {
  await client.query(made)
  await client.query('SET client_encoding TO LATIN1')
  await client.query(`UPDATE cities SET name = 'Bern' WHERE n = 1`)
  expect(sink.keys()).toEqual({})
})

test('a row whose key a LATIN1 session updates by ON CONFLICT is no longer tracked', async () => {
  await client.query(`INSERT INTO cities VALUES ('Bern', 1)`)
  await client.query('SET client_encoding TO LATIN1')
  await client.query(`INSERT INTO cities VALUES ('Bern', 1) ON CONFLICT (name) DO UPDATE SET name = 'Zürich'`)
  expect(sink.keys()).toEqual({})
})
