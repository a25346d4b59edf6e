import { once, testName } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import { beforeAll, expect, test } from 'vitest'
import { connect, ctx, keysIn, remove, storeOf, targets } from './fixture.ts'

const restricted = testName()

const server = await testServer()
beforeAll(async () => {
  await once(await server.database(), `CREATE ROLE ${restricted} LOGIN PASSWORD 'x'`)
})

const asRestricted = (url: string) => url.replace('postgres:secret', `${restricted}:x`)
const byColumns = (table: string, ...columns: string[]) => ({
  removal: { driver: 'main', op: 'delete-row', v: 1, args: { schema: 'public', table, columns } },
})

test('in a table without a key, a row is removed by a column only if its value is unique', async () => {
  const url = await server.database(
    `CREATE TABLE log (name text, n int); INSERT INTO log VALUES ('a', 1), ('b', 1), ('b', 2), ('c', 1)`,
  )
  await using connection = await connect(url)
  const wanted = await targets(url, 'log', ['a', 'b', 'z'], byColumns('log', 'name'))
  expect(await remove(connection, wanted)).toMatchObject([
    'removed',
    { why: 'not-ours', code: 'DUSTPAN_NOT_OURS' },
    'already-gone',
  ])
  expect(await keysIn(url, 'log', 'name || n')).toEqual(['b1', 'b2', 'c1'])
})

test('keys that look like SQL are treated as values', async () => {
  const ids = [`1'; DROP TABLE t; --`, `{1,2}`, `NULL`, `"\\`, `$1`, `') OR true --`, 'ü\n{id}', '']
  const url = await server.database('CREATE TABLE t (id text PRIMARY KEY)')
  for (const id of [...ids, 'other']) await once(url, `INSERT INTO t VALUES (${literal(id)})`)
  await using connection = await connect(url)
  expect(await remove(connection, await targets(url, 't', ids))).toEqual(ids.map(() => 'removed'))
  expect(await keysIn(url, 't')).toEqual(['other'])
})

test('a key of the wrong type fails alone', async () => {
  const url = await server.database('CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (2)')
  await using connection = await connect(url)
  expect(await remove(connection, await targets(url, 't', [1, '2; DELETE FROM t', 99999999999]))).toMatchObject([
    'removed',
    { code: 'DUSTPAN_REMOVAL_FAILED', message: expect.stringContaining('22P02') },
    { code: 'DUSTPAN_REMOVAL_FAILED', message: expect.stringContaining('22003') },
  ])
  expect(await keysIn(url, 't')).toEqual([2])
})

test('rows of a table with quotes, dots, semicolons and umlauts in its names are removed', async () => {
  const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`
  const [schema, table, column] = [quoted(`s";x`), quoted(`t.a'b"ü`), quoted(`k;"ey`)]
  const url =
    await server.database(`CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.${table} (${column} int PRIMARY KEY, ${column.replace('ey', 'id')} int REFERENCES ${schema}.${table});
    INSERT INTO ${schema}.${table} VALUES (1, NULL), (2, 1), (3, NULL)`)
  await using connection = await connect(url)
  const removal = { driver: 'main', op: 'delete-row', v: 1, args: { schema: `s";x`, table: `t.a'b"ü` } }
  const wanted = [1, 2].map((key) => ({
    id: String(key),
    type: 't',
    key,
    removal,
    proof: { strength: 'key-only' as const },
    createdAt: 0,
  }))
  expect(await remove(connection, wanted)).toEqual(['removed', 'removed'])
  expect(await keysIn(url, `${schema}.${table}`, column)).toEqual([3])
})

test('rows with generated and identity columns in nested partitions are removed', async () => {
  const url =
    await server.database(`CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY, at int, twice int GENERATED ALWAYS AS (at * 2) STORED, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
    CREATE TABLE low PARTITION OF t FOR VALUES FROM (0) TO (10) PARTITION BY LIST (at); CREATE TABLE low_1 PARTITION OF low DEFAULT;
    CREATE TABLE high PARTITION OF t DEFAULT; INSERT INTO t (at) VALUES (1), (2), (20), (30)`)
  await using connection = await connect(url)
  expect(
    await remove(
      connection,
      await targets(url, 't', [
        [1, 1],
        [3, 20],
        [3, 30],
      ]),
    ),
  ).toEqual(['removed', 'removed', 'already-gone'])
  expect(await keysIn(url, 't')).toEqual([2, 4])
})

test('a row that row-level security hides from the removing role is not reported as gone', async () => {
  const url =
    await server.database(`CREATE TABLE t (id int PRIMARY KEY, owner text); INSERT INTO t VALUES (1, '${restricted}'), (2, 'else');
    ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON t USING (owner = current_user); GRANT ALL ON t TO ${restricted}`)
  await using connection = await connect(asRestricted(url), {}, await storeOf(url))
  const wanted = await targets(url, 't', [1, 2])
  expect(await remove(connection, wanted)).toMatchObject([
    'removed',
    { code: 'DUSTPAN_REMOVAL_FAILED', message: expect.stringContaining('row-level security'), retry: false },
  ])
  expect([...((await connection.probe?.(wanted, ctx)) ?? []).values()]).toEqual(['unknown', 'unknown'])
  expect(await keysIn(url, 't')).toEqual([2])
})

test('rows fail without the DELETE privilege on their table, and rows of other tables are removed', async () => {
  const url =
    await server.database(`CREATE TABLE sealed (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY); INSERT INTO sealed VALUES (1), (2); INSERT INTO t VALUES (1);
    GRANT INSERT ON sealed TO ${restricted}; GRANT ALL ON t TO ${restricted}`)
  await using connection = await connect(asRestricted(url), {}, await storeOf(url))
  const wanted = [...(await targets(url, 'sealed', [1, 2])), ...(await targets(url, 't', [1]))]
  const denied = {
    code: 'DUSTPAN_REMOVAL_FAILED',
    message: expect.stringContaining('permission denied for table sealed'),
    retry: false,
  }
  expect(await remove(connection, wanted)).toMatchObject([denied, denied, 'removed'])
  expect(await keysIn(url, 'sealed')).toEqual([1, 2])
})

test('a deferred constraint that fails at COMMIT for one row keeps only that row', async () => {
  const url = await server.database(`CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (2), (3);
    CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not row 2'; END $$;
    CREATE CONSTRAINT TRIGGER no AFTER DELETE ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.id = 2) EXECUTE FUNCTION no()`)
  await using connection = await connect(url)
  expect(await remove(connection, await targets(url, 't', [1, 2, 3]))).toMatchObject([
    'removed',
    { code: 'DUSTPAN_REMOVAL_FAILED', message: expect.stringContaining('not row 2') },
    'removed',
  ])
})

test('an unreachable server is named in the error, without the password', async () => {
  const url = await server.database()
  const store = await storeOf(url)
  const dead = new URL(url)
  dead.port = '1'
  const failing = connect(dead.href, {}, store.replace(/:\d+\//, ':1/'))
  await expect(failing).rejects.toMatchObject({
    code: 'DUSTPAN_STORE_UNREACHABLE',
    message: expect.stringContaining('localhost:1'),
  })
  await expect(failing).rejects.not.toMatchObject({ message: expect.stringContaining('secret') })
})

test('rows stay if the connection is lost during their removal, and the next attempt removes them', async () => {
  const url =
    await server.database(`CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a); INSERT INTO a VALUES (1), (2); INSERT INTO b VALUES (1, 1);
    CREATE SEQUENCE once; CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF nextval('once') <= 2 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN OLD; END $$;
    CREATE TRIGGER die BEFORE DELETE ON a FOR EACH ROW WHEN (OLD.id = 2) EXECUTE FUNCTION die()`)
  await using connection = await connect(url)
  const wanted = [...(await targets(url, 'a', [1, 2])), ...(await targets(url, 'b', [1]))]
  const [first, second] = await remove(connection, wanted)
  expect([first, second]).toMatchObject(Array(2).fill({ code: 'DUSTPAN_REMOVAL_FAILED', retry: {} }))
  expect(await keysIn(url, 'a')).toEqual([1, 2])
  expect(await remove(connection, wanted.slice(0, 2))).toEqual(['removed', 'removed'])
  expect(await keysIn(url, 'b')).toEqual([])
})

test('each row of a read-only database fails with the error of the server, without a retry', async () => {
  const url = await server.database(
    `CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 20)`,
  )
  const readers = await server.database()
  await once(readers, `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET default_transaction_read_only = on`)
  await using connection = await connect(url)
  const keys = Array.from({ length: 20 }, (_, i) => i + 1)
  const outcomes = await remove(connection, await targets(url, 't', keys))
  expect(outcomes).toMatchObject(keys.map(() => ({ message: expect.stringContaining('25006'), retry: false })))
  expect(new Set(outcomes).size).toBe(20)
  expect(await keysIn(url, 't')).toHaveLength(20)
})

test('a statement_timeout that is set for the database does not abort a removal', async () => {
  const url = await server.database(`CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1);
    CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.2); RETURN OLD; END $$;
    CREATE TRIGGER slow BEFORE DELETE ON t FOR EACH ROW EXECUTE FUNCTION slow()`)
  await once(url, `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET statement_timeout = '50ms'`)
  await using connection = await connect(url)
  expect(await remove(connection, await targets(url, 't', [1]))).toEqual(['removed'])
})

test('a removal that is aborted fails, and its statement is rolled back', async () => {
  const url = await server.database(`CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1);
    CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(1); RETURN OLD; END $$;
    CREATE TRIGGER slow BEFORE DELETE ON t FOR EACH ROW EXECUTE FUNCTION slow()`)
  await using connection = await connect(url)
  const [outcome] = await remove(connection, await targets(url, 't', [1]), { ...ctx, signal: AbortSignal.timeout(100) })
  expect(outcome).toMatchObject({ code: 'DUSTPAN_REMOVAL_FAILED' })
  expect(await keysIn(url, 't')).toEqual([1])
})

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

test.for([
  ['to its partition, when it is removed from the partitioned table', 'whole', 'part'],
  ['to the partitioned table, when it is removed from its partition', 'part', 'whole'],
  ['to its nested partition, when it is removed from the partitioned table', 'whole', 'deep'],
])('a row is refused if a row of somebody else has a foreign key %s', async ([, table, referred]) => {
  const url =
    await server.database(`CREATE TABLE whole (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE part PARTITION OF whole FOR VALUES FROM (0) TO (100) PARTITION BY RANGE (id);
    CREATE TABLE deep PARTITION OF part DEFAULT; INSERT INTO whole VALUES (1), (2);
    CREATE TABLE stranger (id int PRIMARY KEY, of int REFERENCES ${referred} ON DELETE CASCADE); INSERT INTO stranger VALUES (7, 1)`)
  await using connection = await connect(url)
  const outcomes = await remove(connection, await targets(url, table as string, [1, 2]))
  expect(outcomes).toMatchObject([{ code: 'DUSTPAN_HAS_DEPENDENTS' }, 'removed'])
  expect(await keysIn(url, 'stranger')).toEqual([7])
})

test.for([
  ['', ''],
  [' in a table that refers to itself', ', up int REFERENCES t'],
])('a hidden row of somebody else is not removed by a cascade from a row%s', async ([, circle]) => {
  const url =
    await server.database(`CREATE TABLE t (id int PRIMARY KEY${circle}); CREATE TABLE stranger (id int PRIMARY KEY, of int REFERENCES t ON DELETE CASCADE, owner text);
    INSERT INTO t VALUES (1), (2); INSERT INTO stranger VALUES (7, 1, 'else'); ALTER TABLE stranger ENABLE ROW LEVEL SECURITY;
    CREATE POLICY own ON stranger USING (owner = current_user); GRANT ALL ON t, stranger TO ${restricted}`)
  await using connection = await connect(asRestricted(url), {}, await storeOf(url))
  const outcomes = await remove(connection, await targets(url, 't', [1, 2]))
  expect(await keysIn(url, 'stranger')).toEqual([7])
  expect(outcomes[0]).not.toBe('removed')
  expect(await keysIn(url, 't')).toContain(1)
})
