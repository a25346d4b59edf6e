import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import { expect, onTestFinished, test } from 'vitest'
import { forgetUpdates, noteUpdate } from '../../src/rewriting/rewritten-stamps.ts'
import { application, install } from '../application/database.ts'
import { connect, ctx, targets } from './fixture.ts'

const server = await testServer()
const hour = 3_600_000
const claims = { application: { unattributed: 'claim' } }

/** The provenance of each row of `children` that refers to user 1. */
async function provenanceOf(url: string, createdAt: number, options: object = {}): Promise<unknown> {
  await using connection = await connect(url, options)
  const wanted = await targets(url, 'users', [1], { createdAt })
  const { dependents = [] } = (await connection.relate?.(wanted, { ...ctx, dependents: true })) ?? {}
  return Object.fromEntries(dependents.map(({ key, provenance }) => [String(key), provenance]))
}

const users = `CREATE TABLE users (id int PRIMARY KEY, created_at timestamptz DEFAULT now());`
const children = (columns: string) =>
  `${users} CREATE TABLE children (id int PRIMARY KEY, user_id int REFERENCES users, ${columns});`

/** User 1, with a creation time long ago, and two children. */
const both = `INSERT INTO users VALUES (1, '2020-01-01'); INSERT INTO children (id, user_id) VALUES (1, 1), (2, 1);`

test('a parent with a back-dated creation time does not make an older row a later one', async () => {
  const url = await server.database(`${children('created_at timestamptz DEFAULT now()')} ${both}
    UPDATE children SET created_at = now() - interval '1 hour' WHERE id = 1`)
  expect(await provenanceOf(url, Date.now() - hour / 2)).toEqual({ 1: 'unproven', 2: 'after-parent' })
})

test.each([
  'created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP',
  '"createdAt" timestamp(3) DEFAULT CURRENT_TIMESTAMP',
  'inserted_at timestamp DEFAULT now()::timestamp(6)',
  'created_on timestamptz DEFAULT clock_timestamp()',
  'date_created timestamptz DEFAULT statement_timestamp()',
  '"dateCreated" timestamptz(6) DEFAULT transaction_timestamp()',
])('a column proves that a row came after its parent: %s', async (column) => {
  const url = await server.database(`${children(column)} ${both}`)
  expect(await provenanceOf(url, Date.now() - hour)).toEqual({ 1: 'after-parent', 2: 'after-parent' })
  expect(await provenanceOf(url, Date.now() + hour)).toEqual({ 1: 'unproven', 2: 'unproven' })
})

test.each([
  'updated_at timestamptz DEFAULT now()',
  '"updatedAt" timestamptz DEFAULT now()',
  'last_seen_at timestamptz DEFAULT now()',
  'last_created_at timestamptz DEFAULT now()',
  'at timestamptz DEFAULT now()',
  "expires_at timestamptz DEFAULT now() + interval '30 days'",
  "created_at timestamptz DEFAULT now() + interval '1 second'",
  'created_at timestamptz DEFAULT CURRENT_TIMESTAMP(0)',
  'created_at timestamptz(0) DEFAULT now()',
  'created_at timestamptz',
])('a column does not prove that a row came after its parent: %s', async (column) => {
  const url = await server.database(`${children(column)} ${both}`)
  expect(await provenanceOf(url, Date.now() - hour)).toEqual({ 1: 'unproven', 2: 'unproven' })
})

test('a creation time in the future proves nothing, nor does any time if the age of the parent is unknown', async () => {
  const url = await server.database(`${children('created_at timestamptz DEFAULT now()')} ${both}
    UPDATE children SET created_at = now() + interval '1 hour' WHERE id = 1`)
  expect(await provenanceOf(url, Date.now() - hour)).toEqual({ 1: 'unproven', 2: 'after-parent' })
  expect(await provenanceOf(url, 0)).toEqual({ 1: 'unproven', 2: 'unproven' })
})

test('a creation time proves nothing if a statement of this process may have updated its column', async () => {
  onTestFinished(forgetUpdates)
  const url = await server.database(`${children('created_at timestamptz NOT NULL DEFAULT now()')} ${both}`)
  noteUpdate('UPDATE children SET note = $1 WHERE id = $2')
  noteUpdate('SELECT created_at FROM children FOR NO KEY UPDATE')
  noteUpdate('SELECT created_at FROM children FOR UPDATE')
  expect(await provenanceOf(url, Date.now() - hour)).toEqual({ 1: 'after-parent', 2: 'after-parent' })
  noteUpdate('INSERT INTO children (id, "CREATED_AT") VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET user_id = 1')
  expect(await provenanceOf(url, Date.now() - hour)).toEqual({ 1: 'unproven', 2: 'unproven' })
})

test('with the log installed, provenance is read from the log and not from creation times', async () => {
  const url = await server.database(`${children('created_at timestamptz DEFAULT now()')}
    INSERT INTO users VALUES (1), (2); INSERT INTO children VALUES (1, 2), (5, 1)`)
  await install(url, claims)
  const app = await application(url)
  await app.client.query(`UPDATE children SET user_id = 1, created_at = now() WHERE id = 1`)
  await app.client.query(`INSERT INTO children VALUES (2, 1, '2020-01-01')`)
  await app.as('another run', 's', 'INSERT INTO children VALUES (3, 1)')
  await app.client.query(`DELETE FROM children WHERE id = 5; INSERT INTO children VALUES (5, 1)`)
  expect(await provenanceOf(url, Date.now() - hour, claims)).toEqual({
    1: 'unproven',
    2: 'after-parent',
    3: 'unproven',
    5: 'unproven',
  })
  expect(await provenanceOf(url, Date.now() + hour, claims)).toMatchObject({ 2: 'unproven' })
})

test.each([
  ['leave', 'leave', 'unproven'],
  ['claim', 'leave', 'unproven'],
  ['leave', 'claim', 'unproven'],
  ['claim', 'claim', 'after-parent'],
])(
  'an unnamed dependent in a log installed with %s, while the option is now %s, has the provenance %s',
  async (then, now, expected) => {
    const [before, after] = [then, now].map((unattributed) => ({ application: { unattributed } }))
    const url = await server.database(
      `${children('created_at timestamptz DEFAULT now()')} INSERT INTO users VALUES (1)`,
    )
    await install(url, before)
    await once(url, 'INSERT INTO children VALUES (1, 1)')
    expect(await provenanceOf(url, Date.now() - hour, after)).toEqual({ 1: expected })
  },
)

test('a row of a partition is found in the log under its partitioned table', async () => {
  const url =
    await server.database(`${users} CREATE TABLE children (id int, part int, user_id int REFERENCES users, PRIMARY KEY (id, part)) PARTITION BY LIST (part);
    CREATE TABLE children_1 PARTITION OF children FOR VALUES IN (1); INSERT INTO users VALUES (1)`)
  await install(url, claims)
  await once(url, 'INSERT INTO children VALUES (1, 1, 1)')
  expect(await provenanceOf(url, Date.now() - hour, claims)).toEqual({ '1,1': 'after-parent' })
})
