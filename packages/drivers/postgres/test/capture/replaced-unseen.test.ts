/** Older rows that are deleted without their keys being seen, or inserted again under another table name. */
import { RemovedSink } from '@dustpan/conformance/capture'
import { testServer } from '@dustpan/conformance/servers/test-server'
import pg from 'pg'
import copyStreams from 'pg-copy-streams'
import Cursor from 'pg-cursor'
import postgresJs from 'postgres'
import { expect, onTestFinished, test } from 'vitest'
import { pgInstrument } from '../../src/capture/instrument.ts'
import { postgresJsInstrument } from '../../src/capture/postgres-js/instrument.ts'

const schema = `
  CREATE TABLE t (id int PRIMARY KEY, who text); INSERT INTO t VALUES (1, 'before'), (2, 'before');
  CREATE VIEW v AS SELECT * FROM t;
  CREATE TABLE ruled (id int PRIMARY KEY, who text); INSERT INTO ruled VALUES (1, 'before');
  CREATE TABLE notes (x int); CREATE RULE r AS ON DELETE TO ruled DO ALSO INSERT INTO notes VALUES (old.id);
  CREATE TABLE p (id int PRIMARY KEY, who text); CREATE TABLE k (PRIMARY KEY (id)) INHERITS (p); INSERT INTO k VALUES (1, 'before');
  CREATE TABLE e (id int, y int, PRIMARY KEY (id, y)) PARTITION BY LIST (y);
  CREATE TABLE e26 PARTITION OF e FOR VALUES IN (26); CREATE TABLE e27 PARTITION OF e FOR VALUES IN (27);
  INSERT INTO e VALUES (1, 26), (2, 27);
  CREATE TABLE u (id int PRIMARY KEY);
  CREATE TABLE o (id int PRIMARY KEY, uid int REFERENCES u ON DELETE CASCADE); INSERT INTO u VALUES (1); INSERT INTO o VALUES (1, 1), (2, 1);
  CREATE TABLE owners (id int PRIMARY KEY); CREATE TABLE pets (id int PRIMARY KEY, owner int REFERENCES owners ON DELETE CASCADE);
  CREATE SCHEMA other; CREATE TABLE other.t (id int PRIMARY KEY, who text); INSERT INTO other.t VALUES (1, 'before');
  CREATE FUNCTION enter() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('search_path', 'other', false); END $$;
  CREATE TABLE secured (id int PRIMARY KEY, who text); INSERT INTO secured VALUES (1, 'before');
  ALTER TABLE secured ENABLE ROW LEVEL SECURITY; CREATE POLICY all_of_it ON secured USING (true);
  DO $$ BEGIN CREATE ROLE janitor; EXCEPTION WHEN OTHERS THEN NULL; END $$;
  GRANT DELETE ON t, secured TO janitor; GRANT SELECT (who) ON t, secured TO janitor;
`

const server = await testServer()
async function world() {
  const url = await server.database(schema)
  const sink = new RemovedSink('test')
  const rules = { serves: () => true, ignoreTables: [] }
  const installed = [pgInstrument(rules).install(pg, sink), postgresJsInstrument(rules).install(postgresJs, sink)]
  const client = new pg.Client(url)
  await client.connect()
  onTestFinished(async () => {
    for (const one of installed) one[Symbol.dispose]()
    await client.end()
  })
  return { sink, client, url }
}

const insertAgain = `INSERT INTO t VALUES (1, 'before')`

test.each<{ how: string; queries: string[] }>([
  { how: 'through a view', queries: ['DELETE FROM v WHERE id = 1', insertAgain] },
  {
    how: 'from a table with a rule',
    queries: ['DELETE FROM ruled', 'DROP RULE r ON ruled', 'INSERT INTO ruled VALUES (1)'],
  },
  { how: 'from its parent table', queries: ['DELETE FROM p', 'INSERT INTO k VALUES (1)'] },
  { how: 'by TRUNCATE of its parent table', queries: ['TRUNCATE p', 'INSERT INTO k VALUES (1)'] },
  { how: 'from the partitioned table', queries: ['DELETE FROM e WHERE id = 1', 'INSERT INTO e26 VALUES (1, 26)'] },
  { how: 'from its partition', queries: ['DELETE FROM e26', 'INSERT INTO e VALUES (1, 26)'] },
  { how: 'by TRUNCATE of its partition', queries: ['TRUNCATE e26', 'INSERT INTO e VALUES (1, 26)'] },
  { how: 'by TRUNCATE of the partitioned table', queries: ['TRUNCATE e', 'INSERT INTO e26 VALUES (1, 26)'] },
  {
    how: 'with its partition, which is created again',
    queries: ['DROP TABLE e26', 'CREATE TABLE e26 PARTITION OF e FOR VALUES IN (26)', 'INSERT INTO e VALUES (1, 26)'],
  },
  {
    how: 'from its partition while that was detached',
    queries: [
      'ALTER TABLE e DETACH PARTITION e26',
      'DELETE FROM e26',
      'ALTER TABLE e ATTACH PARTITION e26 FOR VALUES IN (26)',
      'INSERT INTO e VALUES (1, 26)',
    ],
  },
  {
    how: 'by detaching its partition, which is replaced',
    queries: [
      'ALTER TABLE e DETACH PARTITION e26',
      'CREATE TABLE e26b PARTITION OF e FOR VALUES IN (26)',
      'INSERT INTO e VALUES (1, 26)',
    ],
  },
  {
    how: 'before the table was renamed',
    queries: ['DELETE FROM t WHERE id = 1', 'ALTER TABLE t RENAME TO s', 'INSERT INTO s VALUES (1)'],
  },
  {
    how: 'while the table had another name',
    queries: ['ALTER TABLE t RENAME TO s', 'DELETE FROM s WHERE id = 1', 'ALTER TABLE s RENAME TO t', insertAgain],
  },
  {
    how: 'before the key column was renamed',
    queries: ['DELETE FROM t WHERE id = 1', 'ALTER TABLE t RENAME id TO nr', 'INSERT INTO t VALUES (1)'],
  },
  {
    how: 'by a role that may not read the key',
    queries: ['SET ROLE janitor', `DELETE FROM t WHERE who = 'before'`, 'RESET ROLE', insertAgain],
  },
  {
    how: 'under row-level security',
    queries: ['SET ROLE janitor', 'DELETE FROM secured', 'RESET ROLE', 'INSERT INTO secured VALUES (1)'],
  },
  { how: 'by EXPLAIN ANALYZE', queries: ['EXPLAIN ANALYZE DELETE FROM t WHERE id = 1', insertAgain] },
  {
    how: 'after SET search_path in the same text',
    queries: [`SET search_path TO other; DELETE FROM t WHERE id = 1`, insertAgain],
  },
  {
    how: 'by TRUNCATE after SET search_path in the same text',
    queries: [`SET search_path TO other; TRUNCATE t`, insertAgain],
  },
  {
    how: 'after a function set the search path',
    queries: ['SELECT enter()', 'DELETE FROM t WHERE id = 1', insertAgain],
  },
  {
    how: 'by a cascade from a row of the test that it was pointed to',
    queries: [
      'INSERT INTO u VALUES (5)',
      'UPDATE o SET uid = 5 WHERE id = 1',
      'DELETE FROM u WHERE id = 5',
      'INSERT INTO o VALUES (1, 1)',
    ],
  },
  {
    how: 'by a cascade from a row of the test that an upsert pointed it to',
    queries: [
      'INSERT INTO u VALUES (5)',
      'INSERT INTO o VALUES (1, 5) ON CONFLICT (id) DO UPDATE SET uid = excluded.uid',
      'DELETE FROM u WHERE id = 5',
      'INSERT INTO o VALUES (1, 1)',
    ],
  },
  {
    how: 'in WITH without returning its key',
    queries: ['WITH d AS (DELETE FROM t WHERE id = 1 RETURNING who) SELECT * FROM d', insertAgain],
  },
  {
    how: 'in WITH inside parentheses',
    queries: ['(WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d)', insertAgain],
  },
])('an older row that was deleted $how is not tracked when it is inserted again', async ({ queries }) => {
  const { sink, client } = await world()
  for (const query of queries) await client.query(query)
  expect(sink.keys()).toEqual({})
  expect(sink.intents.filter(({ outcome }) => outcome === 'open')).toEqual([])
})

test('an older row that was deleted by COPY (DELETE …) TO STDOUT is not tracked when it is inserted again', async () => {
  const { sink, client } = await world()
  const rows = client.query(copyStreams.to('COPY (DELETE FROM t WHERE id = 1 RETURNING *) TO STDOUT'))
  for await (const _ of rows);
  await client.query(insertAgain)
  expect(sink.keys()).toEqual({})
})

test('an older row that was deleted through a cursor is not tracked when it is inserted again', async () => {
  const { sink, client } = await world()
  const cursor = client.query(new Cursor('DELETE FROM t WHERE id = 1 RETURNING *'))
  await cursor.read(10)
  await cursor.close()
  await client.query(insertAgain)
  expect(sink.keys()).toEqual({})
})

test.each<{ how: string; go: (sql: postgresJs.Sql) => Promise<unknown> }>([
  { how: 'in a text of several statements', go: (sql) => sql.unsafe('DELETE FROM t WHERE id = 1; SELECT 1').simple() },
  { how: 'through a cursor', go: (sql) => sql`DELETE FROM t WHERE id = 1 RETURNING *`.cursor(() => {}) },
])('postgres.js: an older row that was deleted $how is not tracked when it is inserted again', async ({ go }) => {
  const { sink, url } = await world()
  const sql = postgresJs(url, { onnotice: () => {}, max: 1 })
  onTestFinished(() => sql.end({ timeout: 1 }))
  await go(sql)
  await sql`INSERT INTO t VALUES (1, 'before')`
  expect(sink.keys()).toEqual({})
})

test('an older row that another test truncated is not tracked when it is inserted again', async () => {
  const { sink, client } = await world()
  for (const [scope, query] of [
    ['one', 'TRUNCATE t'],
    ['two', insertAgain],
  ] as const) {
    sink.currentScope = () => ({ run: 'run', scope })
    await sink.run(scope, () => client.query(query))
  }
  expect(sink.keys()).toEqual({})
})

test.each<{ how: string; queries: string[]; keys: object }>([
  {
    how: 'rows of the test were deleted from the partitioned table',
    queries: ['INSERT INTO e VALUES (3, 26)', 'DELETE FROM e WHERE id = 3', 'INSERT INTO e VALUES (3, 26), (4, 27)'],
    keys: {
      e: [
        [3, 26],
        [4, 27],
      ],
    },
  },
  {
    how: 'an older row with another key was deleted from the partitioned table',
    queries: ['DELETE FROM e WHERE id = 1', 'INSERT INTO e VALUES (3, 26)', 'INSERT INTO e26 VALUES (4, 26)'],
    keys: { e: [[3, 26]], e26: [[4, 26]] },
  },
  {
    how: 'older and new rows are inserted by one statement',
    queries: ['DELETE FROM t WHERE id = 1', 'ALTER TABLE t RENAME TO s', 'INSERT INTO s VALUES (1), (3)'],
    keys: { s: [3] },
  },
  {
    how: 'a row of the test was deleted with the row that referred to it',
    queries: [
      'INSERT INTO owners VALUES (5)',
      'INSERT INTO pets VALUES (5, 5)',
      'DELETE FROM owners WHERE id = 5',
      'INSERT INTO pets VALUES (6)',
    ],
    keys: { pets: [6] },
  },
  {
    how: 'a DELETE matched no row',
    queries: ['DELETE FROM v WHERE false', `INSERT INTO t VALUES (3)`],
    keys: { t: [3] },
  },
  {
    how: 'the table was dropped and created again',
    queries: ['DROP TABLE o', 'CREATE TABLE o (id int PRIMARY KEY)', 'INSERT INTO o VALUES (1)'],
    keys: { o: [1] },
  },
])('a row that is certainly new is tracked: $how', async ({ queries, keys }) => {
  const { sink, client } = await world()
  for (const query of queries) await client.query(query)
  expect(sink.keys()).toEqual(keys)
})
