import { changedRowsSuite, changesOf, restore, restoring } from '@dustpan/conformance/application-log'
import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import pg from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import { application, connectTo, logged, loggedDatabase } from '../application/database.ts'

const server = await testServer()
const rows = async (url: string, table: string) =>
  (await once(url, `SELECT to_jsonb(t) AS row FROM ${table} t ORDER BY 1`)).rows.map(({ row }) => row)

changedRowsSuite({
  place: (setup) => loggedDatabase(server, setup, restoring),
  application,
  connect: connectTo,
  once,
  rows,
  logged,
  held: ({ key, was }) => [key as unknown[], was as Readonly<Record<string, unknown>>],
  taken: 'the constraint users_email_key',
})

test('1,000 rows are restored with fewer than 10 queries', async () => {
  const url = await loggedDatabase(
    server,
    `CREATE TABLE users (id int PRIMARY KEY, name text); INSERT INTO users SELECT i, 'n' || i FROM generate_series(1, 1000) i`,
    restoring,
  )
  const before = await rows(url, 'users')
  const app = await application(url)
  await app.as('r', 's', `UPDATE users SET name = upper(name) || '!' WHERE id <= 600; DELETE FROM users WHERE id > 600`)
  const connection = await connectTo(url, restoring)
  const { targets, sets } = await changesOf(connection, ['s'])
  expect(sets).toHaveLength(1)
  const sent = vi.spyOn(pg.Client.prototype, 'query')
  onTestFinished(() => sent.mockRestore())
  const outcomes = (await restore(connection, targets)).map((line) => line.replace(/^\S+ \S+ /, ''))
  expect(new Set(outcomes)).toEqual(new Set(['removed restored 1 column', 'removed restored row']))
  expect(sent.mock.calls.length).toBeLessThan(10)
  expect(await rows(url, 'users')).toEqual(before)
})

/** A table with a trigger that sets updated_at, also when Dustpan restores a row. */
const touched = `CREATE TABLE products (id int PRIMARY KEY, stock int, price int, updated_at timestamptz NOT NULL DEFAULT now());
  INSERT INTO products VALUES (1, 100, 5), (2, 200, 5);
  CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at = clock_timestamp(); RETURN NEW; END $$;
  CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON products FOR EACH ROW EXECUTE FUNCTION touch()`
const stock = async (url: string) =>
  (await once(url, 'SELECT stock FROM products ORDER BY id')).rows.map((row) => row.stock)

test.each([
  ['changed', 'UPDATE products SET stock = 7 WHERE id = 1'],
  ['deleted', 'DELETE FROM products WHERE id = 1'],
])(
  'a trigger that runs when a row that a later test %s is restored does not block earlier restores',
  async (_, later) => {
    const url = await loggedDatabase(server, touched, restoring)
    const app = await application(url)
    await app.as('r', 'a', 'UPDATE products SET stock = 42 WHERE id = 1')
    await app.as('r', 'b', 'UPDATE products SET stock = 43 WHERE id = 1')
    await app.as('r', 'c', later)
    const connection = await connectTo(url, restoring)
    const changes = await Promise.all(
      ['a', 'b', 'c'].map(async (scope) => (await changesOf(connection, [scope])).targets),
    )
    for (const targets of changes.toReversed())
      expect(await restore(connection, targets)).toEqual([expect.stringContaining('removed restored')])
    expect(await stock(url)).toEqual([100, 200])
    expect((await logged(url)).filter(({ key }) => JSON.stringify(key) === '["1"]')).toEqual([])
  },
)

test('a row that somebody else changed between two tests is not restored to an earlier state', async () => {
  const url = await loggedDatabase(server, touched, restoring)
  const app = await application(url)
  await app.as('r', 'a', 'UPDATE products SET stock = 42 WHERE id = 1')
  await app.client.query('UPDATE products SET price = 6 WHERE id = 1')
  await app.as('r', 'b', 'UPDATE products SET stock = 43 WHERE id = 1')
  const connection = await connectTo(url, restoring)
  const [first = [], second = []] = await Promise.all(
    ['a', 'b'].map(async (scope) => (await changesOf(connection, [scope])).targets),
  )
  expect(await restore(connection, second)).toEqual([expect.stringContaining('removed restored')])
  expect(await restore(connection, first)).toEqual([expect.stringContaining('someone else has changed updated_at')])
  expect(await stock(url)).toEqual([42, 200])
})
