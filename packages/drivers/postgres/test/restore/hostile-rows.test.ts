import { changesOf, restore, restoring, undo } from '@dustpan/conformance/application-log'
import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import { expect, test } from 'vitest'
import { application, connectTo, logged, loggedDatabase } from '../application/database.ts'

const server = await testServer()
const undoIn = (url: string) => undo({ connect: connectTo }, url)

/** All rows of a table as text. */
const all = async (url: string, table: string) =>
  (await once(url, `SELECT t::text AS row FROM ${table} t ORDER BY 1`)).rows.map(({ row }) => row)

async function expectUndone(setup: string, table: string, sql: string, session = ''): Promise<readonly string[]> {
  const url = await loggedDatabase(server, setup, restoring)
  const before = await all(url, table)
  const app = await application(url)
  if (session !== '') await app.client.query(session)
  await app.as('r', 's', sql)
  expect(await all(url, table)).not.toEqual(before)
  const outcomes = await undoIn(url)
  expect(await all(url, table)).toEqual(before)
  expect(await logged(url)).toEqual([])
  return outcomes
}

const kinds =
  `CREATE TYPE mood AS ENUM ('so so', 'good'); CREATE TYPE pair AS (a int, b text); CREATE DOMAIN word AS text CHECK (value <> '');
  CREATE TABLE kinds (id bigint PRIMARY KEY, j jsonb, js json, ints int[], texts text[][], bytes bytea, big numeric(30, 10), any_number numeric, real float8,
    at timestamptz, local timestamp, day date, span interval, m mood, p pair, w word, u uuid, address inet, during tstzrange, spot point, bits bit(4), c char(5), x xml, n int);
  INSERT INTO kinds VALUES (9007199254740993, '{"b": [1, null, "\\u00e9\\"''"], "a": 1.50, "huge": 12345678901234567890.10}', '{"k": 1}', '{1,NULL,3}', '{{"a,b","c\\"d"},{"{}","NULL"}}',
    '\\x00ff5c27', 12345678901234567890.0123456789, 'NaN', 0.1::float8 + 0.2::float8, '2026-03-29 02:30:00.123456+01', 'infinity', '0044-03-15 BC', '1 year 2 mons -3 days 04:05:06.7', 'so so', '(1,"x, ""y""")', 'w''; DROP TABLE kinds; --',
    'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '10.0.0.1/8', '[2026-01-01,infinity)', '(1.5,2)', '1010', 'ab', '<a>1</a>', NULL), (2) `.replace(
    ', (2) ',
    `;
  INSERT INTO kinds (id) VALUES (2)`,
  )
const changeAll = `UPDATE kinds SET j = '[]', js = '[]', ints = '{}', texts = NULL, bytes = '', big = 0, any_number = 1, real = 1, at = now(), local = now(), day = now(), span = '1 s', m = 'good',
  p = NULL, w = 'x', u = NULL, address = NULL, during = 'empty', spot = '(0,0)', bits = '0000', c = '', x = NULL, n = 1`

test.each(['', `SET timezone = 'Asia/Kathmandu'; SET datestyle = 'SQL, DMY'; SET bytea_output = 'escape'`])(
  'values of every type are restored, whatever output formats the session that changed them had: %s',
  async (session) => {
    expect(await expectUndone(kinds, 'kinds', changeAll, session)).toEqual([
      'kinds 2: removed restored 18 columns',
      'kinds 9007199254740993: removed restored 23 columns',
    ])
    await expectUndone(kinds, 'kinds', 'DELETE FROM kinds', session)
    await expectUndone(kinds, 'kinds', `${changeAll}; DELETE FROM kinds`, session)
  },
)

test('rows of a table with quotes, dots and semicolons in its names and a composite key are restored', async () => {
  const setup = `CREATE SCHEMA "we""ird.; --"; CREATE TABLE "we""ird.; --"."Ta'b.le$$" ("I d" text, "k;2" timestamptz, "va""l'ue" text, PRIMARY KEY ("I d", "k;2"));
    INSERT INTO "we""ird.; --"."Ta'b.le$$" VALUES ('''; DROP TABLE x; --', '2026-01-01 00:00:00.000001+00', 'a'), ('{"a",NULL}', 'epoch', NULL)`
  const table = `"we""ird.; --"."Ta'b.le$$"`
  await expectUndone(setup, table, `UPDATE ${table} SET "va""l'ue" = 'b'`, `SET timezone = 'America/New_York'`)
  await expectUndone(setup, table, `UPDATE ${table} SET "k;2" = "k;2" + interval '1 day'`)
  await expectUndone(setup, table, `DELETE FROM ${table}`)
})

test('rows with generated and identity columns are restored', async () => {
  const setup = `CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int, twice int GENERATED ALWAYS AS (a * 2) STORED);
    INSERT INTO t (a) VALUES (1), (2)`
  expect(await expectUndone(setup, 't', 'UPDATE t SET a = 7')).toEqual([
    't 1: removed restored 1 column',
    't 2: removed restored 1 column',
  ])
  await expectUndone(setup, 't', 'DELETE FROM t WHERE id = 1')
})

test('a row that was moved to another partition, or deleted from one, is restored', async () => {
  const setup = `CREATE TABLE t (id int, region text, v int, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
    CREATE TABLE t_a PARTITION OF t FOR VALUES IN ('a'); CREATE TABLE t_b PARTITION OF t FOR VALUES IN ('b'); INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2)`
  await expectUndone(setup, 't', `UPDATE t SET v = 9`)
  await expectUndone(setup, 't', `DELETE FROM t_b`)
  const moved = await loggedDatabase(server, setup, restoring)
  await (await application(moved)).as('r', 's', `UPDATE t SET region = 'b', v = 9 WHERE id = 1`)
  await undoIn(moved)
  expect(await all(moved, 't')).toEqual(['(1,a,1)', '(2,b,2)'])
})

test('a row is restored without a column that was dropped, and with the default of a new one', async () => {
  const url = await loggedDatabase(
    server,
    'CREATE TABLE t (id int PRIMARY KEY, a int, b int); INSERT INTO t VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3)',
    restoring,
  )
  await (await application(url)).as(
    'r',
    's',
    'UPDATE t SET a = 9, b = 9 WHERE id = 1; DELETE FROM t WHERE id = 2; UPDATE t SET b = 9 WHERE id = 3',
  )
  await once(url, 'ALTER TABLE t DROP COLUMN b, ADD COLUMN c int NOT NULL DEFAULT 5')
  expect(await undoIn(url)).toEqual([
    't 1: removed restored 1 column',
    't 2: removed restored row',
    't 3: removed was as before',
  ])
  expect(await all(url, 't')).toEqual(['(1,1,5)', '(2,2,5)', '(3,3,5)'])
})

test('a row of a table that was dropped or truncated is refused', async () => {
  const url = await loggedDatabase(
    server,
    'CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY); INSERT INTO t VALUES (1); INSERT INTO u VALUES (1)',
    restoring,
  )
  await (await application(url)).as('r', 's', 'DELETE FROM t; DELETE FROM u')
  const connection = await connectTo(url, restoring)
  const { targets } = await changesOf(connection, ['s'])
  await once(url, 'TRUNCATE t; DROP TABLE u')
  expect(await restore(connection, targets)).toEqual([
    't 1: refused changed-since DUSTPAN_CHANGED_SINCE The row 1 in t was not restored: its table was emptied, or written anew, since',
    'u 1: refused changed-since DUSTPAN_CHANGED_SINCE The row 1 in u was not restored: its table no longer exists',
  ])
})

test('triggers of the table run on restoring, and the columns that they set are reported', async () => {
  const url = await loggedDatabase(
    server,
    `CREATE TABLE t (id int PRIMARY KEY, a int, changed int DEFAULT 0); CREATE TABLE seen (a int);
     CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.changed := OLD.changed + 1; INSERT INTO seen VALUES (NEW.a); RETURN NEW; END $$;
     CREATE TRIGGER touch BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch(); INSERT INTO t VALUES (1, 1)`,
    restoring,
  )
  await (await application(url)).as('r', 's', 'UPDATE t SET a = 2')
  expect(await undoIn(url)).toEqual(['t 1: removed restored 1 column; a trigger has set changed'])
  expect(await all(url, 't')).toEqual(['(1,1,2)'])
  expect(await all(url, 'seen')).toEqual(['(1)', '(2)'])
})

test('a row that a trigger keeps from being restored fails with DUSTPAN_RESTORE_FAILED', async () => {
  const url = await loggedDatabase(
    server,
    'CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t VALUES (1, 1)',
    restoring,
  )
  await (await application(url)).as('r', 's', 'UPDATE t SET a = 2')
  await once(
    url,
    `CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
    CREATE TRIGGER keep BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION keep()`,
  )
  expect(await undoIn(url)).toEqual([
    't 1: failed DUSTPAN_RESTORE_FAILED The row 1 in t was not restored: a trigger, a rule or row-level security keeps it as it is',
  ])
})

test('rows that row-level security hides are refused', async () => {
  const url = await loggedDatabase(
    server,
    `CREATE TABLE t (id int PRIMARY KEY, tenant text, a int); INSERT INTO t VALUES (1, 'x', 1), (2, 'y', 1)`,
    restoring,
  )
  const role = `rls_${Math.random().toString(36).slice(2)}`
  await once(
    url,
    `CREATE ROLE ${role} LOGIN PASSWORD 'secret'; GRANT USAGE ON SCHEMA dustpan TO ${role}; GRANT ALL ON ALL TABLES IN SCHEMA dustpan TO ${role};
    GRANT ALL ON t TO ${role}; ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t TO ${role} USING (tenant = 'x')`,
  )
  await (await application(url)).as('r', 's', 'UPDATE t SET a = 2')
  const outcomes = await undoIn(url.replace('postgres:secret', `${role}:secret`))
  expect(outcomes[0]).toBe('t 1: removed restored 1 column')
  expect(outcomes[1]).toContain('t 2: refused changed-since')
  expect(await all(url, 't')).toEqual(['(1,x,1)', '(2,y,2)'])
})

test('a column whose type has its own cast to JSON is not restored, and does not affect other columns', async () => {
  const setup = `CREATE TYPE odd AS ENUM ('x', 'y'); CREATE FUNCTION odd_json(odd) RETURNS json LANGUAGE sql IMMUTABLE AS $$ SELECT to_json('odd ' || $1::text) $$;
    CREATE CAST (odd AS json) WITH FUNCTION odd_json(odd); CREATE TABLE t (id int PRIMARY KEY, o odd, a int); INSERT INTO t VALUES (1, 'x', 1), (2, 'x', 2)`
  expect(await expectUndone(setup, 't', 'UPDATE t SET a = 9')).toHaveLength(2)
  const url = await loggedDatabase(server, setup, restoring)
  await (await application(url)).as('r', 's', `UPDATE t SET o = 'y' WHERE id = 1`)
  expect(await undoIn(url)).toEqual([
    't 1: failed DUSTPAN_RESTORE_FAILED The row 1 in t was not restored: what o was cannot be written back, as its type has a form of its own in JSON',
  ])
})

test('deleted rows of tables that refer to each other are restored together', async () => {
  const setup = `CREATE TABLE a (id int PRIMARY KEY, b int); CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a);
    INSERT INTO a VALUES (1, 1); INSERT INTO b VALUES (1, 1); ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b ON DELETE CASCADE`
  await expectUndone(setup, 'a', 'WITH x AS (DELETE FROM a) DELETE FROM b')
})

test('a row that another transaction has locked is pending, and can be restored later', async () => {
  const url = await loggedDatabase(
    server,
    'CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t VALUES (1, 1)',
    restoring,
  )
  const app = await application(url)
  await app.as('r', 's', 'UPDATE t SET a = 2')
  const connection = await connectTo(url, restoring)
  const { targets } = await changesOf(connection, ['s'])
  await app.client.query('BEGIN; SELECT FROM t FOR UPDATE')
  expect(await restore(connection, targets)).toEqual(['t 1: pending open-transaction'])
  await app.client.query('ROLLBACK')
  expect(await restore(connection, targets)).toEqual(['t 1: removed restored 1 column'])
})

test('a row is not restored if the log or its lines are gone', async () => {
  const url = await loggedDatabase(
    server,
    'CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t VALUES (1, 1)',
    restoring,
  )
  await (await application(url)).as('r', 's', 'UPDATE t SET a = 2')
  const connection = await connectTo(url, restoring)
  const { targets } = await changesOf(connection, ['s'])
  await once(url, 'TRUNCATE dustpan.log')
  expect(await restore(connection, targets)).toEqual([
    "t 1: failed DUSTPAN_RESTORE_FAILED The row 1 in t was not restored: its previous values are no longer in the database's log",
  ])
  await once(url, 'DROP SCHEMA dustpan CASCADE')
  expect((await restore(connection, targets))[0]).toMatch(/DUSTPAN_RESTORE_FAILED .*dustpan.log.* does not exist/)
})

test('a change that is committed while its row is being restored is not lost', async () => {
  const url = await loggedDatabase(
    server,
    'CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t VALUES (1, 1), (2, 2)',
    restoring,
  )
  const app = await application(url)
  await app.as('r', 's', 'UPDATE t SET a = 5')
  const connection = await connectTo(url, restoring)
  const { targets } = await changesOf(connection, ['s'])
  await app.client.query('BEGIN; UPDATE t SET a = 6 WHERE id = 1')
  const restored = restore(connection, targets)
  await waitForLock(url)
  await app.client.query('COMMIT')
  expect(await restored).toEqual([
    't 1: refused changed-since DUSTPAN_CHANGED_SINCE The row 1 in t was not restored: someone else has changed a since',
    't 2: removed restored 1 column',
  ])
  expect(await all(url, 't')).toEqual(['(1,6)', '(2,2)'])
})

async function waitForLock(url: string): Promise<void> {
  const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
  while ((await once(url, waiting)).rowCount === 0);
}
