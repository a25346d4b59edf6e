import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import type { Target } from '@dustpan/core/driver'
import { expect, test } from 'vitest'
import { connect, ctx, keysIn, remove, targets } from './fixture.ts'

const server = await testServer()
const schema = `CREATE TABLE users (id int PRIMARY KEY, friend int REFERENCES users DEFERRABLE INITIALLY DEFERRED);
  CREATE TABLE orders (id int PRIMARY KEY, user_id int REFERENCES users);
  CREATE TABLE stays (id int PRIMARY KEY, order_id int REFERENCES orders);
  INSERT INTO users VALUES (1), (2), (3); INSERT INTO orders VALUES (1, 1), (2, 2)`

const atomic = { ...ctx, atomic: true }

test('rows of all tables are removed in one transaction', async () => {
  const url = await server.database(`${schema}; CREATE TABLE seen (tx xid8);
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO seen VALUES (pg_current_xact_id()); RETURN OLD; END $$;
    CREATE TRIGGER t BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION note();
    CREATE TRIGGER t BEFORE DELETE ON orders FOR EACH ROW EXECUTE FUNCTION note()`)
  await using connection = await connect(url)
  const wanted = [...(await targets(url, 'users', [1, 2])), ...(await targets(url, 'orders', [1, 2]))]
  expect(await remove(connection, wanted, atomic)).toEqual(Array(4).fill('removed'))
  expect((await once(url, 'SELECT count(*)::int, count(DISTINCT tx)::int AS transactions FROM seen')).rows).toEqual([
    { count: 4, transactions: 1 },
  ])
})

test('no row is removed if a row of somebody else refers to one of them, and each outcome says why', async () => {
  const url = await server.database(`${schema}; INSERT INTO stays VALUES (1, 2)`)
  await using connection = await connect(url)
  const wanted = [...(await targets(url, 'users', [1, 2])), ...(await targets(url, 'orders', [1, 2]))]
  const [first, second, third, blocked] = await remove(connection, wanted, atomic)
  expect(blocked).toMatchObject({ why: 'has-dependents', code: 'DUSTPAN_HAS_DEPENDENTS' })
  // The user of that order cannot be removed before it.
  expect(second).toMatchObject({ why: 'has-dependents' })
  for (const outcome of [first, third])
    expect(outcome).toMatchObject({
      code: 'DUSTPAN_ROLLED_BACK',
      message: expect.stringContaining('because another failed'),
      retry: false,
    })
  expect(await keysIn(url, 'users')).toEqual([1, 2, 3])
  expect(await keysIn(url, 'orders')).toEqual([1, 2])
})

test('the first statement is rolled back if the second one fails', async () => {
  const url = await server.database(schema)
  await using connection = await connect(url)
  const sql = (text: string): Partial<Target> => ({
    removal: { driver: 'main', op: 'sql', v: 1, args: { sql: text, params: ['{id}'] } },
  })
  const [first] = await targets(url, 'users', [1], sql('UPDATE users SET friend = 3 WHERE id = $1'))
  const [second] = await targets(url, 'users', [2], sql('DELETE FROM nowhere WHERE id = $1'))
  const outcomes = await remove(connection, [first as Target, second as Target], atomic)
  expect(outcomes).toMatchObject([{ code: 'DUSTPAN_ROLLED_BACK' }, { code: 'DUSTPAN_REMOVAL_FAILED' }])
  expect((await once(url, 'SELECT friend FROM users WHERE id = 1')).rows).toEqual([{ friend: null }])
})

test('no row is removed if a deferred constraint fails at COMMIT', async () => {
  const url = await server.database(`${schema}; INSERT INTO stays VALUES (1, 2);
    CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not user 3'; END $$;
    CREATE CONSTRAINT TRIGGER no AFTER DELETE ON users DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.id = 3) EXECUTE FUNCTION no()`)
  await using connection = await connect(url)
  const wanted = [...(await targets(url, 'users', [3])), ...(await targets(url, 'orders', [1]))]
  expect(await remove(connection, wanted, atomic)).toMatchObject([
    { code: 'DUSTPAN_REMOVAL_FAILED', message: expect.stringContaining('not user 3') },
    { code: 'DUSTPAN_ROLLED_BACK' },
  ])
  expect(await keysIn(url, 'orders')).toEqual([1, 2])
})

test('all rows are pending if another transaction has locked one of them', async () => {
  const url = await server.database(schema)
  await using connection = await connect(url)
  const wanted = [...(await targets(url, 'users', [3])), ...(await targets(url, 'orders', [1]))]
  const outcomes = await whileLocked(url, 'SELECT FROM users WHERE id = 3 FOR UPDATE', () =>
    remove(connection, wanted, atomic),
  )
  expect(outcomes).toEqual(['open-transaction', 'open-transaction'])
  expect(await remove(connection, wanted, atomic)).toEqual(['removed', 'removed'])
})

test('a row that is already gone does not prevent the removal of the others', async () => {
  const url = await server.database(schema)
  await using connection = await connect(url)
  const wanted = [...(await targets(url, 'users', [9])), ...(await targets(url, 'orders', [1]))]
  expect(await remove(connection, wanted, atomic)).toEqual(['already-gone', 'removed'])
})

async function whileLocked<T>(url: string, sql: string, work: () => Promise<T>): Promise<T> {
  const { Client } = (await import('pg')).default
  const client = new Client(url)
  await client.connect()
  await client.query('BEGIN')
  await client.query(sql)
  try {
    return await work()
  } finally {
    await client.end()
  }
}
