import { DatabaseSync } from 'node:sqlite'
import {
  type ChangedRowsSubject,
  changedRowsSuite,
  changesOf,
  expectUndone,
  restore,
  restoring,
  undo,
} from '@dustpan/conformance/application-log'
import { expect, onTestFinished, test } from 'vitest'
import { application, connectTo, logged, loggedFile, once } from '../application/database.ts'

const subject: ChangedRowsSubject = {
  place: (setup) => loggedFile(setup, restoring),
  application,
  connect: connectTo,
  once,
  rows: (file, table) => once(file, '', `SELECT * FROM ${table} ORDER BY 1`),
  logged,
  held: ({ key, was }) => [JSON.parse(String(key)), JSON.parse(String(was))],
  taken: 'UNIQUE constraint failed: users.email',
}
const undoIn = (file: string) => undo(subject, file)

changedRowsSuite(subject)

test('numbers are restored exactly, whatever the application’s version of SQLite', async () => {
  const file = await loggedFile(
    `CREATE TABLE m (id INTEGER PRIMARY KEY, v REAL); INSERT INTO m VALUES (1, 0.1 + 0.2), (2, 9e999), (3, -9e999), (4, 5e-324), (5, 1.0)`,
    restoring,
  )
  const before = subject.rows(file, 'm')
  const old = new DatabaseSync(file)
  onTestFinished(() => old.close())
  // As in SQLite before 3.44.
  old.function('json_quote', (value) => (Number.isFinite(value) ? Number(value).toPrecision(15) : 'Inf'))
  old.exec(`UPDATE dustpan_context SET run = 'r', scope = 's'; UPDATE m SET v = 2.5 WHERE id < 3; DELETE FROM m WHERE id > 2;
    UPDATE dustpan_context SET run = NULL, scope = NULL`)
  await undoIn(file)
  expect(subject.rows(file, 'm')).toEqual(before)
})

test('a thousand changed and deleted rows are restored', async () => {
  const values = Array.from({ length: 1000 }, (_, index) => `(${index}, 'n${index}')`).join(', ')
  const sql = `UPDATE users SET name = upper(name) || '!' WHERE id < 600; DELETE FROM users WHERE id >= 600`
  const setup = `CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users VALUES ${values}`
  const outcomes = (await expectUndone(subject, sql, setup)).map((line) => line.replace(/^\S+ \S+ /, ''))
  expect(new Set(outcomes)).toEqual(new Set(['removed restored 1 column', 'removed restored row']))
})

const upserted = `CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE, name TEXT, age INT); INSERT INTO users VALUES (1, 'u1', 'n1', 1), (2, 'u2', 'n2', 2)`

test('a row overwritten by REPLACE is restored', async () => {
  const outcomes = await expectUndone(subject, `INSERT OR REPLACE INTO users VALUES (1, 'x', 'n1', 9)`, upserted)
  expect(outcomes).toEqual(['users 1: removed restored 2 columns'])
})

test('a row changed by an upsert is restored, and one that an upsert left unchanged is not', async () => {
  const outcomes = await expectUndone(
    subject,
    `INSERT INTO users VALUES (1, 'x', 'x', 9) ON CONFLICT DO UPDATE SET age = 9; INSERT OR IGNORE INTO users VALUES (2, 'y', 'y', 9)`,
    upserted,
  )
  expect(outcomes).toEqual(['users 1: removed restored 1 column'])
})

const kinds = `CREATE TABLE kinds (id INTEGER PRIMARY KEY, any, text TEXT, real REAL, n NUMERIC, "we""ird; '--" BLOB, twice INT GENERATED ALWAYS AS (id * 2) STORED);
  INSERT INTO kinds (id, any, text, real, n, "we""ird; '--") VALUES (9007199254740993, 5, 'it''s "é"', 0.1 + 0.2, 1e400, x'00ff27'), (2, 5.0, '{"blob":"00"}', 5, 12345678901234567890, NULL),
  (3, '5', '', -0.0, -9223372036854775808, 'text'), (4, x'', char(10), 1.0/3, 9223372036854775807, 7)`

test('values of every type are restored unchanged', async () => {
  const look = (file: string) =>
    once(
      file,
      '',
      `SELECT id || '' AS id, ${['any', 'text', 'real', 'n', `"we""ird; '--"`].map((name, index) => `typeof(${name}) AS t${index}, quote(${name}) AS v${index}`).join(', ')} FROM kinds ORDER BY kinds.id`,
    )
  for (const sql of [
    `UPDATE kinds SET any = 'x', text = 1, real = 2, n = 3, "we""ird; '--" = 4`,
    'DELETE FROM kinds',
    'UPDATE kinds SET id = id - 9',
  ]) {
    const file = await loggedFile(kinds, restoring)
    const before = look(file)
    await application(file).as('r', 's', sql)
    expect(look(file)).not.toEqual(before)
    expect((await undoIn(file)).filter((line) => !line.includes('removed restored'))).toEqual([])
    expect(look(file)).toEqual(before)
  }
})

test('rows are restored in tables with a composite key, without a key and WITHOUT ROWID', async () => {
  const key = 'a TEXT, b INT, v TEXT, PRIMARY KEY (a, b)'
  for (const table of [`t (a TEXT, v TEXT)`, `t (${key})`, `t (${key}) WITHOUT ROWID`]) {
    const columns = table.includes('b INT') ? `('x', 1, 'v'), ('x', 2, 'w')` : `('x', 'v'), ('y', 'w')`
    const setup = `CREATE TABLE ${table}; INSERT INTO t VALUES ${columns}`
    expect(await expectUndone(subject, `UPDATE t SET v = 'new', a = 'z'`, setup, 't')).toHaveLength(2)
    expect(await expectUndone(subject, `DELETE FROM t WHERE v = 'v'`, setup, 't')).toHaveLength(1)
  }
})

test('a restored row does not replace another row, even with ON CONFLICT REPLACE', async () => {
  const setup = `CREATE TABLE t (id INTEGER PRIMARY KEY, code TEXT UNIQUE ON CONFLICT REPLACE); INSERT INTO t VALUES (1, 'a'), (2, 'b')`
  const file = await loggedFile(setup, restoring)
  await application(file).as('r', 's', `UPDATE t SET code = 'x' WHERE id = 1; DELETE FROM t WHERE id = 2`)
  once(file, `INSERT INTO t VALUES (8, 'a'), (9, 'b')`)
  expect(await undoIn(file)).toEqual(
    [1, 2].map(
      (id) =>
        `t ${id}: refused changed-since DUSTPAN_CHANGED_SINCE The row ${id} in t was not restored: other rows are in its way (UNIQUE constraint failed: t.code)`,
    ),
  )
  expect(once(file, '', 'SELECT id FROM t ORDER BY 1').map(({ id }) => id)).toEqual([1, 8, 9])
})

test('a row whose parent was deleted since is not restored, and the others are', async () => {
  const setup = `CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p INT REFERENCES p); INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1, 1), (2, 2)`
  const file = await loggedFile(setup, restoring)
  await application(file).as('r', 's', 'DELETE FROM c; INSERT INTO c VALUES (9, 2)')
  once(file, 'DELETE FROM p WHERE id = 1')
  expect(await undoIn(file)).toEqual([
    'c 1: refused changed-since DUSTPAN_CHANGED_SINCE The row 1 in c was not restored: other rows are in its way (FOREIGN KEY constraint failed)',
    'c 2: removed restored row',
    'c 9: removed 1 row',
  ])
})

test('triggers run on restored rows, and columns they set or rows they keep unchanged are reported', async () => {
  const setup = `CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, changed INT DEFAULT 0); INSERT INTO t VALUES (1, 1, 0), (2, 1, 0);
    CREATE TRIGGER touch AFTER UPDATE OF a ON t BEGIN UPDATE t SET changed = changed + 1 WHERE id = NEW.id; END`
  const file = await loggedFile(setup, restoring)
  await application(file).as('r', 's', 'UPDATE t SET a = 2')
  once(file, `CREATE TRIGGER keep BEFORE UPDATE ON t WHEN OLD.id = 2 BEGIN SELECT RAISE(IGNORE); END`)
  expect(await undoIn(file)).toEqual([
    't 1: removed restored 1 column; a trigger has set changed',
    't 2: failed DUSTPAN_RESTORE_FAILED The row 2 in t was not restored: a trigger keeps it as it is',
  ])
})

test('rows of a dropped table are refused, and the others are restored', async () => {
  const setup = `CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, b INT); INSERT INTO t VALUES (1, 1, 1); CREATE TABLE u (id INTEGER PRIMARY KEY); INSERT INTO u VALUES (1)`
  const file = await loggedFile(setup, restoring)
  await application(file).as('r', 's', 'UPDATE t SET a = 9, b = 9; DELETE FROM u')
  const connection = await connectTo(file, restoring)
  const { targets } = await changesOf(connection, ['s'])
  once(file, 'DROP TABLE u')
  expect(await restore(connection, targets)).toEqual([
    't 1: removed restored 2 columns',
    'u 1: refused changed-since DUSTPAN_CHANGED_SINCE The row 1 in u was not restored: its table no longer exists',
  ])
})

test('columns that a trigger sets during a restore do not block the restore of earlier changes', async () => {
  const file = await loggedFile(
    `CREATE TABLE products (id INTEGER PRIMARY KEY, stock INT, touched REAL DEFAULT 0.5, n INT DEFAULT 0); INSERT INTO products (id, stock) VALUES (1, 100), (2, 200);
    CREATE TRIGGER touch AFTER UPDATE OF stock ON products BEGIN UPDATE products SET n = n + 1, touched = random() / 3.0 WHERE id = NEW.id; END`,
    restoring,
  )
  const app = application(file)
  await app.as('r', 'a', 'UPDATE products SET stock = 42 WHERE id = 1')
  await app.as('r', 'b', 'UPDATE products SET stock = 43 WHERE id = 1')
  await app.as('r', 'c', 'UPDATE products SET stock = 44 WHERE id = 1')
  const connection = await connectTo(file, restoring)
  const changes = []
  for (const scope of ['a', 'b', 'c']) changes.push((await changesOf(connection, [scope])).targets)
  for (const targets of changes.toReversed())
    expect(await restore(connection, targets)).toEqual([expect.stringContaining('removed restored')])
  expect(subject.rows(file, 'products')).toMatchObject([{ stock: 100 }, { stock: 200 }])
})
