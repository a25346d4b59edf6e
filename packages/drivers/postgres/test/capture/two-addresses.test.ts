/** One database that clients reach by two addresses, as through a pooler: the driver instance serves only one of them. */
import { beginIn, projectFolder } from '@dustpan/conformance/run'
import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'

const schema = `
  CREATE TABLE users (id int PRIMARY KEY);
  CREATE TABLE profiles (id int PRIMARY KEY REFERENCES users ON DELETE CASCADE ON UPDATE CASCADE);
  INSERT INTO users VALUES (1); INSERT INTO profiles VALUES (1);
`

const server = await testServer()
/** 127.0.0.1 as a number: an address that is not recognised as localhost. */
const otherAddress = (url: string): string => url.replace(/(localhost|127\.0\.0\.1)(?=:)/, '2130706433')

type Query = (sql: string) => Promise<pg.QueryResult>

/** Runs a test with a client of each address, and returns the rows that exist afterwards and the warnings. */
async function resultOf(
  body: (served: Query, other: Query) => Promise<unknown>,
  verdict: 'passed' | 'failed' = 'passed',
) {
  const url = await server.database(schema)
  const use = '@dustpan/postgres'
  await using run = await beginIn(projectFolder(use, { drivers: [{ use, name: 'main', options: { url } }] }), [pg])
  const clients = [url, otherAddress(url)].map((address) => new pg.Client(address)) as [pg.Client, pg.Client]
  onTestFinished(async () => {
    for (const client of clients) await client.end()
  })
  for (const client of clients) await client.connect()
  await run.test(
    () => body(...(clients.map((client) => (sql: string) => client.query(sql)) as [Query, Query])),
    verdict,
  )
  const idsOf = async (table: string) =>
    (await once(url, `SELECT id FROM ${table} ORDER BY id`)).rows.map(({ id }) => id)
  return { users: await idsOf('users'), profiles: await idsOf('profiles'), warnings: run.folded().warnings }
}

test.each(['through the other address', 'through the instance’s address'])(
  'an older row deleted through one address and inserted again through the other stays (deleted %s)',
  async (how) => {
    const result = await resultOf(async (...both) => {
      const [putting, deleting] = how === 'through the other address' ? both : both.toReversed()
      await deleting?.('DELETE FROM profiles')
      await putting?.('INSERT INTO profiles VALUES (1)')
    })
    expect(result.profiles).toEqual([1])
  },
)

test('older rows stay, with a warning, after a cascade through the other address and their reinsertion', async () => {
  const result = await resultOf(async (served, other) => {
    await other('DELETE FROM users WHERE id = 1')
    await served('INSERT INTO users VALUES (1); INSERT INTO profiles VALUES (1)')
  })
  expect([result.users, result.profiles]).toEqual([[1], [1]])
  expect(result.warnings).toMatchObject([{ code: 'DUSTPAN_SQL_UNATTRIBUTED' }])
})

test('a row of the test that is deleted through the other address and inserted again is removed', async () => {
  const result = await resultOf(async (served, other) => {
    await served('INSERT INTO users VALUES (2)')
    await other('DELETE FROM users WHERE id = 2')
    await served('INSERT INTO users VALUES (2)')
  })
  expect(result.users).toEqual([1])
})

test('a row whose key was changed through the other address is not removed', async () => {
  const result = await resultOf(async (served, other) => {
    await served('INSERT INTO users VALUES (2); INSERT INTO profiles VALUES (2)')
    await other('UPDATE users SET id = id + 10')
    await other('UPDATE users SET id = 2 WHERE id = 11')
  })
  expect([result.users, result.profiles]).toEqual([
    [2, 12],
    [2, 12],
  ])
})

test('a row created through an address that no instance serves warns with DUSTPAN_UNKNOWN_DRIVER', async () => {
  const result = await resultOf(async (served, other) => {
    await served('INSERT INTO users VALUES (2)')
    await other('INSERT INTO users VALUES (3)')
  })
  expect(result.users).toEqual([1, 3])
  const [warning] = result.warnings
  expect(warning).toMatchObject({ code: 'DUSTPAN_UNKNOWN_DRIVER' })
  expect(warning?.message).toMatch(
    /^What tests create in postgres:\/\/2130706433:\d+\/\w+ is not tracked: .*"main".*postgres:\/\/localhost:/,
  )
})
