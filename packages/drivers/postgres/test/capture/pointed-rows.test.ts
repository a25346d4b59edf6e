/** Older rows that are pointed to a row of the test and deleted with it by ON DELETE CASCADE. */
import { RemovedSink } from '@dustpan/conformance/capture'
import { testServer } from '@dustpan/conformance/servers/test-server'
import { expect, test } from 'vitest'
import { capturedClient } from './captured-client.ts'

const names = ['first', 'second', 'third', 'fourth', 'fifth']
const schema = names
  .map(
    (name) => `
  CREATE TABLE ${name}_tenants (id int PRIMARY KEY); INSERT INTO ${name}_tenants VALUES (1);
  CREATE TABLE ${name}_domains (domain text PRIMARY KEY, tenant int REFERENCES ${name}_tenants ON DELETE CASCADE);
  INSERT INTO ${name}_domains VALUES ('acme.test', 1);
  CREATE VIEW ${name}_view AS SELECT domain AS key, tenant AS owner FROM ${name}_domains;`,
  )
  .join('\n')
const server = await testServer()

test.each([
  {
    how: 'by the WITH query that inserts it',
    name: 'first',
    queries: [
      `WITH t AS (INSERT INTO first_tenants VALUES (5) RETURNING id) UPDATE first_domains SET tenant = t.id FROM t`,
    ],
  },
  {
    how: 'in the text that inserts it',
    name: 'second',
    queries: ['INSERT INTO second_tenants VALUES (5); UPDATE second_domains SET tenant = 5'],
  },
  {
    how: 'through a view',
    name: 'third',
    queries: ['INSERT INTO third_tenants VALUES (5)', 'UPDATE third_view SET owner = 5'],
  },
  {
    how: 'by MERGE in the text that inserts it',
    name: 'fourth',
    queries: [
      `INSERT INTO fourth_tenants VALUES (5);
       MERGE INTO fourth_domains d USING (VALUES ('acme.test', 5)) v(k, i) ON d.domain = v.k WHEN MATCHED THEN UPDATE SET tenant = v.i`,
    ],
  },
  {
    how: 'by a function in FROM',
    name: 'fifth',
    queries: [
      'INSERT INTO fifth_tenants VALUES (5)',
      'UPDATE fifth_domains SET tenant = f FROM generate_series(5, 5) f',
    ],
  },
])(
  'an older row pointed to a row of the test $how is not tracked when it is inserted again after a cascade',
  async (given) => {
    const sink = new RemovedSink('test')
    const client = await capturedClient(await server.database(schema), sink)
    for (const query of given.queries) await client.query(query)
    await client.query(`DELETE FROM ${given.name}_tenants WHERE id = 5`)
    await client.query(`INSERT INTO ${given.name}_domains VALUES ('acme.test', 1)`)
    expect(sink.keys()[`${given.name}_domains`]).toBeUndefined()
  },
)
