/** A session of another encoding than its client's: what the client reads is not what the row says. */
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

const left = [{ code: 'DUSTPAN_SQL_UNATTRIBUTED', message: expect.stringContaining(`SET client_encoding = 'UTF8'`) }]

test.each([
  `INSERT INTO cities VALUES ('Zürich')`,
  `INSERT INTO codes VALUES ('ü')`,
  `INSERT INTO pairs VALUES (1, 'ü')`,
  `INSERT INTO lists VALUES ('{ü}')`,
  `WITH made AS (INSERT INTO cities VALUES ('Zürich') RETURNING *) SELECT n FROM made`,
])('its rows are left alone where their key is more than ASCII, and told: %s', async (sql) => {
  await client.query('SET client_encoding TO LATIN1')
  await client.query(sql)
  expect(sink.keys()).toEqual({})
  expect(sink.warnings).toMatchObject(left)
})

test('so is a value that the server knows by a text of its own', async () => {
  await client.query('SET client_encoding TO LATIN1')
  await client.query(`INSERT INTO moods SELECT max(m) FROM unnest(enum_range(NULL::mood)) m`)
  expect(sink.keys()).toEqual({})
  expect(sink.warnings).toMatchObject(left)
})

test('what COPY writes is left alone as well', async () => {
  await client.query('SET client_encoding TO LATIN1')
  await client.query('BEGIN')
  const stream = client.query(copyFrom('COPY cities (name) FROM STDIN'))
  stream.end('Zürich\n')
  await finished(stream)
  await client.query('COMMIT')
  expect(sink.keys()).toEqual({})
  expect(sink.warnings).toMatchObject(left)
})

test('everything else is recorded as ever', async () => {
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

/** By a name that a client of that encoding cannot write, but other columns tell it. */
const made = `INSERT INTO cities VALUES ('Zürich', 1)`

test('a row that it deletes is nobody’s to remove any more: its key may come again', async () => {
  await client.query(made)
  await client.query('SET client_encoding TO LATIN1')
  await client.query('DELETE FROM cities WHERE n = 1')
  await somebodyElse(`INSERT INTO cities VALUES ('Zürich', 2)`)
  expect(sink.keys()).toEqual({})
  expect(sink.warnings).toMatchObject([{ code: 'DUSTPAN_SQL_UNATTRIBUTED' }])
})

test('what it deletes of others and puts back is not the test’s', async () => {
  await somebodyElse(made)
  await client.query('SET client_encoding TO LATIN1')
  await client.query('DELETE FROM cities WHERE n = 1')
  await client.query('SET client_encoding TO UTF8')
  await client.query(made)
  expect(sink.keys()).toEqual({})
})

test('a row that it gives another key is nobody’s to remove', async () => {
  await client.query(made)
  await client.query('SET client_encoding TO LATIN1')
  await client.query(`UPDATE cities SET name = 'Bern' WHERE n = 1`)
  expect(sink.keys()).toEqual({})
})

test('also by ON CONFLICT', async () => {
  await client.query(`INSERT INTO cities VALUES ('Bern', 1)`)
  await client.query('SET client_encoding TO LATIN1')
  await client.query(`INSERT INTO cities VALUES ('Bern', 1) ON CONFLICT (name) DO UPDATE SET name = 'Zürich'`)
  expect(sink.keys()).toEqual({})
})
