/** Suite for every database with an application log: rows of others that a test changed or deleted are restored. */
import type { StoreConnection } from '@dustpan/core/driver'
import { expect, test } from 'vitest'
import { changesOf, restore, restoring } from './changes.ts'

type Row = Readonly<Record<string, unknown>>

/** A store, as the suite sees it: places (URLs, files) with tables in them. */
export interface ChangedRowsSubject {
  /** Creates a place with the log installed. */
  place(setup: string): Promise<string>
  application(place: string): Writing | Promise<Writing>
  connect(place: string, options: object): Promise<StoreConnection>
  /** Runs statements without a run or scope. */
  once(place: string, sql: string): unknown
  /** All rows of a table, ordered by its first column. */
  rows(place: string, table: string): readonly Row[] | Promise<readonly Row[]>
  logged(place: string): readonly Row[] | Promise<readonly Row[]>
  /** A row's key and previous values, from a line of the log. */
  held(line: Row): readonly [key: readonly unknown[], was: Row]
  /** The server's error message for a duplicate `users.email`. */
  readonly taken: string
}

interface Writing {
  /** Runs statements in a transaction with this run and scope. */
  as(run: string, scope: string, sql: string): Promise<unknown>
}

const users = `CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE, name TEXT, age INT);
  INSERT INTO users VALUES (1, 'u1', 'n1', 1), (2, 'u2', 'n2', 2), (3, 'u3', 'n3', 3), (4, 'u4', 'n4', 4)`

const tree = `CREATE TABLE users (id INT PRIMARY KEY, email TEXT UNIQUE);
  CREATE TABLE orders (id INT PRIMARY KEY, user_id INT REFERENCES users ON DELETE CASCADE, boss INT REFERENCES orders);
  CREATE TABLE notes (id INT PRIMARY KEY, order_id INT REFERENCES orders ON DELETE SET NULL, user_id INT REFERENCES users ON DELETE SET NULL);
  INSERT INTO users VALUES (1, 'u1'), (2, 'u2'), (3, 'u3'); INSERT INTO orders VALUES (1, 1, NULL), (2, 1, 1), (3, 2, NULL);
  INSERT INTO notes VALUES (1, 1, 1), (2, 3, 1)`

/** Undoes everything that scopes of the run `r` did. */
export async function undo(
  subject: Pick<ChangedRowsSubject, 'connect'>,
  place: string,
  scopes: readonly string[] = ['s'],
  options: object = restoring,
): Promise<readonly string[]> {
  const connection = await subject.connect(place, options)
  const { targets } = await changesOf(connection, scopes)
  return restore(connection, targets)
}

/** Expects that the statements' effect on the table is undone, and nothing else changed. */
export async function expectUndone(
  subject: ChangedRowsSubject,
  sql: string,
  setup = users,
  table = 'users',
): Promise<readonly string[]> {
  const place = await subject.place(setup)
  const before = await subject.rows(place, table)
  await (await subject.application(place)).as('r', 's', sql)
  expect(await subject.rows(place, table)).not.toEqual(before)
  const outcomes = await undo(subject, place)
  expect(await subject.rows(place, table)).toEqual(before)
  expect(await subject.logged(place)).toEqual([])
  return outcomes
}

const kept = (id: number, why: string): string =>
  `users ${id}: refused changed-since DUSTPAN_CHANGED_SINCE The row ${id} in users was not restored: ${why}`

export function changedRowsSuite(subject: ChangedRowsSubject): void {
  const rows = async (place: string, table = 'users') => subject.rows(place, table)
  const once = async (place: string, sql: string) => void (await subject.once(place, sql))
  /** A place with users, after writes by scopes of the run `r`, one after another. */
  const written = async (writes: readonly (readonly [scope: string, sql: string])[], setup = users) => {
    const place = await subject.place(setup)
    const application = await subject.application(place)
    for (const [scope, sql] of writes) await application.as('r', scope, sql)
    return place
  }

  test.for([
    [
      'the changed columns of a row are restored',
      `UPDATE users SET name = 'x', age = NULL WHERE id = 2`,
      ['users 2: removed restored 2 columns'],
    ],
    [
      'several changes of one row are undone together',
      `UPDATE users SET name = 'x' WHERE id = 2; UPDATE users SET name = 'y', age = 9 WHERE id = 2`,
      ['users 2: removed restored 2 columns'],
    ],
    [
      'a deleted row is inserted again',
      'DELETE FROM users WHERE id IN (2, 3)',
      ['users 2: removed restored row', 'users 3: removed restored row'],
    ],
    [
      'a changed key is restored',
      'UPDATE users SET id = 50 WHERE id = 2; UPDATE users SET id = 51 WHERE id = 50',
      ['users 2: removed restored 1 column'],
    ],
    [
      'a row that was changed and then deleted is restored to its first state',
      `UPDATE users SET id = 50, name = 'x' WHERE id = 2; DELETE FROM users WHERE id = 50`,
      ['users 2: removed restored row'],
    ],
    [
      'a row that was deleted and inserted again gets its previous values',
      `DELETE FROM users WHERE id = 2; INSERT INTO users VALUES (2, 'new', 'n2', 7)`,
      ['users 2: removed restored 2 columns'],
    ],
    [
      'rows that the scope inserted itself are removed, not restored',
      `UPDATE users SET name = 'x' WHERE id = 1; INSERT INTO users (id, email) VALUES (9, 'u9'); UPDATE users SET age = 3 WHERE id = 9;
       INSERT INTO users (id, email) VALUES (10, 'u10'); UPDATE users SET id = 11 WHERE id = 10; DELETE FROM users WHERE id = 11`,
      ['users 1: removed restored 1 column', 'users 9: removed 1 row'],
    ],
    [
      'a unique value that a row of the test has taken over is freed before it is restored',
      `UPDATE users SET email = 'free' WHERE id = 1; DELETE FROM users WHERE id = 2;
       INSERT INTO users (id, email) VALUES (8, 'u1'), (9, 'u2')`,
      [
        'users 1: removed restored 1 column',
        'users 2: removed restored row',
        'users 8: removed 1 row',
        'users 9: removed 1 row',
      ],
    ],
  ] as const)('%s', async ([, sql, outcomes]) => {
    expect(await expectUndone(subject, sql)).toEqual(outcomes)
  })

  test('a row that was inserted again and then changed by another scope is refused', async () => {
    const place = await written([
      ['s', `DELETE FROM users WHERE id = 2; INSERT INTO users VALUES (2, 'new', 'n2', 7)`],
      ['other', `UPDATE users SET age = 8 WHERE id = 2`],
    ])
    expect(await undo(subject, place)).toEqual([kept(2, 'someone else has changed it since')])
    expect((await rows(place))[1]).toMatchObject({ email: 'new', age: 8 })
  })

  test('a change that was reverted needs no restore', async () => {
    const place = await written([['s', `UPDATE users SET age = 7 WHERE id = 1; UPDATE users SET age = 1 WHERE id = 1`]])
    expect(await undo(subject, place)).toEqual(['users 1: removed was as before'])
    expect(await subject.logged(place)).toEqual([])
  })

  test('changed rows are restored and kept in the log only for tables named in the option restore', async () => {
    for (const application of [true, { restore: false }, { restore: ['orders', 'shop.users'] }]) {
      const place = await written([['s', `UPDATE users SET name = 'x' WHERE id = 2`]])
      expect(await undo(subject, place, ['s'], { application })).toEqual([])
      expect(await subject.logged(place)).toEqual([])
    }
    const place = await written([['s', `UPDATE users SET name = 'x' WHERE id = 2`]])
    expect(await undo(subject, place, ['s'], { application: { restore: ['users'] } })).toHaveLength(1)
  })

  test('a row that somebody else changed since is refused, and its previous values stay in the log', async () => {
    const place = await written([
      ['s', `UPDATE users SET name = 'x', age = 5 WHERE id <= 2; DELETE FROM users WHERE id >= 3`],
    ])
    await once(
      place,
      `UPDATE users SET name = 'theirs' WHERE id = 1; DELETE FROM users WHERE id = 2; INSERT INTO users (id, email) VALUES (3, 'theirs')`,
    )
    expect(await undo(subject, place)).toEqual([
      kept(1, 'someone else has changed name since'),
      kept(2, 'someone else has deleted it since'),
      kept(3, 'another row has its key since'),
      'users 4: removed restored row',
    ])
    expect((await rows(place)).map(({ id, name, age }) => [id, name, age])).toEqual([
      [1, 'theirs', 5],
      [3, null, null],
      [4, 'n4', 4],
    ])
    const lines = (await subject.logged(place)).filter(({ run }) => run === 'r').map(subject.held)
    expect(lines.map(([key, { age }]) => [...key.map(String), age])).toEqual([
      ['1', 1],
      ['2', 2],
      ['3', 3],
    ])
  })

  test('other columns that somebody else changed are left as they are', async () => {
    const place = await written([['s', `UPDATE users SET name = 'x' WHERE id = 1`]])
    await once(place, 'UPDATE users SET age = 77 WHERE id = 1')
    await undo(subject, place)
    expect((await rows(place))[0]).toMatchObject({ name: 'n1', age: 77 })
  })

  test('the change of an earlier scope is restored only after that of a later scope', async () => {
    const place = await written([
      ['a', `UPDATE users SET name = 'a' WHERE id = 1`],
      ['b', `UPDATE users SET name = 'b' WHERE id = 1`],
    ])
    const connection = await subject.connect(place, restoring)
    const a = await changesOf(connection, ['a'])
    const b = await changesOf(connection, ['b'])
    expect((await restore(connection, a.targets))[0]).toContain('refused changed-since')
    expect((await rows(place))[0]).toMatchObject({ name: 'b' })
    expect(await restore(connection, b.targets)).toEqual(['users 1: removed restored 1 column'])
    expect(await restore(connection, a.targets)).toEqual(['users 1: removed restored 1 column'])
    expect((await rows(place))[0]).toMatchObject({ name: 'n1' })
  })

  test('the newest change is undone first within one cleanup, whatever the order of targets', async () => {
    const place = await written([
      ['a', `UPDATE users SET name = 'a' WHERE id = 1`],
      ['b', `UPDATE users SET name = 'b' WHERE id = 1`],
      ['a', `UPDATE users SET name = 'a' WHERE id = 1`],
      ['b', `DELETE FROM users WHERE id = 1`],
    ])
    const connection = await subject.connect(place, restoring)
    const a = await changesOf(connection, ['a'])
    const b = await changesOf(connection, ['b'])
    expect(await restore(connection, [...a.targets, ...b.targets])).toEqual([
      ...Array(3).fill('users 1: removed restored 1 column'),
      'users 1: removed restored row',
    ])
    expect((await rows(place))[0]).toMatchObject({ name: 'n1' })
  })

  test('rows that a cascade deleted or set to NULL are restored with their parent', async () => {
    expect(await expectUndone(subject, 'DELETE FROM users WHERE id = 1', tree)).toHaveLength(5)
    const place = await subject.place(tree)
    const look = async () => [await rows(place, 'orders'), await rows(place, 'notes')]
    const before = await look()
    await (await subject.application(place)).as('r', 's', 'DELETE FROM users WHERE id = 1')
    await undo(subject, place)
    expect(await look()).toEqual(before)
  })

  test('an existing row that refers to a row of the test is restored before that row is removed', async () => {
    const sql = `INSERT INTO users VALUES (9, 'x'); UPDATE orders SET user_id = 9 WHERE id = 3`
    const place = await written([['s', sql]], tree)
    expect(await undo(subject, place)).toEqual(['orders 3: removed restored 1 column', 'users 9: removed 1 row'])
    expect(await rows(place)).toHaveLength(3)
  })

  test('a row whose unique value somebody else has taken is refused, and the others are restored', async () => {
    const place = await written([
      ['s', `UPDATE users SET email = email || 'x' WHERE id <= 2; DELETE FROM users WHERE id > 2`],
    ])
    await once(place, `INSERT INTO users (id, email) VALUES (8, 'u1'), (9, 'u3')`)
    const inItsWay = `other rows are in its way (${subject.taken})`
    expect(await undo(subject, place)).toEqual([
      kept(1, inItsWay),
      'users 2: removed restored 1 column',
      kept(3, inItsWay),
      'users 4: removed restored row',
    ])
  })
}
