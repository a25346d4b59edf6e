import { changedRowsSuite, changesOf, restore, restoring } from '@dustpan/conformance/application-log'
import { once, type Server, startServer } from '@dustpan/conformance/servers'
import pg from 'pg'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { application, connectTo, logged, loggedDatabase } from '../application/database.ts'

let server: Server
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server[Symbol.asyncDispose]())

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

test('a thousand rows of one statement go back in few', async () => {
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
  const told = (await restore(connection, targets)).map((line) => line.replace(/^\S+ \S+ /, ''))
  expect(new Set(told)).toEqual(new Set(['removed restored 1 column', 'removed restored row']))
  expect(sent.mock.calls.length).toBeLessThan(10)
  expect(await rows(url, 'users')).toEqual(before)
})
