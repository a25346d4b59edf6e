/** Rows of the test that its own DELETE removes by ON DELETE CASCADE: their keys may be other people's soon. */
import { RemovedSink } from '@dustpan/conformance/capture'
import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import pg from 'pg'
import postgresJs from 'postgres'
import { expect, onTestFinished, test } from 'vitest'
import { pgInstrument } from '../../src/capture/instrument.ts'
import { postgresJsInstrument } from '../../src/capture/postgres-js/instrument.ts'

const schema = `
  CREATE TABLE tenants (id int PRIMARY KEY);
  CREATE TABLE domains (domain text PRIMARY KEY, tenant int REFERENCES tenants ON DELETE CASCADE);
  CREATE TABLE paths (domain text REFERENCES domains ON DELETE CASCADE, at date, PRIMARY KEY (domain, at));
`
const server = await testServer()

async function world() {
  const url = await server.database(schema)
  const sink = new RemovedSink('test')
  const rules = { serves: () => true, ignoreTables: [] }
  const installed = [pgInstrument(rules).install(pg, sink), postgresJsInstrument(rules).install(postgresJs, sink)]
  const clients = [new pg.Client(url), new pg.Client(url)] as const
  for (const client of clients) await client.connect()
  onTestFinished(async () => {
    for (const one of installed) one[Symbol.dispose]()
    for (const client of clients) await client.end()
  })
  return { url, sink, client: clients[0], other: clients[1] }
}

const tenant = [
  'INSERT INTO tenants VALUES (1), (2)',
  `INSERT INTO domains VALUES ('gone', 1), ('stays', 2)`,
  `INSERT INTO paths VALUES ('gone', '2026-01-01'), ('stays', '2026-01-01')`,
]
const left = { tenants: [2], domains: ['stays'], paths: [['stays', '2026-01-01']] }
const all = {
  tenants: [1, 2],
  domains: ['gone', 'stays'],
  paths: [
    ['gone', '2026-01-01'],
    ['stays', '2026-01-01'],
  ],
}

test('rows that a DELETE removes by a cascade are no longer tracked, and the others are', async () => {
  const { sink, client } = await world()
  for (const query of tenant) await client.query(query)
  await client.query('DELETE FROM tenants WHERE id = 1')
  expect(sink.keys()).toEqual(left)
})

test('rows made in a transaction are no longer tracked once a cascade removed them', async () => {
  const { sink, client } = await world()
  for (const query of ['BEGIN', ...tenant, 'COMMIT', 'DELETE FROM tenants WHERE id = 1']) await client.query(query)
  expect(sink.keys()).toEqual(left)
})

test('a cascade that is rolled back leaves its rows tracked', async () => {
  const { sink, client } = await world()
  for (const query of [...tenant, 'BEGIN', 'DELETE FROM tenants WHERE id = 1', 'ROLLBACK']) await client.query(query)
  expect(sink.keys()).toEqual(all)
})

test('rows that the DELETE cannot see stay tracked: of an open transaction, or made after its snapshot', async () => {
  const { url, sink, client, other } = await world()
  for (const query of [tenant[0] ?? '', 'BEGIN ISOLATION LEVEL REPEATABLE READ', 'SELECT 1 FROM tenants'])
    await client.query(query)
  await other.query(`INSERT INTO domains VALUES ('later', 2)`)
  await other.query('BEGIN')
  await other.query(`INSERT INTO domains VALUES ('open', 2)`)
  await client.query('DELETE FROM tenants WHERE id = 1')
  await client.query('COMMIT')
  const third = new pg.Client(url)
  await third.connect()
  await third.query('INSERT INTO tenants VALUES (3)')
  await third.query('DELETE FROM tenants WHERE id = 3')
  await third.end()
  await other.query('COMMIT')
  expect(sink.keys().domains).toEqual(['later', 'open'])
  expect((await once(url, 'SELECT domain FROM domains ORDER BY 1')).rows).toHaveLength(2)
})

test('rows that a DELETE of postgres.js removes by a cascade are no longer tracked', async () => {
  const { url, sink } = await world()
  const sql = postgresJs(url, { max: 1 })
  for (const query of tenant) await sql.unsafe(query)
  await sql`DELETE FROM tenants WHERE id = 1`
  await sql.end()
  expect(sink.keys()).toEqual(left)
})
