/** Deletes of older rows that a rollback undoes do not affect the tracking of later rows. */
import { RemovedSink } from '@dustpan/conformance/capture'
import { testServer } from '@dustpan/conformance/servers/test-server'
import { expect, test } from 'vitest'
import { capturedClient } from './captured-client.ts'

const schema = `
  CREATE TABLE tenants (id int PRIMARY KEY);
  CREATE TABLE domains (domain text PRIMARY KEY, tenant int NOT NULL REFERENCES tenants ON DELETE CASCADE);
  INSERT INTO tenants VALUES (1), (2); INSERT INTO domains VALUES ('old', 1);
`
const remove = 'DELETE FROM tenants WHERE id = 1'
const insert = `INSERT INTO domains VALUES ('new', 2)`

const server = await testServer()

test.each<{ how: string; queries: string[] }>([
  { how: 'with its transaction', queries: ['BEGIN', remove, 'ROLLBACK', insert] },
  { how: 'to a savepoint', queries: ['BEGIN', 'SAVEPOINT s', remove, 'ROLLBACK TO s', insert, 'COMMIT'] },
  { how: 'by an error', queries: ['BEGIN', remove, 'SELECT 1 / 0', 'COMMIT', insert] },
  {
    how: 'with the transaction of a DO block',
    queries: ['BEGIN', 'DO $$ BEGIN DELETE FROM tenants; END $$', 'ROLLBACK', insert],
  },
])('rows inserted after a delete that was rolled back $how are tracked', async ({ queries }) => {
  const sink = new RemovedSink('test')
  const client = await capturedClient(await server.database(schema), sink)
  for (const query of queries) await client.query(query).catch(() => {})
  expect(sink.keys()).toEqual({ domains: ['new'] })
  expect(sink.warnings).toEqual([])
})

test.each<{ how: string; queries: string[] }>([
  { how: 'in the same transaction', queries: ['BEGIN', remove, insert, 'COMMIT'] },
  { how: 'after its commit', queries: ['BEGIN', remove, 'COMMIT', insert] },
  {
    how: 'after the release of its savepoint',
    queries: ['BEGIN', 'SAVEPOINT s', remove, 'RELEASE s', 'COMMIT', insert],
  },
  {
    how: 'after ROLLBACK TO a later savepoint',
    queries: ['BEGIN', remove, 'SAVEPOINT s', 'DELETE FROM tenants WHERE id = 2', 'ROLLBACK TO s', 'COMMIT', insert],
  },
])('a row inserted after a cascading delete is not tracked, with a warning: $how', async ({ queries }) => {
  const sink = new RemovedSink('test')
  const client = await capturedClient(await server.database(schema), sink)
  for (const query of queries) await client.query(query)
  expect(sink.keys()).toEqual({})
  expect(sink.warnings).toMatchObject([{ code: 'DUSTPAN_SQL_UNATTRIBUTED' }])
})
