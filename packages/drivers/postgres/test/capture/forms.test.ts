/** Every form of statement, compared with a twin database without capture. */

import { RecordingSink } from '@dustpan/conformance/capture'
import { testServer } from '@dustpan/conformance/servers/test-server'
import type { Json } from '@dustpan/core/driver'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { pgInstrument } from '../../src/capture/instrument.ts'

const schema = `
  CREATE TABLE users (id serial PRIMARY KEY, name text UNIQUE, age int DEFAULT 7);
  CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id int REFERENCES users ON DELETE CASCADE, total numeric DEFAULT 0);
  CREATE TABLE notes (id uuid PRIMARY KEY DEFAULT md5(random()::text)::uuid, body text);
  CREATE TABLE parts (a int, b text, c text, PRIMARY KEY (b, a));
  CREATE TABLE big (id bigint PRIMARY KEY, body text);
  CREATE SCHEMA "Odd Schema";
  CREATE TABLE "Odd Schema"."Tä""ble" ("Id Col" text PRIMARY KEY, "select" int);
  CREATE TABLE keyless (a int);
  CREATE TABLE uniquely (code text NOT NULL UNIQUE, a int);
  CREATE TABLE triggered (id text PRIMARY KEY, body text);
  CREATE FUNCTION give_key() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.body = ''none'' THEN RETURN NULL; END IF; NEW.id := ''t-'' || NEW.body; RETURN NEW; END';
  CREATE TRIGGER give_key BEFORE INSERT ON triggered FOR EACH ROW EXECUTE FUNCTION give_key();
  CREATE TABLE split (id int, region text, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
  CREATE TABLE split_eu PARTITION OF split FOR VALUES IN ('eu');
  CREATE TABLE split_us PARTITION OF split FOR VALUES IN ('us');
  CREATE TABLE heirs (PRIMARY KEY (id)) INHERITS (big);
  CREATE VIEW names AS SELECT id, name FROM users;
  INSERT INTO users (name) VALUES ('seed');
`

type Query = string | { text: string; values?: unknown[]; rowMode?: 'array'; name?: string }

interface Form {
  readonly title: string
  readonly queries: readonly Query[]
  readonly keys?: Record<string, Json[]>
  readonly warns?: readonly string[]
}

const forms: readonly Form[] = [
  { title: 'INSERT', queries: [`INSERT INTO users (name) VALUES ('a')`], keys: { users: [2] } },
  {
    title: 'INSERT followed by a semicolon, blanks and comments',
    queries: [`INSERT INTO users (name) VALUES ('a--b') ; -- RETURNING\n /* ; */ `],
    keys: { users: [2] },
  },
  {
    title: 'INSERT with RETURNING *',
    queries: [`INSERT INTO users (name) VALUES ('a') RETURNING *`],
    keys: { users: [2] },
  },
  {
    title: 'INSERT with RETURNING of expressions',
    queries: [`INSERT INTO users AS u (name) VALUES ('a') RETURNING u.name AS id, 1 + age, upper(name) -- the end`],
    keys: { users: [2] },
  },
  {
    title: 'INSERT with rows returned as arrays',
    queries: [{ text: 'INSERT INTO users (name) VALUES ($1) RETURNING name, id', values: ['a'], rowMode: 'array' }],
    keys: { users: [2] },
  },
  {
    title: 'INSERT of several rows',
    queries: [`INSERT INTO users (name) VALUES ('a'), ('b'), ('c')`],
    keys: { users: [2, 3, 4] },
  },
  {
    title: 'INSERT with parameters',
    queries: [{ text: 'INSERT INTO users (name, age) VALUES ($1, $2)', values: ['ä€😀', 3] }],
    keys: { users: [2] },
  },
  {
    title: 'INSERT after multi-byte characters',
    queries: [
      `/* ä€😀 */ INSERT INTO users (name) VALUES ('ä€😀') RETURNING name; INSERT INTO users (name) VALUES ('é')`,
    ],
    keys: { users: [2, 3] },
  },
  { title: 'INSERT of DEFAULT VALUES', queries: ['INSERT INTO users DEFAULT VALUES'], keys: { users: [2] } },
  {
    title: 'INSERT … SELECT',
    queries: [`INSERT INTO users (name) SELECT 'n' || i FROM generate_series(1, 3) i`],
    keys: { users: [2, 3, 4] },
  },
  { title: 'INSERT … SELECT that selects no row', queries: [`INSERT INTO users (name) SELECT 'n' WHERE false`] },
  {
    title: 'INSERT after a WITH query that only reads',
    queries: [`WITH n AS (SELECT 'x' AS name) INSERT INTO users (name) SELECT name FROM n RETURNING id`],
    keys: { users: [2] },
  },
  {
    title: 'INSERT with a WITH query that only reads inside',
    queries: [`INSERT INTO users (name) WITH n AS (SELECT 'x') SELECT * FROM n`],
    keys: { users: [2] },
  },
  {
    title: 'ON CONFLICT DO NOTHING with a conflict',
    queries: [`INSERT INTO users (name) VALUES ('seed'), ('a') ON CONFLICT DO NOTHING`],
    keys: { users: [3] },
  },
  {
    title: 'ON CONFLICT DO UPDATE of an existing row',
    queries: [`INSERT INTO users (name) VALUES ('seed') ON CONFLICT (name) DO UPDATE SET age = 9 RETURNING age`],
  },
  {
    title: 'ON CONFLICT DO UPDATE of an existing row and a new one',
    queries: [`INSERT INTO users (name) VALUES ('seed'), ('a') ON CONFLICT (name) DO UPDATE SET age = 9`],
    keys: { users: [3] },
  },
  {
    title: 'ON CONFLICT DO UPDATE on a partitioned table',
    queries: [
      `INSERT INTO split VALUES (1, 'eu')`,
      `INSERT INTO split VALUES (1, 'eu'), (2, 'us') ON CONFLICT (id, region) DO UPDATE SET id = excluded.id`,
    ],
    keys: {
      split: [
        [1, 'eu'],
        [2, 'us'],
      ],
    },
  },
  {
    title: 'RETURNING of old and new values',
    queries: [
      `INSERT INTO users (name) VALUES ('seed') ON CONFLICT (name) DO UPDATE SET age = 9 RETURNING WITH (OLD AS o, NEW AS n) o.age, n.age AS after`,
    ],
  },
  {
    title: 'INSERT into a table with an identity column',
    queries: [`INSERT INTO orders (user_id) VALUES (1) RETURNING *`],
    keys: { orders: [1] },
  },
  {
    title: 'a composite key, recorded in the order of the primary key',
    queries: [`INSERT INTO parts (a, b) VALUES (1, 'x'), (2, 'y')`],
    keys: {
      parts: [
        ['x', 1],
        ['y', 2],
      ],
    },
  },
  {
    title: 'a bigint key beyond the safe integers',
    queries: [`INSERT INTO big VALUES (9007199254740993, 'x'), (5, 'y') RETURNING id`],
    keys: { big: ['9007199254740993', 5] },
  },
  {
    title: 'quoted names',
    queries: [`INSERT INTO "Odd Schema"."Tä""ble" AS "T t" ("Id Col") VALUES ('k''1') RETURNING "select"`],
    keys: { 'Odd Schema.Tä"ble': ["k'1"] },
  },
  {
    title: 'a key that a trigger sets',
    queries: [`INSERT INTO triggered (body) VALUES ('x'), ('none')`],
    keys: { triggered: ['t-x'] },
  },
  {
    title: 'a unique key of NOT NULL columns instead of a primary key',
    queries: [`INSERT INTO uniquely VALUES ('c', 1)`],
    keys: { uniquely: ['c'] },
  },
  {
    title: 'INSERT into a table without a key',
    queries: ['INSERT INTO keyless VALUES (1)'],
    warns: ['DUSTPAN_NO_PRIMARY_KEY'],
  },
  {
    title: 'INSERT into a view',
    queries: [`INSERT INTO names (name) VALUES ('v') RETURNING name`],
    warns: ['DUSTPAN_SQL_UNATTRIBUTED'],
  },
  {
    title: 'several statements in one text',
    queries: [
      `INSERT INTO users (name) VALUES ('a'); SELECT 1 AS one; INSERT INTO parts VALUES (1, 'x') RETURNING a; UPDATE users SET age = 1`,
    ],
    keys: { users: [2], parts: [['x', 1]] },
  },
  {
    title: 'several statements in one text, the last of which fails',
    queries: [`INSERT INTO users (name) VALUES ('a'); SELECT nope`],
  },
  {
    title: 'several statements in one text, with an error after a COMMIT',
    queries: [
      `BEGIN; INSERT INTO users (name) VALUES ('a'); COMMIT; INSERT INTO users (name) VALUES ('b'); SELECT 1/0`,
    ],
    keys: { users: [2] },
  },
  {
    title: 'several statements in one text, with a ROLLBACK',
    queries: [`BEGIN; INSERT INTO users (name) VALUES ('a'); ROLLBACK; INSERT INTO users (name) VALUES ('b')`],
    keys: { users: [3] },
  },
  {
    title: 'INSERT that violates a constraint',
    queries: [`INSERT INTO users (name) VALUES ('seed')`, `INSERT INTO users (name) VALUES ('a') RETURNING id`],
    keys: { users: [3] },
  },
  { title: 'INSERT into a column that does not exist', queries: [`INSERT INTO users (nope) VALUES (1) RETURNING id`] },
  { title: 'INSERT into a table that does not exist', queries: [`INSERT INTO nope VALUES (1)`] },
  { title: 'invalid SQL', queries: [`INSERT INTO INTO users`] },
  {
    title: 'an error after a statement to which key columns were added',
    queries: [`INSERT INTO users (name) VALUES ('a'); INSERT INTO users (nope) VALUES ('b')`],
  },
  {
    title: 'a named statement that is sent twice',
    queries: [
      { name: 'n', text: 'INSERT INTO users (name) VALUES ($1)', values: ['a'] },
      { name: 'n', text: 'INSERT INTO users (name) VALUES ($1)', values: ['b'] },
    ],
    keys: { users: [2, 3] },
  },
  {
    title: 'a statement name that is used for another text',
    queries: [
      { name: 'n', text: 'INSERT INTO users (name) VALUES ($1)', values: ['a'] },
      { name: 'n', text: 'INSERT INTO users (name, age) VALUES ($1, 1)', values: ['b'] },
    ],
    keys: { users: [2] },
  },
  {
    title: 'PREPARE and EXECUTE',
    queries: [
      `PREPARE p (text) AS INSERT INTO users (name) VALUES ($1) RETURNING name`,
      `EXECUTE p('a')`,
      `EXECUTE p('b')`,
    ],
    keys: { users: [2, 3] },
  },
  {
    title: 'PREPARE and EXECUTE in one text',
    queries: [`PREPARE q AS INSERT INTO users (name) VALUES ('a'); EXECUTE q`],
    keys: { users: [2] },
  },
  {
    title: 'INSERT in WITH, read with *',
    queries: [
      `WITH n AS (INSERT INTO users (name) VALUES ('a'), ('b') RETURNING *) SELECT name, age FROM n ORDER BY name DESC`,
    ],
    keys: { users: [2, 3] },
  },
  {
    title: 'INSERT in WITH, not read by the main query',
    queries: [`WITH n AS (INSERT INTO users (name) VALUES ('a')) SELECT 1 AS one WHERE false`],
    keys: { users: [2] },
  },
  {
    title: 'INSERT in WITH and in the main query, with RETURNING',
    queries: [
      `WITH n AS (INSERT INTO users (name) VALUES ('a'), ('b') RETURNING id) INSERT INTO orders (user_id) SELECT id FROM n RETURNING id, user_id`,
    ],
    keys: { users: [2, 3], orders: [1, 2] },
  },
  {
    title: 'INSERT in WITH and in the main query, without RETURNING',
    queries: [
      `WITH n AS (INSERT INTO users (name) VALUES ('a') RETURNING id) INSERT INTO orders (user_id) SELECT id FROM n`,
    ],
    keys: { users: [2], orders: [1] },
  },
  {
    title: 'INSERT in WITH, UPDATE in the main query',
    queries: [`WITH n AS (INSERT INTO parts (a, b) VALUES (1, 'x')) UPDATE users SET age = 1`],
    keys: { parts: [['x', 1]] },
  },
  {
    title: 'DELETE in WITH, INSERT of the deleted rows in the main query',
    queries: [
      `WITH d AS (DELETE FROM users WHERE name = 'seed' RETURNING name) INSERT INTO notes (id, body) SELECT '00000000-0000-0000-0000-000000000001', name FROM d`,
    ],
    keys: { notes: ['00000000-0000-0000-0000-000000000001'] },
  },
  {
    title: 'INSERT in WITH that does not return its key, read with *',
    queries: [`WITH n AS (INSERT INTO users (name) VALUES ('a') RETURNING name) SELECT * FROM n`],
    warns: ['DUSTPAN_SQL_UNATTRIBUTED'],
  },
  {
    title: 'INSERT in WITH that returns another value under the name of its key, read with *',
    queries: [`WITH n AS (INSERT INTO users (name) VALUES ('a') RETURNING id, upper(name) AS id) SELECT * FROM n`],
    warns: ['DUSTPAN_SQL_UNATTRIBUTED'],
  },
  {
    title: 'several INSERTs in WITH and one in the main query',
    queries: [
      `WITH a AS (INSERT INTO users (name) VALUES ('a')), b AS (INSERT INTO users (name) VALUES ('b')) INSERT INTO users (name) VALUES ('c') RETURNING id`,
    ],
    keys: { users: [4, 3, 2] },
  },
  {
    title: 'INSERT in WITH, MERGE in the main query',
    queries: [
      `WITH n AS (INSERT INTO users (name) VALUES ('a')) MERGE INTO parts USING (SELECT 1 WHERE false) v(i) ON a = i WHEN NOT MATCHED THEN INSERT VALUES (i, 'm', 'x')`,
    ],
    warns: ['DUSTPAN_SQL_UNATTRIBUTED'],
  },
  {
    title: 'INSERT in WITH in a read-only transaction',
    queries: [
      'BEGIN READ ONLY',
      `WITH n AS (INSERT INTO users (name) VALUES ('a')) UPDATE users SET age = 1`,
      'ROLLBACK',
    ],
  },
  {
    title: 'INSERT in WITH without RETURNING, read by the main query',
    queries: [`WITH n AS (INSERT INTO users (name) VALUES ('a')) SELECT 1 AS one FROM n`],
  },
  {
    title: 'several WITH queries that write and read',
    queries: [
      `WITH a AS (INSERT INTO users (name) VALUES ('a') RETURNING id), b(x) AS MATERIALIZED (SELECT ')'::text), c AS (INSERT INTO parts SELECT id, 'p' FROM a) SELECT count(*)::int FROM a, b`,
    ],
    keys: { users: [2], parts: [['p', 2]] },
  },
  {
    title: 'MERGE',
    queries: [`MERGE INTO parts USING (VALUES (1)) v(i) ON a = i WHEN NOT MATCHED THEN INSERT VALUES (i, 'm', 'x')`],
    warns: ['DUSTPAN_SQL_UNATTRIBUTED'],
  },
  {
    title: 'DO',
    queries: [`DO $$ BEGIN INSERT INTO parts VALUES (1, 'd'); END $$`],
    warns: ['DUSTPAN_SQL_UNATTRIBUTED'],
  },
  {
    title: 'EXPLAIN ANALYZE of an INSERT in WITH',
    queries: [
      `EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off, BUFFERS off) WITH n AS (INSERT INTO parts VALUES (1, 'e')) SELECT 1`,
    ],
    warns: ['DUSTPAN_SQL_UNATTRIBUTED'],
  },
  {
    title: 'EXPLAIN of an INSERT without ANALYZE',
    queries: [`EXPLAIN (ANALYZE off, COSTS off) INSERT INTO parts VALUES (1, 'e')`],
  },
  {
    title: 'a temporary function that inserts',
    queries: [
      `CREATE FUNCTION pg_temp.add() RETURNS text LANGUAGE sql AS $$ INSERT INTO parts VALUES (1, 'f') RETURNING b $$; SELECT pg_temp.add(); DROP FUNCTION pg_temp.add()`,
    ],
    warns: ['DUSTPAN_SQL_UNATTRIBUTED'],
  },
  {
    title: 'PREPARE TRANSACTION on a server that does not allow it',
    queries: ['BEGIN', `INSERT INTO users (name) VALUES ('a')`, `PREPARE TRANSACTION 'p'`],
  },
  {
    title: 'DELETE of a row of an inheriting table whose key a row of the parent table has too',
    queries: [
      `INSERT INTO big VALUES (1, 'mine'), (2, 'mine')`,
      `INSERT INTO heirs VALUES (1, 'other')`,
      `DELETE FROM big WHERE body = 'other'`,
      `DELETE FROM big WHERE id = 2`,
    ],
    keys: { big: [1], heirs: [1] },
  },
  {
    title: 'an error whose position has fewer digits than in the rewritten text',
    queries: [
      `INSERT INTO users (name) VALUES ('a'); INSERT INTO parts VALUES (1, 'b'); INSERT INTO users (nope) VALUES (1)`,
    ],
  },
  {
    title: 'INSERT into a partitioned table',
    queries: [`INSERT INTO split VALUES (1, 'eu'), (2, 'us') RETURNING region`],
    keys: {
      split: [
        [1, 'eu'],
        [2, 'us'],
      ],
    },
  },
  {
    title: 'SET and RESET of the search path',
    queries: [
      `SET search_path = "Odd Schema"`,
      `INSERT INTO "Tä""ble" VALUES ('s')`,
      'RESET search_path',
      `INSERT INTO users (name) VALUES ('a')`,
    ],
    keys: { 'Odd Schema.Tä"ble': ['s'], users: [2] },
  },
  {
    title: 'a table that is dropped and created again with another key',
    queries: [
      'CREATE TABLE fresh (id int PRIMARY KEY)',
      'INSERT INTO fresh VALUES (1)',
      'DROP TABLE fresh',
      'CREATE TABLE fresh (code text PRIMARY KEY)',
      `INSERT INTO fresh VALUES ('x')`,
    ],
    keys: { fresh: ['x'] },
  },
  {
    title: 'DELETE',
    queries: [`INSERT INTO users (name) VALUES ('a'), ('b')`, `DELETE FROM users WHERE name = 'a' RETURNING name`],
    keys: { users: [3] },
  },
  {
    title: 'DELETE … USING',
    queries: [
      `INSERT INTO users (name) VALUES ('a'), ('b')`,
      `DELETE FROM users u USING users v WHERE u.id = v.id AND v.name = 'a'`,
    ],
    keys: { users: [3] },
  },
  {
    title: 'TRUNCATE',
    queries: [
      `INSERT INTO parts VALUES (1, 'x')`,
      `INSERT INTO notes (id) VALUES ('00000000-0000-0000-0000-000000000002')`,
      'TRUNCATE parts',
    ],
    keys: { notes: ['00000000-0000-0000-0000-000000000002'] },
  },
  {
    title: 'TRUNCATE … CASCADE',
    queries: [
      `INSERT INTO users (name) VALUES ('a')`,
      `INSERT INTO orders (user_id) VALUES (2)`,
      'TRUNCATE users CASCADE',
    ],
  },
  {
    title: 'UPDATE of keys, with and without RETURNING',
    queries: [
      `INSERT INTO parts VALUES (1, 'x', 'mine'), (2, 'x', 'mine')`,
      `UPDATE parts p SET a = a + 10 WHERE a = 1`,
      `UPDATE parts SET c = 'y', a = 2 WHERE a = 2 AND b = 'x' RETURNING *`,
    ],
    keys: { parts: [['x', 2]] },
    warns: ['DUSTPAN_SQL_UNATTRIBUTED'],
  },
  { title: 'SELECT and UPDATE, which create no row', queries: [`SELECT 'insert' AS word`, 'UPDATE users SET age = 2'] },
]

const server = await testServer()
const sink = new RecordingSink()
let installed: Disposable

describe('a statement gives the same result with and without capture, and its rows are tracked', () => {
  test.each(forms)('$title', async ({ queries, keys = {}, warns = [] }) => {
    const [bare, twin] = await Promise.all([server.database(schema), server.database(schema)])
    const expected = await runAll(bare, queries)
    sink.reset()
    installed = pgInstrument({ serves: () => true, ignoreTables: [] }).install(pg, sink)
    const seen = await sink.run('test', () => runAll(twin, queries))
    installed[Symbol.dispose]()
    expect(seen).toEqual(expected)
    expect(await dump(twin)).toEqual(await dump(bare))
    expect(sink.keys()).toEqual(keys)
    expect(sink.warnings.map(({ code }) => code)).toEqual(warns)
    expect(
      sink.intents.filter(({ outcome }) => outcome === 'open'),
      'intents without an outcome',
    ).toEqual([])
  })
})

test('a table whose only key is DEFERRABLE warns with DUSTPAN_NO_PRIMARY_KEY and says why', async () => {
  const url = await server.database('CREATE TABLE due (id int PRIMARY KEY DEFERRABLE)')
  sink.reset()
  installed = pgInstrument({ serves: () => true, ignoreTables: [] }).install(pg, sink)
  await sink.run('test', () => runAll(url, ['INSERT INTO due VALUES (1)']))
  installed[Symbol.dispose]()
  expect(sink.warnings).toEqual([
    {
      code: 'DUSTPAN_NO_PRIMARY_KEY',
      subject: 'due',
      message: expect.stringMatching(
        /^Rows inserted into due are not tracked: .*\(one that is DEFERRABLE will not do\)/,
      ),
    },
  ])
})

async function runAll(url: string, queries: readonly Query[]): Promise<unknown[]> {
  const client = new pg.Client(url)
  await client.connect()
  const results: unknown[] = []
  for (const query of queries) results.push(await client.query(query).then(plain, failure))
  await client.end()
  return results
}

function plain(result: pg.QueryResult | pg.QueryResult[]): unknown {
  if (Array.isArray(result)) return result.map(plain)
  const { command, rowCount, oid, rows, fields } = result
  return {
    command,
    rowCount,
    oid,
    rows,
    fields: fields.map(({ name, dataTypeID, columnID, format, dataTypeModifier }) => ({
      name,
      dataTypeID,
      columnID,
      format,
      dataTypeModifier,
    })),
  }
}

function failure(error: pg.DatabaseError): unknown {
  const { message, code, detail, position, constraint, severity, length } = error
  return { message, code, detail, position, constraint, severity, length }
}

async function dump(url: string): Promise<unknown> {
  const tables = [
    'users',
    'orders',
    'parts',
    'big',
    '"Odd Schema"."Tä""ble"',
    'keyless',
    'uniquely',
    'triggered',
    'split',
  ]
  return runAll(
    url,
    tables.map((table) => `SELECT * FROM ${table} t ORDER BY t::text`),
  )
}
