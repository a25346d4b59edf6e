import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { connectContext } from '@dustpan/conformance/application-log'
import { expect, test } from 'vitest'
import { driverOf } from '../removal/harness.ts'
import { install, logged, loggedFile, logOf, newFile, once, uninstall } from './database.ts'

const odd = `"T.a""b'ü; --"`
const shop = `
CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT UNIQUE);
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INT REFERENCES users, total REAL, twice REAL AS (total * 2));
CREATE TABLE ${odd} ("the ""key'" TEXT, n INT, "va'l""ue" ANY, PRIMARY KEY ("the ""key'", n)) WITHOUT ROWID, STRICT;
CREATE TABLE notes (body TEXT);
CREATE TABLE hidden (rowid TEXT, _rowid_ TEXT, oid TEXT);
CREATE VIEW all_users AS SELECT * FROM users;
CREATE VIRTUAL TABLE words USING fts5(body);
INSERT INTO users (email) VALUES ('seed');`
const schemaOf = (file: string) => [
  ...once(file, '', 'SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name'),
  ...once(file, '', 'SELECT * FROM sqlite_sequence ORDER BY name'),
]

test('uninstall leaves the schema and the AUTOINCREMENT counters as they were before', async () => {
  for (const sql of [shop, 'CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT)']) {
    const file = newFile(sql)
    const schema = () => once(file, '', 'SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name')
    const before = sql === shop ? schemaOf(file) : schema()
    await install(file)
    expect(schema().map(({ name }) => name)).toContain('dustpan_log')
    once(file, `INSERT INTO users (email) VALUES ('a'); DELETE FROM users WHERE email = 'a'`)
    expect(logged(file)).toHaveLength(2)
    if (sql === shop) once(file, `UPDATE sqlite_sequence SET seq = 1 WHERE name = 'users'`)
    await uninstall(file)
    expect(sql === shop ? schemaOf(file) : schema()).toEqual(before)
    expect(await uninstall(file)).toEqual([])
  }
})

test('install skips views, virtual tables and what is installed, and names tables without a usable key', async () => {
  const file = newFile(shop)
  const log = logOf(file)
  expect(await log.status(undefined, connectContext)).toMatchObject({ state: 'missing', waiting: [] })
  const plan = await log.plan('install', undefined, connectContext)
  expect(plan.left).toMatchObject([{ table: 'hidden', state: 'left', code: 'DUSTPAN_NO_PRIMARY_KEY' }])
  const triggers = plan.statements.map(
    (sql) => /^CREATE TRIGGER dustpan_log_\S+_i AFTER INSERT ON (.*) BEGIN/.exec(sql)?.[1],
  )
  expect(triggers.filter(Boolean)).toEqual([odd, '"notes"', '"orders"', '"users"'])
  expect((await log.status(undefined, connectContext)).state).toBe('missing')
  await log.apply(plan, connectContext)
  expect(await log.status(undefined, connectContext)).toMatchObject({ state: 'installed' })
  expect((await log.plan('install', undefined, connectContext)).statements).toEqual([])
})

test('tables in ignoreTables are not logged, and their existing triggers are removed', async () => {
  const file = newFile(shop)
  const options = { application: true, ignoreTables: ['USERS', 'orders'] }
  const triggers = () =>
    once(
      file,
      '',
      "SELECT DISTINCT tbl_name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name NOT LIKE 'dustpan%' ORDER BY tbl_name",
    )
  await install(file)
  expect(await logOf(file, options).status(undefined, connectContext)).toMatchObject({ state: 'stale' })
  await install(file, options)
  expect(triggers().map(({ tbl_name }) => tbl_name)).toEqual([`T.a"b'ü; --`, 'notes'])
  expect(await logOf(file, options).status(undefined, connectContext)).toMatchObject({ state: 'installed' })
  expect(await install(file, options)).toEqual([])
})

test('status counts existing rows without a run as waiting, but not deletions or updates', async () => {
  const file = newFile(`${shop} INSERT INTO users (email) VALUES ('b')`)
  await install(file, { application: { unattributed: 'leave' } })
  const waiting = async () => (await logOf(file).status(undefined, connectContext)).waiting
  once(file, `DELETE FROM users WHERE id = 1; UPDATE users SET email = 'c'; INSERT INTO users (email) VALUES ('d')`)
  expect(await waiting()).toMatchObject([{ lines: 1 }])
  once(file, `DELETE FROM users WHERE email = 'd'`)
  expect(await waiting()).toEqual([])
})

test('install updates a stale log after changes of tables, columns and options', async () => {
  const file = await loggedFile(shop)
  once(
    file,
    `INSERT INTO orders (total) VALUES (1);
     DROP TABLE orders; CREATE TABLE bills (id INTEGER PRIMARY KEY); ALTER TABLE users RENAME TO people;
     ALTER TABLE people RENAME COLUMN id TO number; ALTER TABLE notes ADD COLUMN more TEXT; DROP TRIGGER dustpan_log_1_d`,
  )
  const { state, tables } = await logOf(file).status(undefined, connectContext)
  expect(state).toBe('stale')
  expect(tables.map((one) => `${one.table}: ${one.state}`)).toEqual([
    `T.a"b'ü; --: stale`,
    'bills: missing',
    'hidden: left',
    'notes: stale',
    'people: stale',
  ])
  await install(file)
  expect(await logOf(file).status(undefined, connectContext)).toMatchObject({ state: 'installed' })
  const leave = { application: { unattributed: 'leave' } }
  expect((await logOf(file, leave).status(undefined, connectContext)).state).toBe('stale')
  await install(file, leave)
  once(
    file,
    `DELETE FROM dustpan_log; INSERT INTO people (email) VALUES ('a'); UPDATE people SET email = 'b' WHERE number = 2`,
  )
  expect(logged(file).map(({ op, key, was }) => [op, key, was])).toEqual([
    ['i', '[2]', null],
    ['u', '[2]', null],
  ])
})

test('a recreated table is logged as a new table', async () => {
  const file = await loggedFile(shop)
  once(file, `INSERT INTO orders (total) VALUES (1)`)
  const [old] = logged(file)
  once(file, 'DROP TABLE orders; CREATE TABLE orders (id INTEGER PRIMARY KEY)')
  await install(file)
  once(file, 'INSERT INTO orders DEFAULT VALUES')
  expect(logged(file).at(-1)?.tbl).not.toBe(old?.tbl)
})

test('install and uninstall can be limited to named tables, and unknown names are rejected', async () => {
  const file = newFile(shop)
  await install(file, { application: true }, ['Users'])
  const states = async () => {
    const { tables } = await logOf(file).status(undefined, connectContext)
    return tables.filter(({ state }) => state === 'logged').map(({ table }) => table)
  }
  expect(await states()).toEqual(['users'])
  await install(file, { application: true }, ['orders'])
  await uninstall(file, ['users'])
  expect(await states()).toEqual(['orders'])
  await expect(logOf(file).plan('install', ['nobody'], connectContext)).rejects.toMatchObject({
    code: 'DUSTPAN_INVALID_ARGUMENT',
  })
})

test('a table dustpan_log that Dustpan did not create is refused with DUSTPAN_NOT_OURS', async () => {
  const file = newFile('CREATE TABLE dustpan_log (id INTEGER PRIMARY KEY)')
  for (const act of ['install', 'uninstall'] as const)
    await expect(logOf(file).plan(act, undefined, connectContext)).rejects.toMatchObject({ code: 'DUSTPAN_NOT_OURS' })
})

test('install waits for a locked file until the deadline, and then changes nothing', async () => {
  const file = newFile(shop)
  const log = logOf(file)
  const plan = await log.plan('install', undefined, connectContext)
  const user = new DatabaseSync(file)
  user.exec('BEGIN IMMEDIATE')
  await expect(log.apply(plan, { ...connectContext, deadline: Date.now() + 50 })).rejects.toMatchObject({
    code: 'DUSTPAN_LOG_MISSING',
    hint: expect.stringContaining('Nothing was changed'),
  })
  const applied = log.apply(plan, connectContext)
  user.exec('COMMIT')
  user.close()
  await applied
  expect((await log.status(undefined, connectContext)).state).toBe('installed')
})

test('a plan with a failing statement changes nothing', async () => {
  const file = newFile(shop)
  const statements = [...(await logOf(file).plan('install', undefined, connectContext)).statements, 'nonsense']
  await expect(logOf(file).apply({ statements, left: [] }, connectContext)).rejects.toMatchObject({
    code: 'DUSTPAN_LOG_MISSING',
  })
  expect((await logOf(file).status(undefined, connectContext)).state).toBe('missing')
})

test('status fails with DUSTPAN_STORE_UNREACHABLE for a missing file, and does not create it', async () => {
  const file = newFile('').replace('test.db', 'none.db')
  await expect(logOf(file).status(undefined, connectContext)).rejects.toMatchObject({
    code: 'DUSTPAN_STORE_UNREACHABLE',
  })
  expect(existsSync(file)).toBe(false)
})

test.each([{ application: true }, { application: true, file: ':memory:' }])(
  'the option application is rejected for an in-memory database: %j',
  (options) => {
    expect(() => driverOf(options)).toThrow(expect.objectContaining({ code: 'DUSTPAN_CONFIG_INVALID' }))
    expect(() => driverOf(options)).toThrow(/options\.application: .*database in memory/)
  },
)

test('rows are still logged after all rows of all tables were deleted', async () => {
  const file = await loggedFile(shop)
  once(file, 'DELETE FROM dustpan_context; DELETE FROM dustpan_log; DELETE FROM users')
  expect(logged(file).map(({ op, key }) => [op, key])).toEqual([['d', '[1]']])
})

test('a logged table can still get metadata columns', async () => {
  const { migration } = driverOf({ file: await loggedFile(shop) })
  const columns = { run: 'test_run_id', createdByTest: 'created_by_test', createdAt: 'test_created_at' }
  const context = { root: '', signal: connectContext.signal, deadline: connectContext.deadline }
  const [users] = (await migration?.plan(['users'], columns, context)) ?? []
  expect(users?.why).toBeUndefined()
  expect(users?.lacks).toContain('columns')
})

test('the schema of logged tables can be changed, except that a logged column cannot be dropped', async () => {
  const file = await loggedFile(shop)
  for (const sql of [
    `INSERT INTO users (email) VALUES ('a')`,
    'ALTER TABLE users RENAME COLUMN email TO mail',
    `INSERT INTO users (mail) VALUES ('b')`,
    'ALTER TABLE users ADD COLUMN name TEXT',
    'DROP VIEW all_users',
    'ALTER TABLE users RENAME TO people',
    `UPDATE people SET mail = mail || 'x'`,
    'CREATE TABLE copy AS SELECT * FROM people',
    'CREATE INDEX by_name ON people (name)',
    'DELETE FROM people',
    'DROP TABLE orders',
    'DROP TABLE people',
    'ALTER TABLE copy RENAME TO people',
    'VACUUM',
  ])
    once(file, sql)
  // SQLite does not drop a column that a trigger names.
  const drop = 'ALTER TABLE notes DROP COLUMN more'
  once(file, 'ALTER TABLE notes ADD COLUMN more TEXT')
  await install(file)
  expect(() => once(file, drop)).toThrow(/error in trigger dustpan_log_/)
  await uninstall(file, ['notes'])
  once(file, drop)
})
