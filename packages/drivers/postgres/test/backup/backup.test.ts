import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import type { BackedUp, Json, RestoreOutcome, StoreConnection, Target } from '@dustpan/core/driver'
import { expect, test } from 'vitest'
import { connect, ctx, keysIn, remove, targets } from '../removal/fixture.ts'

const server = await testServer()
const types = `
  CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TYPE pair AS (a int, b text); CREATE DOMAIN plus AS int CHECK (VALUE > 0);
  CREATE TABLE all_types (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, twice bigint GENERATED ALWAYS AS (id * 2) STORED,
    i2 smallint, n numeric, n2 numeric(12,4), f4 real, f8 double precision, m money, b boolean, by bytea, c char(5), vc varchar(9), t text, n_ name, q "char",
    d date, ts timestamp, tz timestamptz, ti time, ttz timetz, iv interval, u uuid, j json, jb jsonb, x xml, ip inet, ci cidr, mac macaddr, bits bit varying, po point,
    po2 polygon, r int4range, mr tstzmultirange, ai int[], at text[], ad timestamptz[], e mood, ae mood[], p pair, ap pair[], dom plus, tv tsvector, oid_ oid, reg regclass);
  INSERT INTO all_types (i2, n, n2, f4, f8, m, b, by, c, vc, t, n_, q, d, ts, tz, ti, ttz, iv, u, j, jb, x, ip, ci, mac, bits, po, po2, r, mr, ai, at, ad, e, ae, p, ap, dom, tv, oid_, reg) VALUES
    (-32768, 123456789012345678901234567890.123456789, 1.5, 0.1, '0.30000000000000004', '1234.56', true, '\\x00ff5c27', 'a  ', 'v ', E'quote '' back \\\\ tab \\t snow ☃', 'n', 'q',
     '4714-11-24 BC', 'infinity', '2026-03-29 01:59:59.123456+00', '24:00', '12:00+05:30', '1 year -2 days 03:04:05.000006', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
     '{"b": 1,   "a":1, "a":2}', '{"b":[1,null]}', '<a>x</a>', '10.0.0.1/8', '10.0.0.0/8', '08:00:2b:01:02:03', B'10101', '(1.1,2.2)', '((0,0),(1,1))', '[1,5)',
     '{[2026-01-01,2026-02-01)}', '{{1,2},{3,NULL}}', ARRAY['a,b', NULL, '{}', '"'], ARRAY['2026-01-01 00:00+00'::timestamptz], 'ok', '{sad,ok}', ROW(1, 'x,"y'),
     ARRAY[ROW(1,NULL)::pair], 7, 'a:1A b:2', 4294967295, 'all_types'),
    (NULL, 'NaN', NULL, 'NaN', '-Infinity', NULL, NULL, '', '', '', '', NULL, NULL, '-infinity', '0044-03-15 BC', 'infinity', NULL, NULL, NULL, NULL, 'null', 'null', NULL, '::1', NULL, NULL,
     B'', NULL, NULL, 'empty', '{}', '{}', '{}', NULL, NULL, '{}', ROW(NULL, NULL), NULL, NULL, '', NULL, NULL)`

const whole = async (url: string, table: string) =>
  (
    (await once(
      url,
      `SET TimeZone = 'Asia/Tokyo'; SELECT whole_row::text AS row FROM ${table} whole_row ORDER BY 1`,
    )) as unknown as {
      rows: { row: string }[]
    }[]
  )
    .at(-1)
    ?.rows.map(({ row }) => row)

async function backUp(connection: StoreConnection, wanted: readonly Target[]): Promise<readonly BackedUp[]> {
  const found = await connection.backup?.(wanted, ctx)
  const written = JSON.parse(JSON.stringify([...(found ?? [])])) as readonly (readonly [string, Json])[]
  return wanted.flatMap((target) =>
    written.filter(([id]) => id === target.id).map(([, backup]) => ({ target, backup })),
  )
}

async function putBack(connection: StoreConnection, backups: readonly BackedUp[]): Promise<readonly string[]> {
  const outcomes = await connection.putBack?.(backups, ctx)
  return backups.map(({ target }) => resultOf(outcomes?.get(target.id)))
}

const resultOf = (outcome: RestoreOutcome | undefined) =>
  outcome?.state === 'restored' ? (outcome.result ?? '') : `${outcome?.error.code} ${outcome?.error.message}`

test('values of every type are restored, although the role had other output formats at the backup', async () => {
  const url = await server.database(types)
  const before = await whole(url, 'all_types')
  const rows = await targets(url, 'all_types', [1, 2])
  const backups = await withOtherFormats(url, async () => {
    await using connection = await connect(url)
    const found = await backUp(connection, rows)
    expect(await remove(connection, rows)).toEqual(['removed', 'removed'])
    return found
  })
  await using connection = await connect(url)
  expect(await putBack(connection, backups)).toEqual(['1 row', '1 row'])
  expect(await whole(url, 'all_types')).toEqual(before)
  expect(await backUp(connection, rows)).toEqual(backups)
})

async function withOtherFormats<T>(url: string, work: () => Promise<T>): Promise<T> {
  const settings = {
    DateStyle: 'German',
    bytea_output: 'escape',
    extra_float_digits: '-3',
    IntervalStyle: 'iso_8601',
    TimeZone: 'Asia/Tokyo',
  }
  const role = `ALTER ROLE postgres IN DATABASE ${new URL(url).pathname.slice(1)}`
  const sql = Object.entries(settings).map(([name, value]) => `${role} SET ${name} = '${value}'`)
  await once(url, sql.join('; '))
  try {
    return await work()
  } finally {
    await once(url, `${role} RESET ALL`)
  }
}

const shop = `
  CREATE TABLE teams (id int PRIMARY KEY, head int, name text UNIQUE);
  CREATE TABLE users (id int PRIMARY KEY, team int NOT NULL REFERENCES teams, boss int REFERENCES users, name text);
  ALTER TABLE teams ADD FOREIGN KEY (head) REFERENCES users;
  INSERT INTO teams VALUES (1, NULL, 'a'), (2, NULL, 'b');
  INSERT INTO users VALUES (2, 1, NULL, 'n2'), (1, 1, 2, 'n1'), (3, 2, NULL, 'n3');
  UPDATE teams SET head = 2 WHERE id = 1;
  CREATE TABLE notes (id int PRIMARY KEY, text text, deleted_at timestamptz, old text, changed int);
  INSERT INTO notes (id, text) SELECT i, 'n' || i FROM generate_series(1, 5) i`

async function rowsOf(url: string, wanted: readonly (readonly [string, number])[]) {
  return (await Promise.all(wanted.map(([table, id]) => targets(url, table, [id])))).flat()
}

test('rows that refer to each other and to rows of their own table are restored', async () => {
  const url = await server.database(shop)
  const before = [await whole(url, 'teams'), await whole(url, 'users')]
  await using connection = await connect(url)
  const rows = await rowsOf(url, [
    ['teams', 1],
    ['teams', 2],
    ['users', 1],
    ['users', 2],
    ['users', 3],
  ])
  const backups = await backUp(connection, rows)
  expect(await remove(connection, rows)).toEqual(Array(5).fill('removed'))
  expect(await putBack(connection, backups)).toEqual(Array(5).fill('1 row'))
  expect([await whole(url, 'teams'), await whole(url, 'users')]).toEqual(before)
})

test('a row whose key or unique value is taken is not restored, nor are its children, and other rows are', async () => {
  const url = await server.database(shop.replace('UPDATE teams SET head = 2 WHERE id = 1;', ''))
  await using connection = await connect(url)
  const rows = await rowsOf(url, [
    ['teams', 1],
    ['teams', 2],
    ['users', 2],
    ['users', 1],
    ['users', 3],
    ['notes', 1],
  ])
  const backups = await backUp(connection, rows)
  expect(await remove(connection, rows)).toEqual(Array(6).fill('removed'))
  await once(url, `INSERT INTO teams VALUES (1, NULL, 'theirs'), (9, NULL, 'b')`)
  expect(await putBack(connection, backups)).toEqual([
    'DUSTPAN_RESTORE_FAILED teams 1 could not be restored: another row has its key',
    'DUSTPAN_RESTORE_FAILED teams 2 could not be restored: another row has what must be unique (teams_name_key) (SQLSTATE 23505)',
    'DUSTPAN_RESTORE_FAILED users 2 could not be restored: its parent was not restored',
    'DUSTPAN_RESTORE_FAILED users 1 could not be restored: its parent was not restored',
    'DUSTPAN_RESTORE_FAILED users 3 could not be restored: what it refers to is not there (users_team_fkey) (SQLSTATE 23503)',
    '1 row',
  ])
  expect(await whole(url, 'teams')).toEqual(['(1,,theirs)', '(9,,b)'])
})

test('a row that was marked as deleted is unmarked, unless it was changed since', async () => {
  const url = await server.database(shop)
  const before = await whole(url, 'notes')
  await using connection = await connect(url, { softDelete: { notes: { deleted_at: 'now' } } })
  const rows = await rowsOf(url, [
    ['notes', 1],
    ['notes', 2],
  ])
  const backups = await backUp(connection, rows)
  expect(await remove(connection, rows)).toEqual(['removed', 'removed'])
  expect(await backUp(connection, rows)).toEqual([])
  await once(url, 'UPDATE notes SET changed = 1 WHERE id = 2')
  expect(await putBack(connection, backups)).toEqual([
    'unmarked',
    'DUSTPAN_RESTORE_FAILED notes 2 could not be restored: changed of the marked row changed since',
  ])
  expect((await whole(url, 'notes'))?.[0]).toBe(before?.[0])
  expect(await putBack(connection, backups.slice(0, 1))).toEqual(['already there'])
})

test('a row is restored if its table has a new column, and not if its table or a column was dropped', async () => {
  const url = await server.database(shop)
  await using connection = await connect(url)
  const rows = await rowsOf(url, [
    ['notes', 1],
    ['users', 1],
    ['teams', 2],
  ])
  const backups = await backUp(connection, rows)
  await once(
    url,
    'DELETE FROM users WHERE id IN (1, 3); DELETE FROM teams WHERE id = 2; DROP TABLE notes; ALTER TABLE users DROP COLUMN name; ALTER TABLE teams ADD town text DEFAULT $$x$$',
  )
  await using later = await connect(url)
  expect(await putBack(later, backups)).toEqual([
    'DUSTPAN_RESTORE_FAILED notes 1 could not be restored: its table no longer exists',
    'DUSTPAN_RESTORE_FAILED users 1 could not be restored: users has no column name any more that can be written',
    '1 row',
  ])
  expect(await whole(url, 'teams')).toContain('(2,,b,x)')
})

test('the error for a value that its column no longer accepts does not show the value', async () => {
  const url = await server.database(
    'CREATE TABLE keys (id int PRIMARY KEY, secret text); INSERT INTO keys VALUES (1, $$hunter2$$)',
  )
  await using connection = await connect(url)
  const backups = await backUp(connection, await targets(url, 'keys', [1]))
  await once(url, 'DELETE FROM keys; ALTER TABLE keys ALTER secret TYPE int USING NULL')
  expect(await putBack(connection, backups)).toEqual([
    'DUSTPAN_RESTORE_FAILED keys 1 could not be restored: a column does not take its value any more (SQLSTATE 22P02)',
  ])
})

test('a column that was added since the table was first read is in the backup', async () => {
  const url = await server.database(shop)
  await using connection = await connect(url)
  const rows = await rowsOf(url, [['notes', 1]])
  await backUp(connection, rows)
  await once(url, 'ALTER TABLE notes ADD late text DEFAULT $$l$$')
  expect(await backUp(connection, rows)).toMatchObject([{ backup: { fields: { id: '1', late: 'l' } } }])
})

test('a restored row names the columns that a trigger set, and a row that a trigger skips fails', async () => {
  const url = await server.database(`${shop};
    CREATE FUNCTION sets() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.id = 2 THEN RETURN NULL; END IF; NEW.changed = 7; RETURN NEW; END'`)
  await using connection = await connect(url)
  const rows = await rowsOf(url, [
    ['notes', 1],
    ['notes', 2],
  ])
  const backups = await backUp(connection, rows)
  await remove(connection, rows)
  await once(url, 'CREATE TRIGGER sets BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION sets()')
  expect(await putBack(connection, backups)).toEqual([
    '1 row; a trigger set changed',
    'DUSTPAN_RESTORE_FAILED notes 2 could not be restored: a trigger or a rule keeps it away, or gave it another key',
  ])
})

test('a row that a trigger gives another key is not restored, and the others are', async () => {
  const url = await server.database(`${shop};
    CREATE FUNCTION moves() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.id = 2 THEN NEW.id = NEW.id + 100; END IF; RETURN NEW; END';
    CREATE TABLE audit (note text); CREATE FUNCTION tells() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO audit VALUES (NEW.id); RETURN NULL; END'`)
  await using connection = await connect(url)
  const rows = await rowsOf(url, [
    ['notes', 1],
    ['notes', 2],
    ['notes', 3],
    ['teams', 1],
    ['teams', 2],
    ['users', 1],
    ['users', 2],
    ['users', 3],
  ])
  const backups = await backUp(connection, rows)
  await remove(connection, rows)
  await once(url, 'CREATE TRIGGER moves BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION moves()')
  await once(url, 'CREATE TRIGGER tells AFTER INSERT ON notes FOR EACH ROW EXECUTE FUNCTION tells()')
  const stays =
    'DUSTPAN_RESTORE_FAILED notes 2 could not be restored: a trigger or a rule keeps it away, or gave it another key'
  expect(await putBack(connection, backups)).toEqual(['1 row', stays, '1 row', ...Array(5).fill('1 row')])
  expect(await keysIn(url, 'notes')).toEqual([1, 3, 4, 5])
  expect(await keysIn(url, 'audit', 'note')).toEqual(['1', '3'])
  expect(await putBack(connection, backups.slice(1, 2))).toEqual([stays])
  expect(await keysIn(url, 'notes')).toEqual([1, 3, 4, 5])
})

test('a row with a generated key is restored after deletion and after marking', async () => {
  const url = await server.database(`
    CREATE TABLE sums (a int, b text, k int GENERATED ALWAYS AS (a * 2) STORED PRIMARY KEY, deleted_at timestamptz); INSERT INTO sums VALUES (1, 'x'), (2, 'x')`)
  const rows = await targets(url, 'sums', [2, 4])
  await using connection = await connect(url)
  const backups = await backUp(connection, rows)
  expect(await remove(connection, rows)).toEqual(['removed', 'removed'])
  expect(await putBack(connection, backups)).toEqual(['1 row', '1 row'])
  expect(await keysIn(url, 'sums', 'k')).toEqual([2, 4])
  await using marking = await connect(url, { softDelete: { sums: { deleted_at: 'now' } }, deletion: 'soft' })
  await remove(marking, rows)
  expect(await putBack(marking, backups.slice(1))).toEqual(['unmarked'])
  expect(await keysIn(url, 'sums WHERE deleted_at IS NULL', 'k')).toEqual([4])
})

test('rows of a partitioned table and of tables with hostile names and values are restored', async () => {
  const name = 'we""ird; DROP TABLE users'
  const url = await server.database(`
    CREATE TABLE split (id int, "re""gion" text, v text, PRIMARY KEY (id, "re""gion")) PARTITION BY LIST ("re""gion");
    CREATE TABLE split_eu PARTITION OF split FOR VALUES IN ('eu''; --'); INSERT INTO split VALUES (1, 'eu''; --', '$1');
    CREATE TABLE "${name}" ("i""d" text PRIMARY KEY, "$1" text); INSERT INTO "${name}" VALUES (''' OR 1=1', '${'x'.repeat(100_000)}')`)
  await using connection = await connect(url)
  const rows = [
    ...(await targets(url, 'split', [[1, "eu'; --"]])),
    ...(await targets(url, name.replaceAll('""', '"'), ["' OR 1=1"])),
  ]
  const before = [await whole(url, 'split'), await whole(url, `"${name}"`)]
  const backups = await backUp(connection, rows)
  expect(backups.length).toBe(2)
  expect(await remove(connection, rows)).toEqual(['removed', 'removed'])
  expect(await putBack(connection, backups)).toEqual(['1 row', '1 row'])
  expect([await whole(url, 'split'), await whole(url, `"${name}"`)]).toEqual(before)
})

test('10,000 rows are restored, except the one whose unique value is taken', async () => {
  const columns = Array.from({ length: 9 }, (_, i) => `c${i} int DEFAULT ${i}`)
  const url = await server.database(
    `CREATE TABLE many (id int PRIMARY KEY, u int UNIQUE, ${columns}); INSERT INTO many SELECT i, i FROM generate_series(1, 10000) i`,
  )
  await using connection = await connect(url)
  const rows = await targets(
    url,
    'many',
    Array.from({ length: 10_000 }, (_, i) => i + 1),
  )
  const backups = await backUp(connection, rows)
  await remove(connection, rows)
  await once(url, 'INSERT INTO many VALUES (20000, 7777)')
  const outcomes = await putBack(connection, backups)
  expect(outcomes.filter((outcome) => outcome !== '1 row')).toEqual([
    'DUSTPAN_RESTORE_FAILED many 7777 could not be restored: another row has what must be unique (many_u_key) (SQLSTATE 23505)',
  ])
  const {
    rows: [sums],
  } = await once(url, 'SELECT count(*)::int, sum(c8)::int FROM many')
  expect(sums).toEqual({ count: 10_000, sum: 80_000 })
})
