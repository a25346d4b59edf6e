import pg from 'pg'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { application, connectTo, logged, loggedDatabase } from '../application/database.ts'
import { once, type Server, startServer } from '../server.ts'
import { changesOf, restore, restoring, undo } from './changed.ts'

let server: Server
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server[Symbol.asyncDispose]())

const users = `CREATE TABLE users (id int PRIMARY KEY, email text UNIQUE, name text, age int);
  INSERT INTO users SELECT i, 'u' || i, 'n' || i, i FROM generate_series(1, 4) i`
const all = async (url: string, table = 'users') =>
  (await once(url, `SELECT to_jsonb(t) AS row FROM ${table} t ORDER BY 1`)).rows.map(({ row }) => row)

/** What the statements did to the table is undone, and nothing else is different. */
async function expectUndone(sql: string, setup = users, table = 'users'): Promise<readonly string[]> {
  const url = await loggedDatabase(server, setup, restoring)
  const before = await all(url, table)
  await (await application(url)).as('r', 's', sql)
  expect(await all(url, table)).not.toEqual(before)
  const told = await undo(url)
  expect(await all(url, table)).toEqual(before)
  expect(await logged(url)).toEqual([])
  return told
}

test('a changed row is as before, by its changed columns', async () => {
  expect(await expectUndone(`UPDATE users SET name = 'x', age = NULL WHERE id = 2`)).toEqual([
    'users 2: removed restored 2 columns',
  ])
})

test('several changes of one row are one: from the first row before to the last one after', async () => {
  const told = await expectUndone(
    `UPDATE users SET name = 'x' WHERE id = 2; UPDATE users SET name = 'y', age = 9 WHERE id = 2`,
  )
  expect(told).toEqual(['users 2: removed restored 2 columns'])
})

test('a deleted row is inserted again', async () => {
  expect(await expectUndone('DELETE FROM users WHERE id IN (2, 3)')).toEqual([
    'users 2: removed restored row',
    'users 3: removed restored row',
  ])
})

test('a key that was changed is changed back', async () => {
  expect(await expectUndone('UPDATE users SET id = 50 WHERE id = 2; UPDATE users SET id = 51 WHERE id = 50')).toEqual([
    'users 2: removed restored 1 column',
  ])
})

test('a row that was changed and then deleted is the first one again', async () => {
  const told = await expectUndone(`UPDATE users SET id = 50, name = 'x' WHERE id = 2; DELETE FROM users WHERE id = 50`)
  expect(told).toEqual(['users 2: removed restored row'])
})

test('a row that was deleted and inserted again has its own columns', async () => {
  const told = await expectUndone(`DELETE FROM users WHERE id = 2; INSERT INTO users VALUES (2, 'new', 'n2', 7)`)
  expect(told).toEqual(['users 2: removed restored 2 columns'])
})

test('a row that somebody else changed after it was inserted again is left', async () => {
  const url = await loggedDatabase(server, users, restoring)
  const app = await application(url)
  await app.as('r', 's', `DELETE FROM users WHERE id = 2; INSERT INTO users VALUES (2, 'new', 'n2', 7)`)
  await app.as('r', 'other', `UPDATE users SET age = 8 WHERE id = 2`)
  expect(await undo(url)).toEqual([
    'users 2: refused changed-since DUSTPAN_CHANGED_SINCE The row 2 in users is not restored: somebody else has changed it since',
  ])
  expect((await all(url))[1]).toMatchObject({ email: 'new', age: 8 })
})

test('what the scope inserted itself is removed, and nothing of it is restored', async () => {
  const told = await expectUndone(
    `UPDATE users SET name = 'x' WHERE id = 1; INSERT INTO users VALUES (9, 'u9'); UPDATE users SET age = 3 WHERE id = 9;
     INSERT INTO users VALUES (10, 'u10'); UPDATE users SET id = 11 WHERE id = 10; DELETE FROM users WHERE id = 11`,
  )
  expect(told).toEqual(['users 1: removed restored 1 column', 'users 9: removed 1 row'])
})

test('what was changed and changed back needs nothing', async () => {
  const url = await loggedDatabase(server, users, restoring)
  await (await application(url)).as(
    'r',
    's',
    `UPDATE users SET age = 7 WHERE id = 1; UPDATE users SET age = 1 WHERE id = 1`,
  )
  expect(await undo(url)).toEqual(['users 1: removed was as before'])
  expect(await logged(url)).toEqual([])
})

test('without the option, and in tables that are not named, nothing is restored and nothing of it is kept', async () => {
  for (const application_ of [true, { restore: false }, { restore: ['orders', 'shop.users'] }]) {
    const url = await loggedDatabase(server, users, restoring)
    await (await application(url)).as('r', 's', `UPDATE users SET name = 'x' WHERE id = 2`)
    expect(await undo(url, ['s'], { application: application_ })).toEqual([])
    expect(await logged(url)).toEqual([])
  }
  const url = await loggedDatabase(server, users, restoring)
  await (await application(url)).as('r', 's', `UPDATE users SET name = 'x' WHERE id = 2`)
  expect(await undo(url, ['s'], { application: { restore: ['users'] } })).toHaveLength(1)
})

test('a row that somebody else changed since is left, and what it was stays in the log', async () => {
  const url = await loggedDatabase(server, users, restoring)
  const app = await application(url)
  await app.as('r', 's', `UPDATE users SET name = 'x', age = 5 WHERE id <= 2; DELETE FROM users WHERE id >= 3`)
  await once(
    url,
    `UPDATE users SET name = 'theirs' WHERE id = 1; DELETE FROM users WHERE id = 2; INSERT INTO users VALUES (3, 'theirs')`,
  )
  expect(await undo(url)).toEqual([
    'users 1: refused changed-since DUSTPAN_CHANGED_SINCE The row 1 in users is not restored: somebody else has changed name since',
    'users 2: refused changed-since DUSTPAN_CHANGED_SINCE The row 2 in users is not restored: somebody else has deleted it since',
    'users 3: refused changed-since DUSTPAN_CHANGED_SINCE The row 3 in users is not restored: another row has its key since',
    'users 4: removed restored row',
  ])
  expect((await all(url)).map(({ id, name, age }) => [id, name, age])).toEqual([
    [1, 'theirs', 5],
    [3, null, null],
    [4, 'n4', 4],
  ])
  const held = (await logged(url)).filter(({ run }) => run === 'r')
  expect(held.map(({ key, was }) => [key, (was as { age: number }).age])).toEqual([
    [['1'], 1],
    [['2'], 2],
    [['3'], 3],
  ])
})

test('other columns that somebody else changed stay as they are', async () => {
  const url = await loggedDatabase(server, users, restoring)
  await (await application(url)).as('r', 's', `UPDATE users SET name = 'x' WHERE id = 1`)
  await once(url, 'UPDATE users SET age = 77 WHERE id = 1')
  await undo(url)
  expect((await all(url))[0]).toMatchObject({ name: 'n1', age: 77 })
})

test('two scopes changed a row in turn: whichever is first, only its own is taken back, and in the end all is', async () => {
  const url = await loggedDatabase(server, users, restoring)
  const app = await application(url)
  await app.as('r', 'a', `UPDATE users SET name = 'a' WHERE id = 1`)
  await app.as('r', 'b', `UPDATE users SET name = 'b' WHERE id = 1`)
  const connection = await connectTo(url, restoring)
  const a = await changesOf(connection, ['a'])
  const b = await changesOf(connection, ['b'])
  expect((await restore(connection, a.targets))[0]).toContain('refused changed-since')
  expect((await all(url))[0]).toMatchObject({ name: 'b' })
  expect(await restore(connection, b.targets)).toEqual(['users 1: removed restored 1 column'])
  expect(await restore(connection, a.targets)).toEqual(['users 1: removed restored 1 column'])
  expect((await all(url))[0]).toMatchObject({ name: 'n1' })
})

test('in one cleanup the newest change is taken back first, whatever the order', async () => {
  const url = await loggedDatabase(server, users, restoring)
  const app = await application(url)
  await app.as('r', 'a', `UPDATE users SET name = 'a' WHERE id = 1`)
  await app.as('r', 'b', `UPDATE users SET name = 'b' WHERE id = 1`)
  await app.as('r', 'a', `UPDATE users SET name = 'a' WHERE id = 1`)
  await app.as('r', 'b', `DELETE FROM users WHERE id = 1`)
  const connection = await connectTo(url, restoring)
  const a = await changesOf(connection, ['a'])
  const b = await changesOf(connection, ['b'])
  expect(await restore(connection, [...a.targets, ...b.targets])).toEqual([
    'users 1: removed restored 1 column',
    'users 1: removed restored 1 column',
    'users 1: removed restored 1 column',
    'users 1: removed restored row',
  ])
  expect((await all(url))[0]).toMatchObject({ name: 'n1' })
})

const tree = `CREATE TABLE users (id int PRIMARY KEY, email text UNIQUE);
  CREATE TABLE orders (id int PRIMARY KEY, user_id int REFERENCES users ON DELETE CASCADE, boss int REFERENCES orders);
  CREATE TABLE notes (id int PRIMARY KEY, order_id int REFERENCES orders ON DELETE SET NULL, user_id int REFERENCES users ON DELETE SET NULL);
  INSERT INTO users SELECT i, 'u' || i FROM generate_series(1, 3) i; INSERT INTO orders VALUES (1, 1, NULL), (2, 1, 1), (3, 2, NULL);
  INSERT INTO notes VALUES (1, 1, 1), (2, 3, 1)`

test('what a cascade took along, or set to NULL, is back with its parent', async () => {
  const told = await expectUndone('DELETE FROM users WHERE id = 1', tree)
  expect(told).toHaveLength(5)
  const url = await loggedDatabase(server, tree, restoring)
  const before = [await all(url, 'orders'), await all(url, 'notes')]
  await (await application(url)).as('r', 's', 'DELETE FROM users WHERE id = 1')
  await undo(url)
  expect([await all(url, 'orders'), await all(url, 'notes')]).toEqual(before)
})

test('a row that was made to refer to a test’s row is free of it before that goes', async () => {
  const url = await loggedDatabase(server, tree, restoring)
  const app = await application(url)
  await app.as('r', 's', `INSERT INTO users VALUES (9, 'x'); UPDATE orders SET user_id = 9 WHERE id = 3`)
  expect(await undo(url)).toEqual(['orders 3: removed restored 1 column', 'users 9: removed 1 row'])
  expect(await all(url)).toHaveLength(3)
})

test('a unique value that a test’s row has taken over is free before it is restored', async () => {
  const sql = `UPDATE users SET email = 'free' WHERE id = 1; DELETE FROM users WHERE id = 2;
    INSERT INTO users VALUES (8, 'u1'), (9, 'u2')`
  expect(await expectUndone(sql)).toEqual([
    'users 1: removed restored 1 column',
    'users 2: removed restored row',
    'users 8: removed 1 row',
    'users 9: removed 1 row',
  ])
})

test('a value that somebody else has taken is a refusal, and the other rows are restored', async () => {
  const url = await loggedDatabase(server, users, restoring)
  const app = await application(url)
  await app.as('r', 's', `UPDATE users SET email = email || 'x' WHERE id <= 2; DELETE FROM users WHERE id > 2`)
  await once(url, `INSERT INTO users VALUES (8, 'u1'), (9, 'u3')`)
  expect(await undo(url)).toEqual([
    'users 1: refused changed-since DUSTPAN_CHANGED_SINCE The row 1 in users is not restored: other rows are in its way (the constraint users_email_key)',
    'users 2: removed restored 1 column',
    'users 3: refused changed-since DUSTPAN_CHANGED_SINCE The row 3 in users is not restored: other rows are in its way (the constraint users_email_key)',
    'users 4: removed restored row',
  ])
})

test('a thousand rows of one statement go back in few', async () => {
  const url = await loggedDatabase(
    server,
    `CREATE TABLE users (id int PRIMARY KEY, name text); INSERT INTO users SELECT i, 'n' || i FROM generate_series(1, 1000) i`,
    restoring,
  )
  const before = await all(url)
  const app = await application(url)
  await app.as('r', 's', `UPDATE users SET name = upper(name) || '!' WHERE id <= 600; DELETE FROM users WHERE id > 600`)
  const connection = await connectTo(url, restoring)
  const { targets, sets } = await changesOf(connection, ['s'])
  expect(sets).toHaveLength(1)
  const sent = vi.spyOn(pg.Client.prototype, 'query')
  onTestFinished(() => sent.mockRestore())
  const told = (await restore(connection, targets)).map((line) => line.replace(/^\S+ \S+ /, ''))
  expect(new Set(told)).toEqual(new Set(['removed restored 1 column', 'removed restored row']))
  expect(sent.mock.calls.length).toBeLessThan(10)
  expect(await all(url)).toEqual(before)
})
