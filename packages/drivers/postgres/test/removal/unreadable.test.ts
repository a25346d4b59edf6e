/** A table that cannot be read does not affect the rows of other tables. */
import { once, testName } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import { isDustpanError, type RestoreOutcome, type StoreConnection, type Target } from '@dustpan/core/driver'
import { beforeAll, expect, test } from 'vitest'
import { connect, ctx, keysIn, remove, targets } from './fixture.ts'

const clerk = testName()

const server = await testServer()
beforeAll(async () => {
  await once(await server.database(), `CREATE ROLE ${clerk} LOGIN PASSWORD 'x'`)
})

const asClerk = (url: string) => url.replace('postgres:secret', `${clerk}:x`)

const tables = `CREATE TABLE users (id int PRIMARY KEY, name text); CREATE TABLE secrets (id int PRIMARY KEY); CREATE TABLE counters (old int PRIMARY KEY);
  INSERT INTO users VALUES (1, 'u'); INSERT INTO secrets VALUES (1), (2); INSERT INTO counters VALUES (1);
  GRANT ALL ON users, counters TO ${clerk}`

const byOldName = { removal: { driver: 'main', op: 'delete-row', v: 1, args: { table: 'counters', columns: ['old'] } } }

/** A row that can be read, one in a table that the role may not read, and one whose key column has another name now. */
async function mixed(): Promise<readonly [url: string, rows: readonly Target[]]> {
  const url = await server.database(tables)
  await once(url, 'ALTER TABLE counters RENAME COLUMN old TO new')
  const rows = [
    ...(await targets(url, 'users', [1, 2])),
    ...(await targets(url, 'secrets', [1])),
    ...(await targets(url, 'counters', [1], byOldName)),
  ]
  return [url, rows]
}

async function probe(connection: StoreConnection, rows: readonly Target[]) {
  const found = await connection.probe?.(rows, ctx)
  return rows.map(({ id }) => found?.get(id)).map((one) => (isDustpanError(one) ? one.message : one))
}

const resultOf = (outcome: RestoreOutcome | undefined) =>
  outcome?.state === 'restored' ? outcome.result : outcome?.error.message

test('probe() reports the rows of all tables except those that cannot be read', async () => {
  const [url, rows] = await mixed()
  await using connection = await connect(asClerk(url))
  expect(await probe(connection, rows)).toEqual([
    'present',
    'absent',
    expect.stringMatching(/secrets could not be read: permission denied/),
    expect.stringMatching(/counters could not be read: /),
  ])
})

test('probe() reports the other rows of a table if one key has the wrong type', async () => {
  const url = await server.database(tables)
  await using connection = await connect(url)
  expect(await probe(connection, await targets(url, 'users', [1, 'no number', 2]))).toEqual([
    'present',
    expect.stringContaining('users could not be read: invalid input syntax'),
    'absent',
  ])
})

test('backup() saves the rows of readable tables, and names the tables that it cannot read', async () => {
  const [url, rows] = await mixed()
  await using connection = await connect(asClerk(url))
  const backups = await connection.backup?.(rows, ctx)
  expect(backups?.size).toBe(3)
  expect(
    rows.map(({ id }) => backups?.get(id)).map((one) => (isDustpanError(one) ? `${one.code} ${one.message}` : one)),
  ).toEqual([
    { fields: { id: '1', name: 'u' } },
    undefined,
    expect.stringMatching(/^DUSTPAN_BACKUP_FAILED .*secrets could not be read: permission denied/),
    expect.stringMatching(/^DUSTPAN_BACKUP_FAILED .*counters could not be read: .*no column old/),
  ])
})

test('putBack() restores rows although other tables cannot be read', async () => {
  const [url, rows] = await mixed()
  await once(url, 'DELETE FROM users')
  await using connection = await connect(asClerk(url))
  const backups = rows.map((target) => ({
    target,
    backup: { fields: target.type === 'users' ? { id: `${target.key}`, name: 'u' } : { id: '3' } },
  }))
  const outcomes = await connection.putBack?.(backups, ctx)
  expect(rows.map(({ id }) => resultOf(outcomes?.get(id)))).toEqual([
    '1 row',
    '1 row',
    expect.stringMatching(/^secrets 1 could not be restored: .*permission denied/),
    expect.stringMatching(/^counters 1 could not be restored: .*no column old/),
  ])
  expect(await keysIn(url, 'users')).toEqual([1, 2])
})

test('a read-back that one table refuses fails only the rows of that table', async () => {
  const url = await server.database(`${tables};
    CREATE FUNCTION hide() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN REVOKE SELECT ON secrets FROM ${clerk}; RETURN NULL; END';
    CREATE TRIGGER hide AFTER DELETE ON secrets EXECUTE FUNCTION hide(); GRANT SELECT, DELETE ON secrets TO ${clerk}`)
  const rows = [...(await targets(url, 'users', [1])), ...(await targets(url, 'secrets', [1]))]
  await using connection = await connect(asClerk(url))
  expect(await remove(connection, rows, { ...ctx, verify: 'read-back' })).toEqual([
    'removed',
    { code: 'DUSTPAN_REMOVAL_FAILED', message: expect.stringMatching(/secrets.*permission denied/), retry: false },
  ])
  expect([await keysIn(url, 'users'), await keysIn(url, 'secrets')]).toEqual([[], [2]])
})

const compositeKeys = `CREATE TYPE pt AS (x int, y text); CREATE DOMAIN far AS pt; CREATE TABLE odd (k pt PRIMARY KEY, f far UNIQUE);
  CREATE TABLE hanging (k pt, n int, of pt REFERENCES odd, PRIMARY KEY (k, n));
  INSERT INTO odd VALUES ((1, 'a'), (1, 'a')), ((2, 'b,"'), (2, 'b')), ((3, 'c'), (3, 'c')); INSERT INTO hanging VALUES ((9, 'z'), 1, (3, 'c'))`

test('rows whose key has a composite type are probed, backed up and removed like others', async () => {
  const url = await server.database(compositeKeys)
  await using connection = await connect(url)
  const rows = await targets(url, 'odd', ['(1,a)', '(2,"b,""")', '(3,c)', '(4,d)'])
  expect(await probe(connection, rows)).toEqual(['present', 'present', 'present', 'absent'])
  expect((await connection.backup?.(rows, ctx))?.size).toBe(3)
  expect(await remove(connection, rows)).toMatchObject([
    'removed',
    'removed',
    { why: 'has-dependents', detail: { dependents: [{ type: 'hanging', key: ['(9,z)', 1] }] } },
    'already-gone',
  ])
  const far = { removal: { driver: 'main', op: 'delete-row', v: 1, args: { table: 'odd', columns: ['f'] } } }
  expect(await probe(connection, await targets(url, 'odd', ['(3,c)', '(8,c)'], far))).toEqual(['present', 'absent'])
  const all = [...(await targets(url, 'odd', ['(3,c)'])), ...(await targets(url, 'hanging', [['(9,z)', 1]]))]
  expect((await connection.relate?.(all, { ...ctx, dependents: true }))?.dependents).toEqual([])
  expect(await remove(connection, all)).toEqual(['removed', 'removed'])
})
