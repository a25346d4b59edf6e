import { RemovedSink } from '@dustpan/conformance/capture'
import { testServer } from '@dustpan/conformance/servers/test-server'
import { byTableName } from '@dustpan/core/rows'
import pg from 'pg'
import { expect, test } from 'vitest'
import { pgInstrument } from '../../src/capture/instrument.ts'

const schema = `
  CREATE SCHEMA w1; CREATE SCHEMA w2;
  CREATE TABLE public.migrations (id int PRIMARY KEY); CREATE TABLE w1.migrations (id int PRIMARY KEY); CREATE TABLE w2.migrations (id int PRIMARY KEY);
`
const server = await testServer()

test.each([
  { ignoreTables: ['migrations'], keys: {} },
  { ignoreTables: ['public.migrations'], keys: { 'w1.migrations': [1], 'w2.migrations': [1] } },
  { ignoreTables: ['w1.migrations'], keys: { migrations: [1], 'w2.migrations': [1] } },
])(
  'a table is ignored in every schema, or only in the schema that is named: $ignoreTables',
  async ({ ignoreTables, keys }) => {
    const sink = new RemovedSink('test')
    using _ = pgInstrument({ serves: () => true, ignoreTables }).install(pg, sink)
    const client = new pg.Client(await server.database(schema))
    await client.connect()
    for (const name of ['public', 'w1', 'w2']) {
      await client.query(`SET search_path = ${name}`)
      await client.query('INSERT INTO migrations VALUES (1)')
    }
    await client.end()
    expect(sink.keys()).toEqual(keys)
  },
)

test('a table whose schema is unknown gets the option of its bare name, or else of its name with a schema', () => {
  const find = byTableName(Object.entries({ 'audit.users': 'audit', users: 'bare', 'audit.orders': 'orders' }), '"')
  expect(find({ table: 'users' })).toBe('bare')
  expect(find({ table: 'orders' })).toBe('orders')
})
