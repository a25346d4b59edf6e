/** Children that a test declares across stores: orders and carts by SQL, sessions over HTTP. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once, type Server, startServer } from '@dustpan/conformance/servers'
import { type CleanupReport, track } from '@dustpan/core'
import { loadSettings } from '@dustpan/core/ledger'
import { beginRun } from '@dustpan/core/runner'
import { joinRun } from '@dustpan/core/worker'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'

let server: Server
let url: string
/** Ids of the users with a session, and the status with which the service refuses to remove one. */
const sessions = new Set<string>()
let refusal: number | undefined
/** Removes sessions and logs each removal, as triggers do for rows. */
const api = createServer((request, response) => {
  const user = new URL(request.url ?? '/', 'http://localhost').searchParams.get('user_id') ?? ''
  if (request.method !== 'DELETE') return void response.writeHead(200).end()
  if (refusal !== undefined) return void response.writeHead(refusal).end()
  void log(`session ${user}`).then(() => response.writeHead(sessions.delete(user) ? 204 : 404).end())
})

const log = (what: string) => once(url, `INSERT INTO log (what) VALUES ('${what}')`)

const schema = `
  CREATE TABLE log (n serial PRIMARY KEY, what text);
  CREATE TABLE users (id int PRIMARY KEY);
  CREATE TABLE orders (id serial PRIMARY KEY, user_id int);
  CREATE TABLE carts (id serial PRIMARY KEY, user_id int);
  CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO log (what) VALUES (TG_TABLE_NAME || ' ' || COALESCE(to_jsonb(OLD) ->> 'user_id', to_jsonb(OLD) ->> 'id'));
    RETURN OLD;
  END $$;
  CREATE TRIGGER tell BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION tell();
  CREATE TRIGGER tell BEFORE DELETE ON orders FOR EACH ROW EXECUTE FUNCTION tell();
  CREATE TRIGGER tell BEFORE DELETE ON carts FOR EACH ROW EXECUTE FUNCTION tell();
`

beforeAll(async () => {
  server = await startServer()
  await new Promise<void>((resolve) => void api.listen(0, '127.0.0.1', resolve))
})

afterAll(async () => {
  api.closeAllConnections()
  await new Promise((resolve) => api.close(resolve))
  await server[Symbol.asyncDispose]()
})

beforeEach(async () => {
  url = await server.database(schema)
  refusal = undefined
  sessions.clear()
  for (const id of [7, 8]) {
    await once(url, `INSERT INTO users VALUES (${id}); INSERT INTO orders (user_id) VALUES (${id}), (${id})`)
    await once(url, `INSERT INTO carts (user_id) VALUES (${id})`)
    sessions.add(String(id))
  }
})

/** Runs a test that tracks user 7 with its children, and returns the reports of the test and of the run. */
async function cleaned(cleanup: object = {}, atEnd?: () => void): Promise<readonly (CleanupReport | undefined)[]> {
  const root = mkdtempSync(join(tmpdir(), 'dustpan-cascade-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const drivers = [{ use: join(import.meta.dirname, '../../src/index.ts'), name: 'main', options: { url } }]
  writeFileSync(
    join(root, 'dustpan.config.json'),
    JSON.stringify({ drivers, cleanup: { retry: { attempts: 1 }, ...cleanup } }),
  )
  const run = beginRun(await loadSettings(root, {}), 'test', {})
  const session = await joinRun(run.ticket, { moduleHooks: false })
  onTestFinished(() => session[Symbol.asyncDispose]())
  const scope = session.openScope(undefined, { kind: 'test', file: 'a.test.ts', path: ['t'], attempt: 0 })
  scope.run(() => track(user))
  const report = await scope.close('passed', { willRetry: false })
  atEnd?.()
  return [report, await run.end('passed')]
}

const bySql = (type: string, table: string) => ({
  type,
  remove: { sql: `DELETE FROM ${table} WHERE user_id = $1`, params: ['{id}'], store: 'main' },
})

const user = {
  type: 'user',
  id: 7,
  remove: { table: 'users', store: 'main' },
  get children() {
    const { port } = api.address() as AddressInfo
    const sessions = { type: 'session', remove: `DELETE http://127.0.0.1:${port}/sessions?user_id={id}` }
    return [bySql('order', 'orders'), bySql('cart', 'carts'), sessions]
  },
}

const removed = async () => (await once(url, 'SELECT what FROM log ORDER BY n')).rows.map(({ what }) => what)
const remaining = async () =>
  (
    await once(
      url,
      'SELECT (SELECT count(*) FROM users) u, (SELECT count(*) FROM orders) o, (SELECT count(*) FROM carts) c',
    )
  ).rows[0]

const statesOf = (report: CleanupReport | undefined) =>
  Object.fromEntries(report?.scopes.flatMap(({ resources }) => resources.map(({ type, state }) => [type, state])) ?? [])

test('declared children are removed in reverse order, then their parent, and rows of other users stay', async () => {
  const [report, last] = await cleaned()
  expect(await removed()).toEqual(['session 7', 'carts 7', 'orders 7', 'orders 7', 'users 7'])
  expect(statesOf(report)).toEqual({ user: 'removed', order: 'removed', cart: 'removed', session: 'removed' })
  expect(await remaining()).toEqual({ u: '1', o: '2', c: '1' })
  expect([...sessions]).toEqual(['8'])
  expect(last?.warnings).toEqual([])
})

test('a declared child that cannot be removed keeps its parent until the next cleanup', async () => {
  refusal = 500
  const [report, last] = await cleaned({}, () => {
    refusal = undefined
  })
  expect(statesOf(report)).toEqual({ user: 'refused', order: 'removed', cart: 'removed', session: 'failed' })
  expect(statesOf(last)).toEqual({ user: 'removed', order: 'removed', cart: 'removed', session: 'removed' })
  expect(await removed()).toEqual(['carts 7', 'orders 7', 'orders 7', 'session 7', 'users 7'])
})

test('a declared child that matches nothing warns with DUSTPAN_CHILD_UNMATCHED', async () => {
  await once(url, 'DELETE FROM carts WHERE user_id = 7')
  const [report, last] = await cleaned()
  expect(statesOf(report)).toEqual({ user: 'removed', order: 'removed', cart: 'already-gone', session: 'removed' })
  expect(last?.warnings).toEqual([
    {
      code: 'DUSTPAN_CHILD_UNMATCHED',
      message: expect.stringContaining('declared child cart matched nothing (DELETE FROM carts'),
    },
  ])
})

test('declared children and their parent are removed with `atomic: true`', async () => {
  const [report] = await cleaned({ atomic: true })
  expect(statesOf(report)).toEqual({ user: 'removed', order: 'removed', cart: 'removed', session: 'removed' })
})

test('declared children are not removed with `cascade: false`', async () => {
  const [report] = await cleaned({ cascade: false })
  expect(statesOf(report)).toEqual({ user: 'removed' })
  expect(await remaining()).toEqual({ u: '1', o: '4', c: '2' })
  expect([...sessions]).toEqual(['7', '8'])
})
