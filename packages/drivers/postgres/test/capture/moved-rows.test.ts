/** Older rows that the test moves to a table that it creates. */
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
    how: 'from the renamed table, to one created IF NOT EXISTS',
    queries: [
      'ALTER TABLE events RENAME TO events_old',
      'CREATE TABLE IF NOT EXISTS events (id bigint PRIMARY KEY, what text)',
      'INSERT INTO events SELECT * FROM events_old',
      'DROP TABLE events_old',
    ],
  },
  {
    how: 'through a view',
    queries: [
      'CREATE VIEW seen AS SELECT * FROM events',
      'CREATE TABLE copies (id int PRIMARY KEY, what text)',
      'INSERT INTO copies SELECT * FROM seen',
    ],
  },
  {
    how: 'from a table of the same name in another schema',
    queries: [
      'CREATE SCHEMA w1',
      'CREATE TABLE w1.events (id int PRIMARY KEY, what text)',
      'INSERT INTO w1.events SELECT * FROM events',
    ],
  },
  {
    how: 'from a table that is renamed to the name of a dropped table of the test',
    queries: [
      'CREATE TABLE public.saved (id int)',
      'DROP TABLE saved',
      'ALTER TABLE events RENAME TO saved',
      'CREATE TABLE events (id int PRIMARY KEY, what text)',
      'INSERT INTO events SELECT * FROM saved',
    ],
  },
  {
    how: 'to a table that is created with its schema, and renamed without it',
    queries: [
      'CREATE TABLE public.events_new (id int PRIMARY KEY, what text)',
      'ALTER TABLE events RENAME TO events_old',
      'ALTER TABLE events_new RENAME TO events',
      'INSERT INTO events SELECT * FROM events_old',
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
    how: 'through a table created by SELECT',
    queries: [
      'CREATE TABLE saved AS SELECT * FROM events',
      'DROP TABLE events',
      'CREATE TABLE events (id int PRIMARY KEY, what text)',
      'INSERT INTO events SELECT * FROM saved',
    ],
  },
])('an older row that the test moves to its own table is not tracked, with a warning: $how', async ({ queries }) => {
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
    how: 'from another table of the test, named with and without its schema',
    queries: [
      'CREATE TABLE public.source (id int PRIMARY KEY)',
      'CREATE TABLE public.target (id int PRIMARY KEY)',
      'INSERT INTO source VALUES (7)',
      'INSERT INTO target SELECT id FROM source',
      'INSERT INTO public.target SELECT id + 1 FROM public.source',
    ],
    keys: { source: [7], target: [7, 8] },
  },
  {
    how: 'from a view of the test on its own table',
    queries: [
      'CREATE TABLE source (id int PRIMARY KEY)',
      'CREATE VIEW seen AS SELECT id FROM source',
      'CREATE TABLE target (id int PRIMARY KEY)',
      'INSERT INTO source VALUES (7)',
      'INSERT INTO target SELECT id FROM seen',
    ],
    keys: { source: [7], target: [7] },
  },
  {
    how: 'from values that are looked up in an older table',
    queries: [
      'CREATE TABLE own (id int PRIMARY KEY, event int)',
      `INSERT INTO own VALUES (5, (SELECT id FROM events WHERE what = 'before'))`,
      `INSERT INTO own VALUES (6, 1) RETURNING (SELECT what FROM events LIMIT 1)`,
    ],
    keys: { own: [5, 6] },
  },
  {
    how: 'into an older table that shares its name with one of the test',
    queries: [
      'CREATE SCHEMA w1',
      'CREATE TABLE w1.links (id int PRIMARY KEY)',
      'INSERT INTO links SELECT id + 10 FROM events',
    ],
    keys: { links: [11] },
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
])('a row that INSERT … SELECT creates is tracked: $how', async ({ queries, keys }) => {
  expect(await keysAfter(queries)).toEqual({ keys, codes: [] })
})
