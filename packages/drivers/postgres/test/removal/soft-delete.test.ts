import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import { expect, test } from 'vitest'
import { connect, ctx, keysIn, remove, targets } from './fixture.ts'

const server = await testServer()
const schema = `CREATE TABLE users (id serial PRIMARY KEY, email text UNIQUE, is_active boolean NOT NULL DEFAULT true, deleted_at timestamptz,
    state varchar(20) DEFAULT 'new', score int);
  CREATE VIEW active AS SELECT * FROM users WHERE is_active AND deleted_at IS NULL;
  INSERT INTO users (email) VALUES ('a@x'), ('b@x'), ('c@x')`
const softDelete = { users: { is_active: false, deleted_at: 'now', state: 'removed', score: 0 } }

test('softDelete sets several columns, after which the row is reported as removed', async () => {
  const url = await server.database(schema)
  await using connection = await connect(url, { softDelete })
  const wanted = await targets(url, 'users', [1, 2])
  const outcomes = await connection.remove(wanted, { ...ctx, verify: 'read-back' })
  expect([...outcomes.values()]).toEqual(Array(2).fill({ state: 'removed', result: 'marked', marked: true }))
  expect(await keysIn(url, 'active')).toEqual([3])
  expect([...((await connection.probe?.(wanted, ctx)) ?? new Map()).values()]).toEqual(['absent', 'absent'])
  const { rows } = await once(url, 'SELECT is_active, deleted_at IS NULL AS none, state, score FROM users WHERE id = 1')
  expect(rows).toEqual([{ is_active: false, none: false, state: 'removed', score: 0 }])
})

test('a row that is already marked is already gone, and its deletion time does not change', async () => {
  const url = await server.database(
    `${schema}; UPDATE users SET is_active = false, deleted_at = '2020-01-01Z', state = 'removed', score = 0 WHERE id = 1`,
  )
  await using connection = await connect(url, { softDelete })
  expect(await remove(connection, await targets(url, 'users', [1, 2, 9]))).toEqual([
    'already-gone',
    'removed',
    'already-gone',
  ])
  expect((await once(url, `SELECT deleted_at FROM users WHERE id = 1`)).rows[0].deleted_at.getUTCFullYear()).toBe(2020)
})

test('a row with only some of the columns set is marked', async () => {
  const url = await server.database(`${schema}; UPDATE users SET is_active = false WHERE id = 1`)
  await using connection = await connect(url, { softDelete })
  expect(await remove(connection, await targets(url, 'users', [1]))).toEqual(['removed'])
})

test('{id} in softDelete frees unique values for the next test', async () => {
  const url = await server.database(schema)
  await using connection = await connect(url, {
    softDelete: { users: { deleted_at: 'now', email: 'gone-{id}@x', state: '{id}' } },
  })
  expect(await remove(connection, await targets(url, 'users', [1, 2]))).toEqual(['removed', 'removed'])
  expect(await remove(connection, await targets(url, 'users', [1]))).toEqual(['already-gone'])
  await once(url, `INSERT INTO users (email) VALUES ('a@x')`)
  expect(await keysIn(url, 'users', 'email')).toEqual(['a@x', 'c@x', 'gone-1@x', 'gone-2@x'])
})

test('a softDelete column that the table does not have fails only rows of that table', async () => {
  const url = await server.database(
    `${schema}; CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders VALUES (1)`,
  )
  await using connection = await connect(url, { softDelete: { users: { removed_on: 'now' } } })
  const wanted = [...(await targets(url, 'users', [1])), ...(await targets(url, 'orders', [1]))]
  expect(await remove(connection, wanted)).toEqual([
    { code: 'DUSTPAN_REMOVAL_FAILED', message: 'The table users has no column removed_on', retry: false },
    'removed',
  ])
})

test('a softDelete value that the column does not accept fails, and the row is not changed', async () => {
  const url = await server.database(schema)
  await using connection = await connect(url, { softDelete: { users: { is_active: false, score: 'none' } } })
  expect(await remove(connection, await targets(url, 'users', [1]))).toMatchObject([{ code: 'DUSTPAN_REMOVAL_FAILED' }])
  expect(await keysIn(url, 'active')).toEqual([1, 2, 3])
})

test('a row is not marked if that would change a row of somebody else by a cascade', async () => {
  const url =
    await server.database(`${schema}; CREATE TABLE mail (id int PRIMARY KEY, of text REFERENCES users (email) ON UPDATE CASCADE);
    INSERT INTO mail VALUES (1, 'a@x')`)
  await using connection = await connect(url, { softDelete: { users: { email: 'gone-{id}@x', deleted_at: 'now' } } })
  const outcomes = await remove(connection, await targets(url, 'users', [1, 2]))
  expect(await keysIn(url, 'mail', 'of')).toEqual(['a@x'])
  expect(outcomes).toMatchObject([{ code: 'DUSTPAN_STILL_THERE' }, 'removed'])
})

test('softDelete of a table without a schema applies in every schema, and one with a schema takes precedence', async () => {
  const table = '(id int PRIMARY KEY, deleted_at timestamptz, gone boolean)'
  const url = await server.database(
    ['public', 'w1', 'w2']
      .map(
        (name) =>
          `CREATE SCHEMA IF NOT EXISTS ${name}; CREATE TABLE ${name}.users ${table}; INSERT INTO ${name}.users VALUES (1)`,
      )
      .join(';'),
  )
  await using connection = await connect(url, {
    softDelete: { users: { deleted_at: 'now' }, 'w2.users': { gone: true } },
  })
  for (const name of ['users', 'w1.users', 'w2.users'])
    expect(await remove(connection, await targets(url, name, [1]))).toEqual(['removed'])
  const { rows } = await once(
    url,
    'SELECT deleted_at IS NOT NULL AS marked, gone FROM users UNION ALL SELECT deleted_at IS NOT NULL, gone FROM w1.users UNION ALL SELECT deleted_at IS NOT NULL, gone FROM w2.users',
  )
  expect(rows).toEqual([
    { marked: true, gone: null },
    { marked: true, gone: null },
    { marked: false, gone: true },
  ])
})
