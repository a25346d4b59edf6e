import { DatabaseSync } from 'node:sqlite'
import { removalContext } from '@dustpan/conformance/drivers/driver'
import type { BackedUp, Json, RestoreOutcome, StoreConnection, Target } from '@dustpan/core/driver'
import { describe, expect, onTestFinished, test } from 'vitest'
import { newFile, once } from '../application/database.ts'
import { removed, row, toFile } from '../removal/harness.ts'

const types = `
  CREATE TABLE every (id INTEGER PRIMARY KEY, i INTEGER, r REAL, n NUMERIC, t TEXT, b BLOB, any_, twice AS (i * 2) STORED);
  INSERT INTO every (id, i, r, n, t, b, any_) VALUES
    (1, 9223372036854775807, 0.1, 1.5, 'it''s ☃' || char(0) || 'x', x'00ff27', 1.0),
    (2, -9007199254740993, 1.0, 9e999, '', x'', -0.0),
    (3, NULL, NULL, NULL, NULL, NULL, 9007199254740993),
    (4, 'text', 1e300, -9e999, '12', 'text in a blob', 3),
    (-9223372036854775808, 0, 5e-324, 0.1 + 0.2, '1.0', zeroblob(3), 1e16);
  CREATE TABLE bare (v TEXT); INSERT INTO bare (rowid, v) VALUES (7, 'seven'), (9007199254740993, 'far');
  CREATE TABLE pairs (a TEXT, b BLOB, v, PRIMARY KEY (a, b)) WITHOUT ROWID; INSERT INTO pairs VALUES ('k', x'0a', 1.0)`

/** All rows, with the types that SQLite reports. */
function typed(file: string, table: string, columns: readonly string[]) {
  const cells = columns.map((column) => `typeof(${column}) || ' ' || quote(${column})`).join(` || '|' || `)
  return once(file, '', `SELECT ${cells} AS row FROM ${table} ORDER BY 1`).map(({ row }) => row)
}

async function backUp(connection: StoreConnection, wanted: readonly Target[]): Promise<readonly BackedUp[]> {
  const found = await connection.backup?.(wanted, removalContext())
  const written = JSON.parse(JSON.stringify([...(found ?? [])])) as readonly (readonly [string, Json])[]
  return wanted.flatMap((target) =>
    written.filter(([id]) => id === target.id).map(([, backup]) => ({ target, backup })),
  )
}

async function putBack(connection: StoreConnection, backups: readonly BackedUp[]): Promise<readonly string[]> {
  const outcomes = await connection.putBack?.(backups, removalContext())
  return backups.map(({ target }) => resultOf(outcomes?.get(target.id)))
}

const resultOf = (outcome: RestoreOutcome | undefined) =>
  outcome?.state === 'restored' ? (outcome.result ?? '') : `${outcome?.error.code} ${outcome?.error.message}`

async function opened(file: string, options: object = {}): Promise<StoreConnection> {
  const connection = await toFile(file, options)
  onTestFinished(() => connection[Symbol.asyncDispose]())
  return connection
}

const special = (table: string, key: Json, columns: readonly string[], kinds: readonly string[]): Target => ({
  ...row(table, key, columns),
  removal: { driver: 'main', op: 'delete-row', v: 1, args: { table, columns, types: kinds } },
})

describe.each(['node:sqlite', 'better-sqlite3'])('with %s', (client) => {
  test('rows with values of every type, and rows without a key, are restored unchanged', async () => {
    const file = newFile(types)
    const columns = ['id', 'i', 'r', 'n', 't', 'b', 'any_', 'twice']
    const now = () => [
      typed(file, 'every', columns),
      typed(file, 'bare', ['rowid', 'v']),
      typed(file, 'pairs', ['a', 'b', 'v']),
    ]
    const before = now()
    const connection = await opened(file, { client })
    const wanted = [
      ...[1, 2, 3, 4].map((id) => row('every', id)),
      special('every', '-9223372036854775808', ['id'], ['integer']),
      row('bare', 7, ['rowid']),
      special('bare', '9007199254740993', ['rowid'], ['integer']),
      special('pairs', ['k', '0a'], ['a', 'b'], ['plain', 'blob']),
    ]
    const backups = await backUp(connection, wanted)
    expect(backups.length).toBe(8)
    expect(new Set(Object.values(await removed(connection, wanted)))).toEqual(new Set(['removed']))
    expect(now()).toEqual([[], [], []])
    expect(await putBack(connection, backups)).toEqual(Array(8).fill('1 row'))
    expect(now()).toEqual(before)
    expect(await backUp(connection, wanted)).toEqual(backups)
  })
})

const shop = `
  CREATE TABLE teams (id INTEGER PRIMARY KEY, head INT REFERENCES users, name TEXT UNIQUE);
  CREATE TABLE users (id INTEGER PRIMARY KEY, team INT NOT NULL REFERENCES teams, name TEXT);
  CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT, deleted_at TEXT, changed INT);
  INSERT INTO teams VALUES (1, NULL, 'a'), (2, NULL, 'b'); INSERT INTO users VALUES (1, 1, 'n1'), (2, 1, 'n2'), (3, 2, 'n3');
  INSERT INTO notes (id, text) VALUES (1, 'n1'), (2, 'n2')`

test('rows that reference each other are restored', async () => {
  const file = newFile(`${shop}; UPDATE teams SET head = 2 WHERE id = 1`)
  const before = [typed(file, 'teams', ['id', 'head', 'name']), typed(file, 'users', ['id', 'team', 'name'])]
  const connection = await opened(file)
  const wanted = [row('teams', 1), row('teams', 2), row('users', 1), row('users', 2), row('users', 3)]
  const backups = await backUp(connection, wanted)
  await removed(connection, wanted)
  expect(once(file, '', 'SELECT * FROM teams')).toEqual([])
  expect(await putBack(connection, backups)).toEqual(Array(5).fill('1 row'))
  expect([typed(file, 'teams', ['id', 'head', 'name']), typed(file, 'users', ['id', 'team', 'name'])]).toEqual(before)
})

test('rows whose key, unique value or parent was taken since are not restored, and the others are', async () => {
  const file = newFile(shop)
  const connection = await opened(file)
  const wanted = [row('teams', 1), row('teams', 2), row('users', 1), row('users', 3), row('notes', 1)]
  const backups = await backUp(connection, wanted)
  once(
    file,
    `DELETE FROM users; DELETE FROM teams; DELETE FROM notes; INSERT INTO teams VALUES (1, NULL, 'theirs'), (9, NULL, 'b')`,
  )
  expect(await putBack(connection, backups)).toEqual([
    'DUSTPAN_RESTORE_FAILED teams 1 could not be restored: another row has its key',
    'DUSTPAN_RESTORE_FAILED teams 2 could not be restored: UNIQUE constraint failed: teams.name',
    'DUSTPAN_RESTORE_FAILED users 1 could not be restored: its parent was not restored',
    'DUSTPAN_RESTORE_FAILED users 3 could not be restored: FOREIGN KEY constraint failed',
    '1 row',
  ])
  expect(typed(file, 'teams', ['id', 'name'])).toEqual(["integer 1|text 'theirs'", "integer 9|text 'b'"])
})

test('a restored row does not replace another row, even with ON CONFLICT REPLACE', async () => {
  const file = newFile(
    `CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE ON CONFLICT REPLACE); INSERT INTO users VALUES (1, 'a')`,
  )
  const connection = await opened(file)
  const backups = await backUp(connection, [row('users', 1)])
  once(file, `DELETE FROM users; INSERT INTO users VALUES (9, 'a')`)
  expect(await putBack(connection, backups)).toEqual([
    'DUSTPAN_RESTORE_FAILED users 1 could not be restored: UNIQUE constraint failed: users.email',
  ])
  expect(typed(file, 'users', ['id'])).toEqual(['integer 9'])
})

test('a soft-deleted row is unmarked, unless it was changed since', async () => {
  const file = newFile(shop)
  const connection = await opened(file, { softDelete: { notes: { deleted_at: 'now' } } })
  const wanted = [row('notes', 1), row('notes', 2)]
  const backups = await backUp(connection, wanted)
  await removed(connection, wanted)
  once(file, 'UPDATE notes SET changed = 1 WHERE id = 2')
  expect(await putBack(connection, backups)).toEqual([
    'unmarked',
    'DUSTPAN_RESTORE_FAILED notes 2 could not be restored: changed of the marked row changed since',
  ])
  expect(typed(file, 'notes', ['deleted_at'])).toEqual(['null NULL', expect.stringMatching(/^text /)])
  expect((await backUp(connection, wanted)).map(({ target }) => target.id)).toEqual(['notes 1'])
  expect(await putBack(connection, backups.slice(0, 1))).toEqual(['already there'])
})

test('rows are not restored when their table or one of its columns was dropped', async () => {
  const file = newFile(shop)
  const connection = await opened(file)
  const backups = await backUp(connection, [row('notes', 1), row('users', 1)])
  once(file, 'DROP TABLE notes; DELETE FROM users; ALTER TABLE users DROP COLUMN name')
  expect(await putBack(connection, backups)).toEqual([
    'DUSTPAN_RESTORE_FAILED notes 1 could not be restored: its table no longer exists, or was replaced',
    'DUSTPAN_RESTORE_FAILED users 1 could not be restored: users has no column name any more that can be written',
  ])
})

test('columns that a trigger changes and rows that a trigger rejects are reported', async () => {
  const file = newFile(shop)
  const connection = await opened(file)
  const wanted = [row('notes', 1), row('notes', 2)]
  const backups = await backUp(connection, wanted)
  await removed(connection, wanted)
  once(
    file,
    `CREATE TRIGGER sets AFTER INSERT ON notes WHEN NEW.id = 1 BEGIN UPDATE notes SET changed = 7 WHERE id = 1; END;
    CREATE TRIGGER away BEFORE INSERT ON notes WHEN NEW.id = 2 BEGIN SELECT RAISE(IGNORE); END`,
  )
  expect(await putBack(connection, backups)).toEqual([
    '1 row; a trigger set changed',
    'DUSTPAN_RESTORE_FAILED notes 2 could not be restored: a trigger keeps it away',
  ])
})

test('a row whose trigger rolls back the whole transaction is not restored, and the others are', async () => {
  const file = newFile(shop)
  const connection = await opened(file)
  const wanted = [row('notes', 1), row('notes', 2)]
  const backups = await backUp(connection, wanted)
  await removed(connection, wanted)
  once(file, `CREATE TRIGGER away BEFORE INSERT ON notes WHEN NEW.id = 1 BEGIN SELECT RAISE(ROLLBACK, 'sealed'); END`)
  expect(await putBack(connection, backups)).toEqual([
    'DUSTPAN_RESTORE_FAILED notes 1 could not be restored: a trigger or a constraint of the database rolled back the whole transaction',
    '1 row',
  ])
})

test('rows with hostile names and values are restored', async () => {
  const file = newFile(
    `CREATE TABLE "we""ird; DROP TABLE x" ("i""d" TEXT PRIMARY KEY, "?1" TEXT); INSERT INTO "we""ird; DROP TABLE x" VALUES (''' OR 1=1', '${'x'.repeat(100_000)}')`,
  )
  const connection = await opened(file)
  const wanted = [row('we"ird; DROP TABLE x', "' OR 1=1", ['i"d'])]
  const columns = ['"i""d"', '"?1"']
  const before = typed(file, '"we""ird; DROP TABLE x"', columns)
  const backups = await backUp(connection, wanted)
  await removed(connection, wanted)
  expect(await putBack(connection, backups)).toEqual(['1 row'])
  expect(typed(file, '"we""ird; DROP TABLE x"', columns)).toEqual(before)
})

test('both libraries write the same backups', async () => {
  const file = newFile(types)
  const wanted = [1, 2, 3, 4].map((id) => row('every', id))
  const [one, other] = [await opened(file, { client: 'node:sqlite' }), await opened(file, { client: 'better-sqlite3' })]
  expect(await backUp(one, wanted)).toEqual(await backUp(other, wanted))
})

test('rows are not restored while another connection is writing, but are afterwards', async () => {
  const file = newFile(shop)
  const connection = await opened(file, { client: 'node:sqlite' })
  const backups = await backUp(connection, [row('notes', 1)])
  once(file, 'DELETE FROM notes')
  const other = new DatabaseSync(file)
  onTestFinished(() => other.close())
  other.exec('BEGIN IMMEDIATE')
  const outcomes = await connection.putBack?.(backups, removalContext({ deadline: Date.now() + 50 }))
  expect([...(outcomes?.values() ?? [])].map(resultOf)).toEqual([
    'DUSTPAN_RESTORE_FAILED notes 1 could not be restored: somebody else is writing to the database',
  ])
  other.exec('ROLLBACK')
  expect(await putBack(connection, backups)).toEqual(['1 row'])
})
