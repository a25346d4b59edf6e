/** One database that clients reach by two addresses, as through a pooler or by another name: the instance serves the one only. */
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
/** 127.0.0.1 as one number: a name that nobody takes for the same. */
const otherwise = (url: string): string => url.replace(/(localhost|127\.0\.0\.1)(?=:)/, '2130706433')

type Query = (sql: string) => Promise<pg.QueryResult>

/** What is there, and what was warned of, when the test is over that sent these by the address of the instance and by the other. */
async function after(body: (served: Query, other: Query) => Promise<unknown>, verdict: 'passed' | 'failed' = 'passed') {
  const url = await server.database(schema)
  const use = '@dustpan/postgres'
  await using run = await beginIn(projectFolder(use, { drivers: [{ use, name: 'main', options: { url } }] }), [pg])
  const clients = [url, otherwise(url)].map((address) => new pg.Client(address)) as [pg.Client, pg.Client]
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

test.each(['by the other', 'by the instance’s own'])(
  'a row of before that is deleted by the one address and put back by the other is nobody’s to remove (deleted %s)',
  async (how) => {
    const left = await after(async (...both) => {
      const [putting, deleting] = how === 'by the other' ? both : both.toReversed()
      await deleting?.('DELETE FROM profiles')
      await putting?.('INSERT INTO profiles VALUES (1)')
    })
    expect(left.profiles).toEqual([1])
  },
)

test('rows that went with another by the other address may be those that are put back', async () => {
  const left = await after(async (served, other) => {
    await other('DELETE FROM users WHERE id = 1')
    await served('INSERT INTO users VALUES (1); INSERT INTO profiles VALUES (1)')
  })
  expect([left.users, left.profiles]).toEqual([[1], [1]])
  expect(left.warnings).toMatchObject([{ code: 'DUSTPAN_SQL_UNATTRIBUTED' }])
})

test('a test’s own row that is deleted by the other address and made again is the test’s', async () => {
  const left = await after(async (served, other) => {
    await served('INSERT INTO users VALUES (2)')
    await other('DELETE FROM users WHERE id = 2')
    await served('INSERT INTO users VALUES (2)')
  })
  expect(left.users).toEqual([1])
})

test('a row that is given another key by the other address ends its record', async () => {
  const left = await after(async (served, other) => {
    await served('INSERT INTO users VALUES (2); INSERT INTO profiles VALUES (2)')
    await other('UPDATE users SET id = id + 10')
    await other('UPDATE users SET id = 2 WHERE id = 11')
  })
  expect([left.users, left.profiles]).toEqual([
    [2, 12],
    [2, 12],
  ])
})

test('what is made by an address that no instance serves is told to be in the database of the one that serves another', async () => {
  const left = await after(async (served, other) => {
    await served('INSERT INTO users VALUES (2)')
    await other('INSERT INTO users VALUES (3)')
  })
  expect(left.users).toEqual([1, 3])
  const [warning] = left.warnings
  expect(warning).toMatchObject({ code: 'DUSTPAN_UNKNOWN_DRIVER' })
  expect(warning?.message).toMatch(
    /^What tests create in postgres:\/\/2130706433:\d+\/\w+ is not tracked: .*"main".*postgres:\/\/localhost:/,
  )
})
