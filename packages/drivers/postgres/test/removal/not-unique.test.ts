import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import type { Target } from '@dustpan/core/driver'
import { expect, test } from 'vitest'
import { connect, keysIn, remove, targets } from './fixture.ts'

const server = await testServer()
const folding = `CREATE COLLATION folding (provider = icu, locale = 'und-u-ks-level2', deterministic = false);`

/** Each has a unique index that allows two rows with equal values in its column. */
const tables: { readonly [how: string]: readonly [sql: string, rows: string] } = {
  'an unfinished index': [
    `CREATE TABLE accounts (email text NOT NULL); INSERT INTO accounts VALUES ('a'), ('a')`,
    `CREATE UNIQUE INDEX CONCURRENTLY u ON accounts (email)`,
  ],
  'a stricter operator class': [
    `CREATE EXTENSION citext; CREATE TABLE accounts (email citext NOT NULL); CREATE UNIQUE INDEX u ON accounts (email text_ops)`,
    `INSERT INTO accounts VALUES ('a'), ('A')`,
  ],
  'a stricter collation': [
    `${folding} CREATE TABLE accounts (email text COLLATE folding NOT NULL); CREATE UNIQUE INDEX u ON accounts (email COLLATE "C")`,
    `INSERT INTO accounts VALUES ('a'), ('A')`,
  ],
}

async function accounts(how: string): Promise<readonly [url: string, wanted: readonly Target[]]> {
  const [sql, rows] = tables[how] ?? ['', '']
  const url = await server.database(sql)
  await once(url, rows).catch(() => {})
  const args = { schema: 'public', table: 'accounts', columns: ['email'], types: ['text'] }
  return [url, await targets(url, 'accounts', ['a'], { removal: { driver: 'main', op: 'delete-row', v: 1, args } })]
}

test.each(Object.keys(tables))(
  'two rows with equal values are refused although there is a unique index: %s',
  async (how) => {
    const [url, wanted] = await accounts(how)
    await using connection = await connect(url)
    expect(await remove(connection, wanted)).toMatchObject([{ why: 'not-ours', code: 'DUSTPAN_NOT_OURS' }])
    expect(await keysIn(url, 'accounts', 'email')).toHaveLength(2)
  },
)

test.each([
  'email text PRIMARY KEY',
  'email varchar(20) NOT NULL UNIQUE',
  'email citext NOT NULL UNIQUE',
  'email text COLLATE folding PRIMARY KEY',
  'email mail NOT NULL UNIQUE',
  'email mood PRIMARY KEY',
])('a row is removed by its unique key: %s', async (column) => {
  const url =
    await server.database(`CREATE EXTENSION citext; ${folding} CREATE DOMAIN mail AS citext; CREATE TYPE mood AS ENUM ('a', 'b');
    CREATE TABLE accounts (${column}); INSERT INTO accounts VALUES ('a'), ('b')`)
  await using connection = await connect(url)
  expect(await remove(connection, await targets(url, 'accounts', ['a']))).toEqual(['removed'])
  expect(await keysIn(url, 'accounts', 'email')).toEqual(['b'])
})

/** A corrupt unique index that contains duplicates, as after an update of the collation library. */
const broken = `CREATE TABLE accounts (email text NOT NULL); INSERT INTO accounts VALUES ('a'), ('a'), ('b'), ('c');
  CREATE INDEX u ON accounts (email); UPDATE pg_index SET indisunique = true WHERE indexrelid = 'u'::regclass`

test('with a corrupt unique index, rows with duplicate keys are refused and the others are removed', async () => {
  const url = await server.database(broken)
  await using connection = await connect(url)
  expect(await remove(connection, await targets(url, 'accounts', ['a', 'b', 'c']))).toMatchObject([
    { why: 'not-ours', code: 'DUSTPAN_NOT_OURS' },
    'removed',
    'removed',
  ])
  expect(await keysIn(url, 'accounts', 'email')).toEqual(['a', 'a'])
})

test('a key that was unique when the table was first read and has two rows now is refused', async () => {
  const url =
    await server.database(`CREATE TABLE accounts (id int GENERATED ALWAYS AS IDENTITY UNIQUE, email text NOT NULL, boss int REFERENCES accounts (id));
    ALTER TABLE accounts ALTER id DROP IDENTITY, ALTER id DROP NOT NULL, ADD CONSTRAINT mails UNIQUE (email);
    INSERT INTO accounts VALUES (1, 'a'), (2, 'b'), (3, 'c')`)
  await using connection = await connect(url)
  const wanted = await targets(url, 'accounts', ['a', 'b'])
  expect(await remove(connection, await targets(url, 'accounts', ['c']))).toEqual(['removed'])
  await once(url, `ALTER TABLE accounts DROP CONSTRAINT mails; INSERT INTO accounts VALUES (4, 'a')`)
  expect(await remove(connection, wanted)).toMatchObject([{ why: 'not-ours', code: 'DUSTPAN_NOT_OURS' }, 'removed'])
  expect(await keysIn(url, 'accounts', 'email')).toEqual(['a', 'a'])
})
