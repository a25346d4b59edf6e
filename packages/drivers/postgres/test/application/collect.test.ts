import { collect } from '@dustpan/conformance/application-log'
import { once, testName } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import { expect, test } from 'vitest'
import { application, connectTo, logged, loggedDatabase } from './database.ts'

const server = await testServer()
const users = 'CREATE TABLE users (id serial PRIMARY KEY, email text)'
const insert = `INSERT INTO users (email) VALUES ('a') RETURNING id`

/** A period in which the run was the only active one. */
const alone = () => ({ from: Date.now() - 60_000, to: Date.now() })

test('rows that name a scope are collected for it once, and those of other scopes stay in the log', async () => {
  const url = await loggedDatabase(server, users)
  const app = await application(url)
  await app.as('r', 's1', insert)
  await app.as('r', 's2', insert)
  await app.as('other', 's1', insert)
  const connection = await connectTo(url)
  const { rows, names } = await collect(connection, { run: 'r', writer: 'w', scopes: ['s1'] })
  expect(names).toEqual(['s1 users 1'])
  const node = (await once(url, `SELECT pg_relation_filenode('users')::int AS node`)).rows[0].node
  expect(rows[0]).toEqual({
    scope: 's1',
    type: 'users',
    keys: [1],
    steps: [
      {
        driver: '$driver',
        op: 'delete-row',
        v: 1,
        args: { schema: 'public', table: 'users', columns: ['id'], types: ['int4'], numbers: [1] },
      },
    ],
    proof: { incarnation: node, strength: 'incarnation' },
  })
  expect((await collect(connection, { run: 'r', writer: 'w', scopes: ['s1'] })).names).toEqual([])
  expect((await logged(url)).map(({ run, scope }) => [run, scope])).toEqual([
    ['r', 's2'],
    ['other', 's1'],
  ])
  expect((await collect(connection, { run: 'r' })).names).toEqual(['s2 users 2'])
})

test('rows that the scope deleted again, rolled back or only updated are not collected', async () => {
  const url = await loggedDatabase(server, `${users}; INSERT INTO users (email) VALUES ('seed'), ('seed')`)
  const app = await application(url)
  await app.as('r', 's', `${insert}; DELETE FROM users WHERE id = 3`)
  await app.as(
    'r',
    's',
    `UPDATE users SET email = 'b' WHERE id = 1; DELETE FROM users WHERE id = 2; INSERT INTO users VALUES (2, 'again')`,
  )
  await app.as('r', 's', `INSERT INTO users VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET email = 'c'`)
  await app.client.query(
    `BEGIN; SELECT set_config('dustpan.run', 'r', true), set_config('dustpan.scope', 's', true); ${insert}; ROLLBACK`,
  )
  const { names } = await collect(await connectTo(url), { run: 'r', writer: 'w', scopes: ['s'] })
  expect(names).toEqual([])
  expect(await logged(url)).toEqual([])
})

test('rows of an open transaction are collected once it has ended', async () => {
  const url = await loggedDatabase(server, users)
  const app = await application(url)
  await app.client.query(
    `BEGIN; SELECT set_config('dustpan.run', 'r', true), set_config('dustpan.scope', 's', true); ${insert}`,
  )
  const connection = await connectTo(url)
  const ask = async () => (await collect(connection, { run: 'r', writer: 'w', scopes: ['s'] })).names
  expect(await ask()).toEqual([])
  await app.client.query('COMMIT')
  expect(await ask()).toEqual(['s users 1'])
})

test('a key that another scope used again belongs to that scope, whichever is collected first', async () => {
  for (const order of [
    ['s1', 's2'],
    ['s2', 's1'],
  ]) {
    const url = await loggedDatabase(server, users)
    const app = await application(url)
    await app.as('r', 's1', `INSERT INTO users VALUES (7, 'mine')`)
    await app.as('r', 's2', `DELETE FROM users; INSERT INTO users VALUES (7, 'theirs')`)
    const connection = await connectTo(url)
    const found = []
    for (const scope of order)
      found.push(...(await collect(connection, { run: 'r', writer: 'w', scopes: [scope] })).names)
    expect(found).toEqual(['s2 users 7'])
    await collect(connection, { run: 'r' })
    expect(await logged(url)).toEqual([])
  }
})

test('a row with the same key after TRUNCATE is not collected', async () => {
  const url = await loggedDatabase(server, users)
  await (await application(url)).as('r', 's', insert)
  await once(
    url,
    `TRUNCATE users RESTART IDENTITY; SET dustpan.off = 'on'; INSERT INTO users (email) VALUES ('somebody')`,
  )
  expect((await collect(await connectTo(url), { run: 'r' })).names).toEqual([])
})

test('a row is collected under a key that its scope changed, and not if somebody else changed it', async () => {
  const url = await loggedDatabase(server, users)
  const app = await application(url)
  await app.as('r', 's', `${insert}; UPDATE users SET id = 50 WHERE id = 1`)
  await app.as('r', 's', insert)
  await once(url, 'UPDATE users SET id = 60 WHERE id = 2')
  expect((await collect(await connectTo(url), { run: 'r', scopes: ['s'] })).names).toEqual(['s users 50'])
})

test('keys of every type are collected with the text that capture records', async () => {
  const url = await loggedDatabase(
    server,
    `CREATE TYPE mood AS ENUM ('it''s, "fine"'); CREATE SCHEMA "Odd; schema";
     CREATE TABLE "Odd; schema"."T.a""b'ü;" ("the ""key" mood, b bool, n numeric(10, 2), at timestamptz, raw bytea, big bigint, PRIMARY KEY ("the ""key", b, n, at, raw, big));
     CREATE TABLE codes (code text PRIMARY KEY, double text GENERATED ALWAYS AS (code || code) STORED);`,
  )
  const values = `'it''s, "fine"', true, 1.5, '2026-01-02 03:04:05.678901+00', '\\xdeadbeef', 9007199254740993`
  const app = await application(url)
  await app.as('r', 's', `INSERT INTO "Odd; schema"."T.a""b'ü;" VALUES (${values})`)
  await app.as('r', 's', `INSERT INTO codes VALUES ('"; DROP TABLE codes; --'), ('NULL'), (''), ('{a,b}\\')`)
  const { rows } = await collect(await connectTo(url), { run: 'r' })
  const texts = `SELECT json_build_array("the ""key"::text, 't', n::text, '2026-01-02 03:04:05.678901+00', raw::text, big::text) AS key FROM "Odd; schema"."T.a""b'ü;"`
  expect(rows.find(({ type }) => type !== 'codes')).toMatchObject({
    type: `Odd; schema.T.a"b'ü;`,
    keys: [(await once(url, texts)).rows[0].key],
  })
  expect(rows.find(({ type }) => type === 'codes')?.keys).toEqual(['"; DROP TABLE codes; --', 'NULL', '', '{a,b}\\'])
})

test('a key that the log formats differently is collected once, with the text that capture records', async () => {
  const url = await loggedDatabase(server, 'CREATE TABLE flags (yes bool PRIMARY KEY)')
  const app = await application(url)
  await app.as('r', 's', 'INSERT INTO flags VALUES (true)')
  expect((await logged(url)).map(({ key }) => key)).toEqual([['true']])
  expect((await collect(await connectTo(url), { run: 'r' })).names).toEqual(['s flags "t"'])
})

test('the text of a key in the log does not depend on output formats of the session', async () => {
  const url = await loggedDatabase(
    server,
    `CREATE TABLE spans (span interval, ratio float8, during daterange, raw bytea, ip inet, code char(4), PRIMARY KEY (span, ratio, during, raw, ip, code))`,
  )
  const app = await application(url)
  await app.client.query(
    `SET IntervalStyle = 'sql_standard'; SET DateStyle = 'SQL, DMY'; SET extra_float_digits = 0; SET bytea_output = 'escape'`,
  )
  const values = `'-1 day -2 hours', 0.1::float8 + 0.2::float8, daterange('2026-04-05', '2026-06-07'), '\\x00ff', '10.0.0.9', 'ab'`
  await app.as('r', 's', `INSERT INTO spans VALUES (${values})`)
  expect((await app.client.query('SHOW IntervalStyle')).rows).toEqual([{ IntervalStyle: 'sql_standard' }])
  const { rows } = await collect(await connectTo(url), { run: 'r' })
  const key = ['-1 days -02:00:00', '0.30000000000000004', '[2026-04-05,2026-06-07)', '\\x00ff', '10.0.0.9', 'ab  ']
  expect(rows).toMatchObject([{ type: 'spans', keys: [key] }])
})

test('rows of partitions are collected for their table, and a row moved between partitions is not', async () => {
  const url = await loggedDatabase(
    server,
    `CREATE TABLE events (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
     CREATE TABLE jan PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
     CREATE TABLE rest PARTITION OF events DEFAULT;
     CREATE TABLE areas (id int, kind int, PRIMARY KEY (id, kind)) PARTITION BY LIST (kind);
     CREATE TABLE areas_1 PARTITION OF areas FOR VALUES IN (1); CREATE TABLE areas_2 PARTITION OF areas FOR VALUES IN (2);
     INSERT INTO areas VALUES (1, 1)`,
  )
  const app = await application(url)
  await app.as(
    'r',
    's',
    `INSERT INTO events VALUES (1, '2026-01-02'), (2, '2030-01-01'); INSERT INTO jan VALUES (3, '2026-01-03')`,
  )
  await app.as('r', 's', 'UPDATE areas SET kind = 2 WHERE id = 1; UPDATE areas SET kind = 1 WHERE id = 1')
  const { names, rows } = await collect(await connectTo(url), { run: 'r' })
  expect(names).toEqual(['s events [1,"2026-01-02"]', 's events [2,"2030-01-01"]', 's events [3,"2026-01-03"]'])
  expect(new Set(rows.map(({ proof }) => proof.incarnation)).size).toBe(2)
})

test('rows are logged and collected with row-level security, deferred constraints and cascades', async () => {
  const member = testName()
  const url = await loggedDatabase(
    server,
    `${users}; CREATE TABLE orders (id serial PRIMARY KEY, user_id int REFERENCES users ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);
     ALTER TABLE users ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON users USING (email = current_user);
     CREATE ROLE ${member}; GRANT INSERT, SELECT, DELETE ON users, orders TO ${member}; GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ${member}`,
  )
  const app = await application(url)
  await app.client.query(`SET ROLE ${member}`)
  await app.as(
    'r',
    's',
    `INSERT INTO orders (user_id) VALUES (1), (2); INSERT INTO users (email) VALUES ('${member}'), ('${member}'); DELETE FROM users WHERE id = 2`,
  )
  const lines = await logged(url)
  const deletions = lines.filter(({ op }) => op === 'd').map(({ key, was }) => [key, was])
  expect(deletions).toEqual([
    [['2'], { id: 2, email: member }],
    [['2'], { id: 2, user_id: 2 }],
  ])
  expect((await collect(await connectTo(url), { run: 'r' })).names).toEqual(['s orders 1', 's users 1'])
})

test('the log has the rows before and after an UPDATE and before a DELETE, in the order of the changes', async () => {
  const url = await loggedDatabase(server, `${users}; INSERT INTO users (email) VALUES ('v0')`)
  const app = await application(url)
  await app.as(
    'r',
    's',
    `UPDATE users SET email = 'a'; UPDATE users SET email = 'a'; UPDATE users SET id = 5; DELETE FROM users`,
  )
  expect((await logged(url)).map(({ op, key, key_now, was, now }) => ({ op, key, key_now, was, now }))).toEqual([
    { op: 'u', key: ['1'], key_now: null, was: { id: 1, email: 'v0' }, now: { id: 1, email: 'a' } },
    { op: 'u', key: ['1'], key_now: ['5'], was: { id: 1, email: 'a' }, now: { id: 5, email: 'a' } },
    { op: 'd', key: ['5'], key_now: null, was: { id: 5, email: 'a' }, now: null },
  ])
})

test('rows that name no scope, or only the run, are collected for a run that is the only active one', async () => {
  const url = await loggedDatabase(server, users)
  const app = await application(url)
  await app.client.query(insert)
  await app.as('r', '', insert)
  await app.as('other', '', insert)
  const { rows, warnings } = await collect(await connectTo(url), {
    run: 'r',
    writer: 'w',
    scopes: ['s'],
    alone: alone(),
  })
  expect(rows.map(({ scope, keys }) => [scope, keys])).toEqual([[undefined, [1, 2]]])
  expect(warnings).toEqual([])
})

test('unnamed rows are collected only if they were written while the run was the only active one', async () => {
  const url = await loggedDatabase(server, users)
  await (await application(url)).client.query(insert)
  const connection = await connectTo(url)
  const asked = (from: number, to: number) =>
    collect(connection, { run: 'r', writer: 'w', scopes: ['s'], alone: { from, to } })
  expect((await asked(Date.now() + 5_000, Date.now() + 9_000)).names).toEqual([])
  expect((await asked(Date.now() - 9_000, Date.now() - 5_000)).names).toEqual([])
  expect((await asked(Date.now() - 9_000, Date.now())).names).toEqual(['- users 1'])
})

test('an unnamed row is not collected while another run is active, with a warning', async () => {
  const url = await loggedDatabase(server, users)
  const other = await connectTo(url)
  const context = {
    signal: new AbortController().signal,
    deadline: Date.now() + 9_000,
    attempt: 1,
    batch: '',
    run: 'their-run',
    verify: 'none',
  } as const
  await other.announce?.({ run: 'their-run', writer: 'x', since: Date.now() - 1_000 }, context)
  await (await application(url)).client.query(insert)
  const mine = await connectTo(url)
  expect((await collect(mine, { run: 'r', writer: 'w', scopes: ['s'], alone: alone() })).names).toEqual([])
  await other[Symbol.asyncDispose]()
  const { names, warnings } = await collect(mine, { run: 'r', alone: alone() })
  expect(names).toEqual([])
  expect(warnings).toEqual([
    'DUSTPAN_ROWS_UNATTRIBUTED: Rows without a test were written during the run, and are not removed (also active at the time: their-run): 1 of users',
  ])
  expect((await once(url, 'SELECT count(*)::int AS rows FROM users')).rows[0].rows).toBe(1)
})

test('an unnamed row is collected for the run and not for one of its concurrent workers', async () => {
  const url = await loggedDatabase(server, users)
  const [one, two] = [await connectTo(url), await connectTo(url)]
  for (const [connection, writer] of [
    [one, 'w1'],
    [two, 'w2'],
  ] as const)
    await collect(connection, { run: 'r', writer, scopes: [] })
  await (await application(url)).client.query(insert)
  expect((await collect(one, { run: 'r', writer: 'w1', scopes: ['s'], alone: alone() })).names).toEqual([])
  expect((await collect(one, { run: 'r', alone: alone() })).names).toEqual(['- users 1'])
})

test("with unattributed: 'leave', unrecorded unnamed rows are counted in a warning and not collected", async () => {
  const options = { application: { unattributed: 'leave' } }
  const url = await loggedDatabase(server, `${users}; INSERT INTO users (email) VALUES ('seed')`, options)
  const app = await application(url)
  for (let i = 0; i < 3; i++) await app.client.query(insert)
  await app.client.query(`UPDATE users SET email = 'secret'; DELETE FROM users WHERE id = 4`)
  expect((await logged(url)).map(({ was, now }) => was ?? now).every((image) => image === null)).toBe(true)
  const { names, warnings } = await collect(await connectTo(url, options), {
    run: 'r',
    alone: alone(),
    isKnown: (_, __, key) => key === 2,
  })
  expect(names).toEqual([])
  expect(warnings).toEqual([
    'DUSTPAN_ROWS_UNATTRIBUTED: Rows without a test were written during the run, and are not removed (the option application.unattributed is leave): 1 of users',
  ])
})

test('a row that is already recorded is not collected', async () => {
  const url = await loggedDatabase(server, users)
  await (await application(url)).as('r', 's', `${insert}; ${insert}`)
  const asked: unknown[] = []
  const { names } = await collect(await connectTo(url), {
    run: 'r',
    isKnown: (store, type, key) => asked.push([store.replace(/^.*#/, '').length > 5, type, key]) > 0 && key === 1,
  })
  expect(names).toEqual(['s users 2'])
  expect(asked).toContainEqual([true, 'users', 1])
})

test('rows that could not be logged warn with DUSTPAN_ROWS_UNATTRIBUTED', async () => {
  const url = await loggedDatabase(server, 'CREATE TABLE odd (id int PRIMARY KEY, raw json)')
  await (await application(url)).as('r', 's', String.raw`INSERT INTO odd VALUES (1, '"\u0000"')`)
  const { names, warnings } = await collect(await connectTo(url), { run: 'r', writer: 'w', scopes: ['s'] })
  expect(names).toEqual([])
  expect(warnings).toEqual([
    expect.stringMatching(
      /^DUSTPAN_ROWS_UNATTRIBUTED: The application wrote rows of odd that could not be logged \(unsupported Unicode/,
    ),
  ])
})

test('concurrent collections of one run return each row once', async () => {
  const url = await loggedDatabase(server, users)
  const app = await application(url)
  for (let i = 0; i < 50; i++) await app.as('r', 's', insert)
  const connections = [await connectTo(url), await connectTo(url), await connectTo(url)]
  const found = await Promise.all(connections.map((connection) => collect(connection, { run: 'r' })))
  expect(found.flatMap(({ names }) => names)).toHaveLength(50)
  expect(await logged(url)).toEqual([])
})

test.each([
  ['is not installed', ''],
  ['is incomplete or outdated for bills', 'bills'],
])('the end of the run warns with DUSTPAN_LOG_MISSING that the log %s', async (what, table) => {
  const url = table === '' ? await server.database(users) : await loggedDatabase(server, users)
  if (table !== '') await once(url, `CREATE TABLE ${table} (id int PRIMARY KEY)`)
  const { warnings } = await collect(await connectTo(url), { run: 'r', alone: alone() })
  expect(warnings).toEqual([
    expect.stringMatching(new RegExp(`^DUSTPAN_LOG_MISSING: .* ${what} in postgres://localhost.*dustpan db install`)),
  ])
})

test('log lines that no run needs any more are deleted at the end of a run', async () => {
  const url = await loggedDatabase(server, users)
  const app = await application(url)
  await app.as('killed', 's', `INSERT INTO users VALUES (1, 'x')`)
  await app.client.query(`UPDATE users SET email = 'y'; INSERT INTO users VALUES (2, 'z')`)
  await once(url, `UPDATE dustpan.log SET at = now() - interval '2 days'`)
  await collect(await connectTo(url), { run: 'r', alone: alone() })
  expect((await logged(url)).map(({ run, op, key }) => [run, op, key])).toEqual([
    ['killed', 'i', ['1']],
    ['', 'u', ['1']],
  ])
})
