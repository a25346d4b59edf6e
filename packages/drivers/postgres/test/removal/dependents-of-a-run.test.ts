import { rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { setTimeout } from 'node:timers/promises'
import { resources } from '@dustpan/conformance'
import { freshCopy } from '@dustpan/conformance/drivers'
import { beginIn, projectFolder } from '@dustpan/conformance/run'
import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import type pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { forgetUpdates } from '../../src/rewriting/rewritten-stamps.ts'
import { install } from '../application/database.ts'
import { keysIn } from './fixture.ts'

/** The copy of pg that tests use; `once` uses another one, which is not captured. */
const library = freshCopy<typeof pg>(createRequire(import.meta.url), 'pg')

const server = await testServer()
const schema = `
  CREATE TABLE users (id int PRIMARY KEY, created_at timestamptz DEFAULT now());
  CREATE TABLE tickets (id int PRIMARY KEY, user_id int REFERENCES users, created_at timestamptz DEFAULT now());
  CREATE TABLE comments (id int PRIMARY KEY, ticket_id int REFERENCES tickets, created_at timestamptz DEFAULT now());
  INSERT INTO users VALUES (1); INSERT INTO tickets VALUES (1, 1); INSERT INTO comments VALUES (1, 1);
`

/** `logged`: with the log of the application installed. */
async function world({ logged = false } = {}) {
  forgetUpdates()
  const url = await server.database(schema)
  const application = logged ? { application: { unattributed: 'claim' } } : {}
  if (logged) await install(url, application)
  const folder = projectFolder('@dustpan/postgres', {
    drivers: [{ use: '@dustpan/postgres', name: 'main', options: { url, ...application } }],
  })
  const run = await beginIn(folder, [library])
  const client = new library.Client(url)
  await client.connect()
  onTestFinished(async () => {
    await client.end()
    await run[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })
  return { url, run, client }
}

test.each([false, true])(
  'rows of others that refer to a row of the test, directly or not, are removed with it (log: %s)',
  async (logged) => {
    const { url, run, client } = await world({ logged })
    const report = await run.test(async () => {
      await client.query('INSERT INTO users VALUES (2)')
      await setTimeout(20)
      await once(url, 'INSERT INTO tickets VALUES (2, 2)')
      await once(url, 'INSERT INTO comments VALUES (2, 2)')
    })
    expect(outcomesOf(report)).toEqual(['comments 2 removed', 'tickets 2 removed', 'users 2 removed'])
    expect(await Promise.all(['users', 'tickets', 'comments'].map((table) => keysIn(url, table)))).toEqual([
      [1],
      [1],
      [1],
    ])
  },
)

test.each([false, true])(
  'rows that a trigger inserts for a row of the test are removed with it (log: %s)',
  async (logged) => {
    const { url, run, client } = await world({ logged })
    await once(
      url,
      `CREATE FUNCTION welcome() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO tickets VALUES (NEW.id, NEW.id); RETURN NULL; END';
      CREATE TRIGGER welcome AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION welcome()`,
    )
    const report = await run.test(() => client.query('INSERT INTO users VALUES (2), (3)'))
    expect(outcomesOf(report)).toEqual(['tickets 2 removed', 'tickets 3 removed', 'users 2 removed', 'users 3 removed'])
    expect(await keysIn(url, 'tickets')).toEqual([1])
  },
)

test('an older row is not removed if an upsert updates its creation time', async () => {
  const { url, run, client } = await world()
  const report = await run.test(async () => {
    await client.query('INSERT INTO users VALUES (2)')
    await client.query(
      `INSERT INTO tickets (id, user_id, created_at) VALUES (1, 2, now())
       ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id, created_at = excluded.created_at`,
    )
  })
  expect(outcomesOf(report)).toEqual(['users 2 refused has-dependents'])
  expect(await keysIn(url, 'tickets')).toEqual([1])
})

test('an older row that a test points to its own row is not removed, nor are the rows that refer to it', async () => {
  const { url, run, client } = await world()
  const report = await run.test(async () => {
    await client.query(`INSERT INTO users VALUES (2, '2020-01-01')`)
    await client.query('UPDATE tickets SET user_id = 2, created_at = now()')
  })
  expect(outcomesOf(report)).toEqual(['users 2 refused has-dependents'])
  expect(await keysIn(url, 'tickets')).toEqual([1])
  expect(await keysIn(url, 'comments')).toEqual([1])
})

test('a database that a test has written to can be dropped when the test is over', async () => {
  const { url, run } = await world()
  const other = new URL(url)
  other.pathname = `${other.pathname}_of_a_worker`
  const name = other.pathname.slice(1)
  await once(url, `CREATE DATABASE ${name}`)
  onTestFinished(async () => void (await once(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)))
  await once(other.href, schema)
  const report = await run.test(async () => {
    const client = new library.Client(other.href)
    await client.connect()
    await client.query('INSERT INTO users VALUES (2)')
    await client.end()
  })
  expect(outcomesOf(report)).toEqual(['users 2 removed'])
  await once(url, `DROP DATABASE ${name}`)
})

function outcomesOf(report: Parameters<typeof resources>[0]): readonly string[] {
  return resources(report)
    .map(({ type, key, state, why }) => [type, key, state, why].filter((one) => one !== undefined).join(' '))
    .sort()
}
