/** Rows that existed before the test, and that it moves to a table that it creates. */
import { RemovedSink } from '@dustpan/conformance/capture'
import { testServer } from '@dustpan/conformance/servers/test-server'
import { expect, test } from 'vitest'
import { capturedClient } from './captured-client.ts'

const schema = `
  CREATE TABLE events (id int PRIMARY KEY, what text); INSERT INTO events VALUES (1, 'before');
  CREATE TABLE logs (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
  CREATE TABLE logs_default PARTITION OF logs DEFAULT; INSERT INTO logs VALUES (1, '2026-01-15');
  CREATE TABLE links (id int PRIMARY KEY);
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
    how: 'from the renamed table',
    queries: [
      'ALTER TABLE events RENAME TO events_old',
      'CREATE TABLE events (id bigint PRIMARY KEY, what text)',
      'INSERT INTO events SELECT * FROM events_old',
      'DROP TABLE events_old',
    ],
  },
  {
    how: 'under keys that the server generates, into a table that takes over the name',
    queries: [
      'CREATE TABLE events_new (id serial PRIMARY KEY, what text)',
      'INSERT INTO events_new (what) SELECT what FROM events',
      'DROP TABLE events',
      'ALTER TABLE events_new RENAME TO events',
    ],
  },
  {
    how: 'by a DELETE inside WITH, to a new partition',
    queries: [
      'CREATE TABLE logs_2026_01 (LIKE logs INCLUDING ALL)',
      'WITH moved AS (DELETE FROM logs_default RETURNING *) INSERT INTO logs_2026_01 SELECT * FROM moved',
    ],
  },
  {
    how: 'by an INSERT inside WITH',
    queries: [
      'CREATE TABLE copies (id int PRIMARY KEY)',
      'WITH old AS (SELECT id FROM events), new AS (INSERT INTO copies SELECT id FROM old RETURNING id) SELECT id FROM new',
    ],
  },
  {
    how: 'by way of a table made by SELECT',
    queries: [
      'CREATE TABLE saved AS SELECT * FROM events',
      'DROP TABLE events',
      'CREATE TABLE events (id int PRIMARY KEY, what text)',
      'INSERT INTO events SELECT * FROM saved',
    ],
  },
])('a row that the test moves to its own table is not the test’s: $how', async ({ queries }) => {
  expect(await keysAfter(queries)).toEqual({ keys: {}, codes: ['DUSTPAN_SQL_UNATTRIBUTED'] })
})

test.each([
  {
    how: 'from values',
    queries: ['CREATE TABLE own (id int PRIMARY KEY)', 'INSERT INTO own SELECT * FROM generate_series(1, 2)'],
    keys: { own: [1, 2] },
  },
  {
    how: 'from another table of the test',
    queries: [
      'CREATE TABLE source (id int PRIMARY KEY)',
      'CREATE TABLE target (id int PRIMARY KEY)',
      'INSERT INTO source VALUES (7)',
      'INSERT INTO target SELECT id FROM source',
    ],
    keys: { source: [7], target: [7] },
  },
  {
    how: 'from a temporary table into one that existed before',
    queries: [
      `CREATE TEMP TABLE staging AS SELECT 5 AS id`,
      'INSERT INTO links SELECT id FROM staging',
      'DROP TABLE staging',
    ],
    keys: { links: [5] },
  },
  {
    how: 'into a table that CREATE TABLE IF NOT EXISTS found',
    queries: ['CREATE TABLE IF NOT EXISTS links (id int PRIMARY KEY)', 'INSERT INTO links SELECT id + 10 FROM events'],
    keys: { links: [11] },
  },
])('a row that INSERT … SELECT makes is the test’s: $how', async ({ queries, keys }) => {
  expect(await keysAfter(queries)).toEqual({ keys, codes: [] })
})
