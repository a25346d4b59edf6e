/** Rows of a table that has another name now still exist. */
import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import { expect, test } from 'vitest'
import { connect, ctx, keysIn, remove, targets } from './fixture.ts'

const server = await testServer()
test('rows of a table that was renamed or moved to another schema are not reported as gone', async () => {
  const url =
    await server.database(`CREATE SCHEMA "Old one"; CREATE TABLE users (id int PRIMARY KEY); INSERT INTO users VALUES (1);
    CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY); CREATE TABLE gone (id int PRIMARY KEY);
    CREATE TABLE split (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE low PARTITION OF split FOR VALUES FROM (0) TO (9);
    INSERT INTO a VALUES (1); INSERT INTO b VALUES (1); INSERT INTO gone VALUES (1); INSERT INTO split VALUES (1)`)
  const [{ proof } = {}] = await targets(url, 'low', [1])
  const rows = [
    ...(await targets(url, 'a', [1])),
    ...(await targets(url, 'b', [1])),
    ...(await targets(url, 'split', [1], proof && { proof })),
    ...(await targets(url, 'gone', [1])),
    ...(await targets(url, 'users', [1])),
  ]
  await once(
    url,
    'ALTER TABLE a RENAME TO "A"; ALTER TABLE b SET SCHEMA "Old one"; ALTER TABLE split RENAME TO parts; DROP TABLE gone',
  )
  await using connection = await connect(url)
  const seen = await connection.probe?.(rows, ctx)
  expect(rows.map(({ id }) => seen?.get(id))).toEqual(['unknown', 'unknown', 'unknown', 'absent', 'present'])
  const moved = (from: string, to: string) => ({
    code: 'DUSTPAN_REMOVAL_FAILED',
    message: `The row 1 was created in ${from}, and that table is ${to} now`,
    retry: false,
  })
  expect(await remove(connection, rows)).toEqual([
    moved('a', '"A"'),
    moved('b', '"Old one".b'),
    moved('split', 'parts'),
    'already-gone',
    'removed',
  ])
  expect([await keysIn(url, '"A"'), await keysIn(url, 'parts')]).toEqual([[1], [1]])
  await once(url, 'ALTER TABLE "A" RENAME TO a')
  expect(await remove(connection, rows.slice(0, 1))).toEqual(['removed'])
})

test('a locked table does not affect the outcomes of rows of other tables', async () => {
  const url = await server.database(`CREATE TABLE users (id int PRIMARY KEY); CREATE TABLE held (id int PRIMARY KEY);
    INSERT INTO users VALUES (1), (2); INSERT INTO held VALUES (1)`)
  const { default: pg } = await import('pg')
  const other = new pg.Client(url)
  await other.connect()
  await other.query('BEGIN; LOCK TABLE held')
  await using connection = await connect(url)
  const rows = [...(await targets(url, 'users', [1, 3])), ...(await targets(url, 'held', [1]))]
  expect(await remove(connection, rows)).toEqual(['removed', 'already-gone', 'open-transaction'])
  expect(await keysIn(url, 'users')).toEqual([2])
  await other.end()
  expect(await remove(connection, rows.slice(2))).toEqual(['removed'])
})
