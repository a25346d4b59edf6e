import { DatabaseSync } from 'node:sqlite'
import { testContext } from '@dustpan/app-endpoints/context'
import { collect } from '@dustpan/conformance/application-log'
import { expect, test } from 'vitest'
import { clients } from '../clients.ts'
import { removed, row } from '../removal/harness.ts'
import { application, connectTo, install, logged, loggedFile, newFile, once } from './database.ts'

const users = 'CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE)'
const insert = (email: string) => `INSERT INTO users (email) VALUES ('${email}');`
const alone = () => ({ from: Date.now() - 60_000, to: Date.now() + 60_000 })

test('a scope collects its own rows once, and rows of other scopes stay in the log', async () => {
  const file = await loggedFile(users)
  const app = application(file)
  await app.as('r', 's1', insert('a'))
  await app.as('r', 's2', insert('b'))
  await app.as('other', 's1', insert('c'))
  const connection = await connectTo(file)
  const { rows, names } = await collect(connection, { run: 'r', writer: 'w', scopes: ['s1'] })
  expect(names).toEqual(['s1 users 1'])
  expect(rows[0]).toEqual({
    scope: 's1',
    type: 'users',
    keys: [1],
    steps: [{ driver: '$driver', op: 'delete-row', v: 1, args: { table: 'users', columns: ['id'] } }],
    proof: { strength: 'key-only' },
  })
  expect((await collect(connection, { run: 'r', writer: 'w', scopes: ['s1'] })).names).toEqual([])
  expect(logged(file).map(({ run, scope }) => [run, scope])).toEqual([
    ['r', 's2'],
    ['other', 's1'],
  ])
  expect((await collect(connection, { run: 'r' })).names).toEqual(['s2 users 2'])
})

test('rows that a scope deleted again, rolled back or only updated are not creations', async () => {
  const file = await loggedFile(`${users}; ${insert('seed')} ${insert('seed2')}`)
  const app = application(file)
  await app.as('r', 's', `${insert('a')} DELETE FROM users WHERE id = 3`)
  await app.as(
    'r',
    's',
    `UPDATE users SET email = 'b' WHERE id = 1; DELETE FROM users WHERE id = 2; INSERT INTO users VALUES (2, 'again')`,
  )
  await app.as('r', 's', `INSERT INTO users VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET email = 'c'`)
  await app.as('r', 's', `INSERT OR IGNORE INTO users VALUES (1, 'y')`)
  await expect(app.as('r', 's', `${insert('d')} nonsense`)).rejects.toThrow('syntax')
  expect((await collect(await connectTo(file), { run: 'r', writer: 'w', scopes: ['s'] })).names).toEqual([])
  expect(logged(file)).toEqual([])
})

test.each(['off', 'on'])(
  'existing rows overwritten by REPLACE are not creations (recursive_triggers %s)',
  async (mode) => {
    const file = await loggedFile(`${users}; ${insert('seed')} ${insert('seed2')}`)
    const app = application(file)
    await app.write(`PRAGMA recursive_triggers = ${mode}`)
    await app.as(
      'r',
      's',
      `REPLACE INTO users VALUES (1, 'x'); INSERT OR REPLACE INTO users VALUES (1, 'y'), (8, 'new'), (8, 'newer')`,
    )
    await app.as('r', 's', `REPLACE INTO users (email) VALUES ('seed2'), ('newer')`)
    expect((await collect(await connectTo(file), { run: 'r' })).names).toEqual(['s users 10', 's users 9'])
  },
)

test('an ignored insert does not hide a later row with the key of the row removed in between', async () => {
  const file = await loggedFile(`${users}; ${insert('seed')}`)
  const app = application(file)
  const connection = await connectTo(file)
  await app.as('r', 's', `INSERT OR IGNORE INTO users VALUES (1, 'x')`)
  expect(await removed(connection, [row('users', 1)])).toEqual({ 'users 1': 'removed' })
  await app.as('r', 's', `INSERT INTO users VALUES (1, 'x')`)
  expect((await collect(connection, { run: 'r' })).names).toEqual(['s users 1'])
})

test('removals and marks by Dustpan are not logged, and log lines of others stay', async () => {
  const file = await loggedFile(`${users}; ${insert('a')} ${insert('b')} ${insert('c')}`)
  await application(file).as('r', 's', insert('d'))
  const connection = await connectTo(file, {
    application: true,
    softDelete: { users: { email: 'gone-{id}' } },
    deletion: 'soft',
  })
  expect(await removed(connection, [row('users', 1)])).toEqual({ 'users 1': 'removed' })
  expect(await removed(await connectTo(file), [row('users', 2)])).toEqual({ 'users 2': 'removed' })
  expect(once(file, '', 'SELECT * FROM users WHERE id < 3')).toEqual([{ id: 1, email: 'gone-1' }])
  expect(logged(file).map(({ op, key }) => [op, key])).toEqual([['i', '[4]']])
})

test('collecting fails with DUSTPAN_STORE_UNREACHABLE in an open transaction, and works after its commit', async () => {
  const file = await loggedFile(`PRAGMA journal_mode = WAL; ${users}`)
  const app = new DatabaseSync(file)
  app.exec(
    `BEGIN; UPDATE dustpan_context SET run = 'r', scope = 's'; ${insert('a')} UPDATE dustpan_context SET run = NULL, scope = NULL`,
  )
  const connection = await connectTo(file)
  const ask = async () => (await collect(connection, { run: 'r', writer: 'w', scopes: ['s'] }, Date.now() + 30)).names
  await expect(ask()).rejects.toMatchObject({ code: 'DUSTPAN_STORE_UNREACHABLE' })
  app.exec('COMMIT')
  expect(await ask()).toEqual(['s users 1'])
  app.close()
})

test('a reused rowid belongs to the scope that reused it, whichever scope is collected first', async () => {
  for (const order of [
    ['s1', 's2'],
    ['s2', 's1'],
  ]) {
    const file = await loggedFile(users)
    const app = application(file)
    await app.as('r', 's1', insert('mine'))
    await app.as('r', 's2', `DELETE FROM users; ${insert('theirs')}`)
    const connection = await connectTo(file)
    const found = []
    for (const scope of order)
      found.push(...(await collect(connection, { run: 'r', writer: 'w', scopes: [scope] })).names)
    expect(found).toEqual(['s2 users 1'])
    await collect(connection, { run: 'r' })
    expect(logged(file)).toEqual([])
  }
})

test('rows of a recreated table are not taken for the logged rows with the same keys', async () => {
  const file = await loggedFile(users)
  await application(file).as('r', 's', insert('a'))
  once(file, `DROP TABLE users; ${users}; ${insert('somebody')}`)
  await install(file)
  expect((await collect(await connectTo(file), { run: 'r' })).names).toEqual([])
})

test('rows are followed through renamed tables and columns, and through key changes by their scope', async () => {
  const file = await loggedFile(users)
  const app = application(file)
  await app.as('r', 's', `${insert('a')} UPDATE users SET id = 50 WHERE id = 1`)
  await app.as('r', 's', insert('b'))
  await app.write(
    'UPDATE users SET id = 60 WHERE id = 51; ALTER TABLE users RENAME TO people; ALTER TABLE people RENAME COLUMN id TO n',
  )
  expect((await collect(await connectTo(file), { run: 'r', scopes: ['s'] })).names).toEqual(['s people 50'])
})

test('keys of every type are collected in the form in which they are captured', async () => {
  const odd = `"T.a""b'ü; --"`
  const file = await loggedFile(
    `CREATE TABLE ${odd} ("the ""key" TEXT, n INT, raw BLOB, r REAL, twice INT AS (n * 2), PRIMARY KEY ("the ""key", n, raw, r)) WITHOUT ROWID;
     CREATE TABLE codes (code ANY PRIMARY KEY) STRICT; CREATE TABLE bare (body); CREATE TABLE big (id INTEGER PRIMARY KEY);
     CREATE TABLE sparse (id TEXT PRIMARY KEY)`,
  )
  await application(file).as(
    'r',
    's',
    `INSERT INTO ${odd} VALUES ('it''s, "fine"' || char(10), -9007199254740993, x'00ff', 1.5);
     INSERT INTO codes VALUES ('"; DROP TABLE codes; --'), ('7'), (7), (''), ('NUL' || char(0) || 'L'), (x''), ('🧹'), (9007199254740993), (0.1);
     INSERT INTO bare VALUES ('a'), (NULL); INSERT INTO big VALUES (-9223372036854775808); INSERT INTO sparse VALUES (NULL), ('x')`,
  )
  const connection = await connectTo(file)
  const { rows, warnings } = await collect(connection, { run: 'r', writer: 'w', scopes: ['s'] })
  const keysOf = (table: string) => rows.filter(({ type }) => type === table).flatMap(({ keys }) => keys)
  expect(keysOf(`T.a"b'ü; --`)).toEqual([['it\'s, "fine"\n', '-9007199254740993', '00ff', 1.5]])
  expect(new Set(keysOf('codes'))).toEqual(
    new Set(['"; DROP TABLE codes; --', '7', 7, '', 'NUL\0L', '🧹', '9007199254740993', 0.1]),
  )
  expect(keysOf('bare')).toEqual([1, 2])
  expect(keysOf('big')).toEqual(['-9223372036854775808'])
  expect(keysOf('sparse')).toEqual(['x'])
  expect(warnings.filter((warning) => warning.includes('NULL'))).toEqual([
    expect.stringContaining('DUSTPAN_ROWS_UNATTRIBUTED: The application wrote rows of sparse with NULL'),
  ])
  const targets = rows.flatMap(({ type, keys, steps, proof }) =>
    keys.map((key, i) => ({
      ...row(type, key),
      id: `${type} ${JSON.stringify(steps)} ${i}`,
      removal: steps[0] as never,
      proof,
    })),
  )
  const outcomes = await removed(connection, targets)
  expect(Object.values(outcomes)).toEqual(targets.map(() => 'removed'))
  expect(once(file, '', 'SELECT count(*) AS n FROM codes')).toEqual([{ n: 0 }])
})

test('rows identified only by rowid are left with DUSTPAN_ROWS_UNATTRIBUTED after a VACUUM', async () => {
  const file = await loggedFile('CREATE TABLE bare (body TEXT)')
  const connection = await connectTo(file)
  const ask = () => collect(connection, { run: 'r', writer: 'w', scopes: ['s'] })
  const app = application(file)
  await ask()
  await app.as('r', 's', `INSERT INTO bare VALUES ('a')`)
  expect((await ask()).names).toEqual(['s bare 1'])
  await app.as('r', 's', `INSERT INTO bare VALUES ('b')`)
  await app.write('DELETE FROM bare WHERE rowid = 1; VACUUM')
  const { names, warnings } = await ask()
  expect(names).toEqual([])
  expect(warnings).toEqual([
    expect.stringMatching(/^DUSTPAN_ROWS_UNATTRIBUTED: .* rows of bare which has no primary key/),
  ])
  expect(once(file, '', 'SELECT count(*) AS n FROM bare')).toEqual([{ n: 1 }])
})

test.each(clients)(
  'rows written through propagateTo() belong to the scope of the request ($name)',
  async ({ open }) => {
    const file = await loggedFile(users)
    const context = testContext({ enabled: true, environment: 'test', lingerMs: 0 })
    const database = context.propagateTo(open(file) as DatabaseSync)
    const click = context.fetch(async () => {
      database.prepare(`INSERT INTO users (email) VALUES (?)`).run(String(Math.random()))
      return new Response()
    })
    const asking = (scope: string) =>
      click(new Request('http://shop.test', { headers: { baggage: `test.run_id=r,test.scope_id=${scope}` } }))
    await Promise.all(['s1', 's2', 's1'].map(asking))
    database.prepare(`INSERT INTO users (email) VALUES ('nobody')`).run()
    database.close()
    const { names } = await collect(await connectTo(file), { run: 'r' })
    expect(names).toEqual(['s1 users 1', 's1 users 3', 's2 users 2'])
  },
)

test('cascades and writes by the application’s own triggers are logged', async () => {
  const file = await loggedFile(
    `${users}; CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id REFERENCES users ON DELETE CASCADE);
     CREATE TABLE audit (id INTEGER PRIMARY KEY, what TEXT);
     CREATE TRIGGER t AFTER INSERT ON users BEGIN INSERT INTO audit (what) VALUES (NEW.email); END`,
  )
  const app = application(file)
  await app.as(
    'r',
    's',
    `${insert('a')} ${insert('b')} INSERT INTO orders (user_id) VALUES (1), (2); DELETE FROM users WHERE id = 1`,
  )
  expect((await collect(await connectTo(file), { run: 'r' })).names).toEqual([
    's audit 1',
    's audit 2',
    's orders 2',
    's users 2',
  ])
})

test('the log holds rows as they were before and after an update, and before a deletion', async () => {
  const file = await loggedFile(
    'CREATE TABLE things (id INTEGER PRIMARY KEY, "a ""b" TEXT COLLATE NOCASE, raw, twice AS (id * 2)); INSERT INTO things VALUES (1, \'v0\', x\'ff\')',
  )
  await application(file).as(
    'r',
    's',
    `UPDATE things SET "a ""b" = 'V0'; UPDATE things SET "a ""b" = 'V0'; UPDATE things SET id = 5, raw = 9007199254740993; DELETE FROM things`,
  )
  const json = (text: unknown) => (typeof text === 'string' ? JSON.parse(text) : text)
  expect(logged(file).map(({ op, key, key_now, was, now }) => [op, key, key_now, json(was), json(now)])).toEqual([
    ['u', '[1]', null, { id: 1, 'a "b': 'v0', raw: { blob: 'ff' } }, { id: 1, 'a "b': 'V0', raw: { blob: 'ff' } }],
    [
      'u',
      '[1]',
      '[5]',
      { id: 1, 'a "b': 'V0', raw: { blob: 'ff' } },
      { id: 5, 'a "b': 'V0', raw: { integer: '9007199254740993' } },
    ],
    ['d', '[5]', null, { id: 5, 'a "b': 'V0', raw: { integer: '9007199254740993' } }, null],
  ])
})

test('a table with 1,500 columns is logged and collected', async () => {
  const columns = Array.from({ length: 1500 }, (_, i) => `c${i}`)
  const file = await loggedFile(
    `CREATE TABLE wide (id INTEGER PRIMARY KEY, ${columns.join(', ')}); INSERT INTO wide (id) VALUES (1)`,
  )
  await application(file).as('r', 's', 'UPDATE wide SET c1499 = 7; INSERT INTO wide (id) VALUES (2)')
  expect(JSON.parse(String(logged(file)[0]?.now))).toMatchObject({ c0: null, c1499: 7 })
  expect((await collect(await connectTo(file), { run: 'r' })).names).toEqual(['s wide 2'])
})

test('statements of the application return the same results as without the log', async () => {
  const schema = `${users}; CREATE TABLE bare (body TEXT); CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id REFERENCES users ON DELETE CASCADE);`
  const [bare, withLog] = [newFile(schema), await loggedFile(schema)]
  const script = [
    [insert('a')],
    [`INSERT INTO users (email) VALUES ('b'), ('c')`],
    [`INSERT OR IGNORE INTO users (email) VALUES ('c')`],
    [`INSERT INTO users (email) VALUES ('c') ON CONFLICT DO UPDATE SET email = 'd'`],
    [`REPLACE INTO users VALUES (2, 'e')`],
    [`INSERT INTO orders (user_id) VALUES (1), (2), (2)`],
    [`INSERT INTO bare VALUES ('x')`],
    [`UPDATE users SET email = email || '!' WHERE id > 1`],
    [`UPDATE users SET email = email`],
    [`UPDATE users SET id = 77 WHERE id = 3`],
    ['DELETE FROM users WHERE id = 2'],
    ['DELETE FROM bare'],
    [`INSERT INTO users (email) VALUES ('f') RETURNING id, email`],
    ['DELETE FROM users WHERE id = 1234'],
  ].map(([sql = '']) => sql.replace(/;$/, ''))
  for (const { open } of clients) {
    const answers = [bare, withLog].map((file) => {
      const database = open(file)
      const results = script.map((sql) => {
        const statement = database.prepare(sql)
        const answer = /RETURNING/.test(sql) ? statement.all() : statement.run()
        const after = database.prepare('SELECT last_insert_rowid() AS id, changes() AS n').get()
        return JSON.stringify([answer, after])
      })
      results.push(JSON.stringify(database.prepare('SELECT * FROM users').all()))
      database.exec('DELETE FROM users; DELETE FROM orders; DELETE FROM bare')
      database.close()
      return results
    })
    expect(answers[1]).toEqual(answers[0])
  }
})

test('a repeated collect does not wait for an open write transaction in WAL mode', async () => {
  const file = await loggedFile(`PRAGMA journal_mode = WAL; ${users}`)
  const connection = await connectTo(file)
  await collect(connection, { run: 'r', writer: 'w', scopes: ['s'] })
  const app = new DatabaseSync(file)
  app.exec(`BEGIN IMMEDIATE; ${insert('a')}`)
  const asked = collect(connection, { run: 'r', writer: 'w', scopes: ['s'] }, Date.now() + 30)
  expect((await asked).names).toEqual([])
  app.close()
})

test.each([
  ['claim', ['- users 1', '- users 2']],
  ['leave', ['- users 2']],
] as const)("a scope that ran alone collects, with unattributed '%s': %j", async (unattributed, names) => {
  const options = { application: { unattributed } }
  const file = await loggedFile(users, options)
  const app = application(file)
  await app.write(insert('nobody'))
  await app.as('r', '', insert('run'))
  const connection = await connectTo(file, options)
  const request = { run: 'r', writer: 'w', scopes: ['s'] }
  expect((await collect(connection, request)).names).toEqual([])
  expect((await collect(connection, { ...request, alone: { from: 0, to: 1 } })).names).toEqual([])
  expect((await collect(connection, { ...request, alone: alone() })).names).toEqual(names)
})

test('rows without a name are left with DUSTPAN_ROWS_UNATTRIBUTED while another run is active', async () => {
  const file = await loggedFile(users)
  const [one, other] = [await connectTo(file), await connectTo(file)]
  const ctx = {
    signal: new AbortController().signal,
    deadline: Date.now() + 5000,
    attempt: 1,
    batch: '',
    verify: 'none',
  } as const
  await one.announce?.({ run: 'r1', writer: 'w', since: Date.now() - 10 }, { ...ctx, run: 'r1' })
  await other.announce?.({ run: 'r2', writer: 'w', since: Date.now() - 10 }, { ...ctx, run: 'r2' })
  await application(file).write(insert('whose'))
  expect((await collect(one, { run: 'r1', writer: 'w', scopes: ['s'], alone: alone() })).names).toEqual([])
  const { names, warnings } = await collect(other, { run: 'r2', alone: alone() })
  expect(names).toEqual([])
  expect(warnings).toEqual([
    'DUSTPAN_ROWS_UNATTRIBUTED: Rows without a test were written during the run, and are not removed (also active at the time: r1): 1 of users',
  ])
})

test('the end of a run deletes settled lines, and unnamed lines and writers older than a day', async () => {
  const file = await loggedFile(users)
  const day = 86_400_000
  const line = (run: string, age: number, settled = 0) =>
    `INSERT INTO dustpan_log (run, scope, at, tbl, op, key, settled) VALUES ('${run}', '', ${Date.now() - age}, 1, 'i', '[${age}]', ${settled});`
  const writer = (name: string, age: number) =>
    `INSERT INTO dustpan_writer (run, writer, began, seen, ended) VALUES ('${name}', 'w', 0, 0, ${Date.now() - age});`
  once(file, line('', 2 * day) + line('', 10) + line('other', 3 * day) + line('other', 20, 1))
  once(file, writer('old', 2 * day) + writer('recent', day / 2))
  await collect(await connectTo(file), { run: 'r' })
  expect(logged(file).map(({ key }) => key)).toEqual(['[10]', `[${3 * day}]`])
  expect(once(file, '', 'SELECT run FROM dustpan_writer')).toEqual([{ run: 'recent' }])
})

test('rows on record are not collected again, and rows that cannot be recorded stay in the log', async () => {
  const file = await loggedFile(users)
  await application(file).as('r', 's', `${insert('a')} ${insert('b')}`)
  const connection = await connectTo(file)
  const full = () => {
    throw new Error('disk full')
  }
  await expect(collect(connection, { run: 'r', record: full })).rejects.toThrow('disk full')
  expect(logged(file)).toHaveLength(2)
  expect(
    (await collect(connection, { run: 'r', isKnown: (_store, type, key) => type === 'users' && key === 1 })).names,
  ).toEqual(['s users 2'])
})

test('the end of a run warns with DUSTPAN_LOG_MISSING of a missing or stale log, and clears its context', async () => {
  const file = newFile(`${users}; CREATE TABLE bills (id INTEGER PRIMARY KEY)`)
  const warnings = async () => (await collect(await connectTo(file), { run: 'r' })).warnings
  expect(await warnings()).toEqual([
    expect.stringMatching(/^DUSTPAN_LOG_MISSING: .* is not installed in sqlite:.*test\.db, so/),
  ])
  await install(file, undefined, ['users'])
  once(file, `UPDATE dustpan_context SET run = 'r', scope = 's'`)
  expect(await warnings()).toEqual([
    expect.stringMatching(/^DUSTPAN_LOG_MISSING: .* is incomplete or outdated for bills in/),
  ])
  expect(once(file, '', 'SELECT run, scope FROM dustpan_context')).toEqual([{ run: null, scope: null }])
})

test('a row is refused when the creation time in its proof has changed', async () => {
  const file = await loggedFile(
    'CREATE TABLE users (id INTEGER PRIMARY KEY, created_at TEXT DEFAULT CURRENT_TIMESTAMP)',
  )
  await application(file).as('r', 's', 'INSERT INTO users DEFAULT VALUES')
  const connection = await connectTo(file)
  const [set] = (await collect(connection, { run: 'r' })).rows
  once(file, `UPDATE users SET created_at = '2001-01-01'`)
  const outcome = await removed(connection, [row('users', 1, ['id'], set?.proof)])
  expect(outcome).toEqual({ 'users 1': 'refused not-ours' })
})
