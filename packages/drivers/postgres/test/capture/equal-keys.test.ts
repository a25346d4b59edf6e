/** Older rows that are inserted again under an equal key that is written differently. */
import { RemovedSink } from '@dustpan/conformance/capture'
import { testServer } from '@dustpan/conformance/servers/test-server'
import { expect, test } from 'vitest'
import { capturedClient } from './captured-client.ts'

const schema = `
  CREATE EXTENSION citext;
  CREATE TABLE accounts (email citext PRIMARY KEY); INSERT INTO accounts VALUES ('Dora@Example.com');
  CREATE TABLE prices (sku numeric PRIMARY KEY); INSERT INTO prices VALUES (10.50);
  CREATE TABLE settings (id jsonb PRIMARY KEY); INSERT INTO settings VALUES ('{"a": 1.0}');
  CREATE TABLE times (span interval PRIMARY KEY); INSERT INTO times VALUES ('1 day');
  CREATE DOMAIN amount AS numeric; CREATE TABLE amounts (amount amount PRIMARY KEY); INSERT INTO amounts VALUES (1.0);
  CREATE COLLATION ignore_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
  CREATE TABLE slugs (slug text COLLATE ignore_case PRIMARY KEY); INSERT INTO slugs VALUES ('Home');
  CREATE TABLE parts (sku numeric, y int, PRIMARY KEY (sku, y)) PARTITION BY LIST (y);
  CREATE TABLE parts26 PARTITION OF parts FOR VALUES IN (26); INSERT INTO parts VALUES (2.0, 26);
  CREATE TABLE rates (sku numeric(10, 2) PRIMARY KEY); INSERT INTO rates VALUES (10.50);
`
const server = await testServer()

async function keysAfter(queries: readonly string[]) {
  const sink = new RemovedSink('test')
  const client = await capturedClient(await server.database(schema), sink)
  for (const query of queries) await client.query(query)
  return { keys: sink.keys(), codes: sink.warnings.map(({ code }) => code) }
}

test.each([
  { key: 'citext', queries: ['DELETE FROM accounts', `INSERT INTO accounts VALUES ('dora@example.com')`], codes: [] },
  {
    key: 'citext with other letters',
    queries: [
      `UPDATE accounts SET email = 'Zoë@x.org'`,
      'DELETE FROM accounts',
      `INSERT INTO accounts VALUES ('zoë@x.org')`,
    ],
  },
  { key: 'numeric', queries: ['DELETE FROM prices', 'INSERT INTO prices VALUES (10.5)'], codes: [] },
  {
    key: 'a whole number',
    queries: ['UPDATE prices SET sku = 100', 'DELETE FROM prices', 'INSERT INTO prices VALUES (100.0)'],
    codes: [],
  },
  { key: 'numeric, after TRUNCATE', queries: ['TRUNCATE prices', 'INSERT INTO prices VALUES (10.5)'], codes: [] },
  { key: 'jsonb', queries: ['DELETE FROM settings', `INSERT INTO settings VALUES ('{"a": 1}')`] },
  { key: 'interval', queries: ['DELETE FROM times', `INSERT INTO times VALUES ('24 hours')`] },
  { key: 'a domain over numeric', queries: ['DELETE FROM amounts', 'INSERT INTO amounts VALUES (1)'] },
  { key: 'text that ignores case', queries: ['DELETE FROM slugs', `INSERT INTO slugs VALUES ('home')`] },
  {
    key: 'numeric, through a partition',
    queries: ['DELETE FROM parts', 'INSERT INTO parts26 VALUES (2, 26)'],
    codes: [],
  },
])(
  'an older row inserted again under an equal key that is written differently is not tracked: $key',
  async ({ queries, codes = ['DUSTPAN_SQL_UNATTRIBUTED'] }) => {
    expect(await keysAfter(queries)).toEqual({ keys: {}, codes })
  },
)

test('a key that cannot be compared with those of deleted rows is not tracked and warns', async () => {
  const queries = ['DELETE FROM accounts', `INSERT INTO accounts VALUES ('zoë@x.org'), ('eva@x.org')`]
  expect(await keysAfter(queries)).toEqual({
    keys: { accounts: ['eva@x.org'] },
    codes: ['DUSTPAN_SQL_UNATTRIBUTED'],
  })
})

test('a numeric key of fixed scale is compared by its text', async () => {
  const queries = ['DELETE FROM rates', 'INSERT INTO rates VALUES (10.5), (11)']
  expect(await keysAfter(queries)).toEqual({ keys: { rates: ['11.00'] }, codes: [] })
})

test.each([
  {
    key: 'numeric',
    queries: ['DELETE FROM prices', 'INSERT INTO prices VALUES (10), (1), (10.51)'],
    keys: { prices: ['10', '1', '10.51'] },
  },
  {
    key: 'citext',
    queries: ['DELETE FROM accounts', `INSERT INTO accounts VALUES ('eva@example.com')`],
    keys: { accounts: ['eva@example.com'] },
  },
  {
    key: 'numeric and integer',
    queries: ['DELETE FROM parts', 'INSERT INTO parts VALUES (3, 26), (2, 26)'],
    keys: { parts: [['3', 26]] },
  },
])('after an older row was deleted, a row with a different key is tracked: $key', async ({ queries, keys }) => {
  expect(await keysAfter(queries)).toEqual({ keys, codes: [] })
})

test('a row that the test creates, deletes and inserts again under an equal key is tracked', async () => {
  const queries = [
    'INSERT INTO prices VALUES (7.0)',
    'DELETE FROM prices WHERE sku = 7',
    'INSERT INTO prices VALUES (7)',
  ]
  expect(await keysAfter(queries)).toEqual({ keys: { prices: ['7'] }, codes: [] })
})
