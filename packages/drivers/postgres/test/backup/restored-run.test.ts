import { spawn } from 'node:child_process'
import { once as onceEmitted } from 'node:events'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { restore, takeUp } from '@dustpan/conformance/run'
import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import { track } from '@dustpan/core'
import type { Resource } from '@dustpan/core/ledger'
import { expect, test } from 'vitest'
import { application, loggedDatabase } from '../application/database.ts'
import { startRun } from '../application/run.ts'

const server = await testServer()
const shop = `
  CREATE TABLE users (id int PRIMARY KEY, name text, photo bytea, made timestamptz DEFAULT now());
  CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id int NOT NULL REFERENCES users ON DELETE CASCADE, total numeric(10,2));
  CREATE TABLE lines (order_id int REFERENCES orders, n int, what text, PRIMARY KEY (order_id, n));
  INSERT INTO users VALUES (1, 'theirs')`
const made = `
  INSERT INTO users VALUES (2, 'secret name', '\\x00ff'), (3, NULL, NULL);
  INSERT INTO orders (user_id, total) VALUES (2, 0.10), (3, 12345678.90);
  INSERT INTO lines VALUES (1, 1, 'a'), (1, 2, 'b'), (2, 1, 'c')`

const config = { cleanup: { strategy: 'conditional', retry: { attempts: 1 }, backup: true } }
const whole = async (url: string) =>
  (
    await once(
      url,
      `SELECT 'u' || u AS row FROM users u UNION ALL SELECT 'o' || o FROM orders o UNION ALL SELECT 'l' || l FROM lines l ORDER BY 1`,
    )
  ).rows.map(({ row }) => row)

/** A finished run with one test, whose rows were removed. */
async function world(options: object = config) {
  const url = await loggedDatabase(server, shop)
  const empty = await whole(url)
  const run = await startRun(url, options)
  const worker = await run.worker()
  const scope = worker.openTest('orders')
  const app = await application(url)
  await app.as(run.id, scope.id, made)
  await app.client.end()
  const full = await whole(url)
  await scope.close('passed', { willRetry: false })
  await worker.session[Symbol.asyncDispose]()
  const report = await run.main.end('passed')
  expect(await whole(url)).toEqual(empty)
  return { url, run, report, empty, full }
}

const states = (resources: Iterable<Resource>) => [
  ...new Set([...resources].map(({ state, why }) => `${state} ${why}`)),
]

test('restoring a run brings back all its rows unchanged, and another cleanup removes them again', async () => {
  const { url, run, report, empty, full } = await world()
  expect(report?.totals).toMatchObject({ tracked: 7, removed: 7 })
  expect(await restore(run.folder, run.id)).toEqual(Array(7).fill('1 row'))
  expect(await whole(url)).toEqual(full)
  expect(await restore(run.folder, run.id)).toEqual(Array(7).fill('already there'))
  await using again = await takeUp(run.folder, run.id)
  expect(states(again.folded().resources.values())).toEqual(['kept restored'])
  await again.collect()
  await again.remove([...again.folded().resources.values()])
  expect(await whole(url)).toEqual(empty)
  expect(await restore(run.folder, run.id)).toEqual(Array(7).fill('1 row'))
  expect(await whole(url)).toEqual(full)
})

test('the contents of rows are written only to the backup file, which only its owner can read', async () => {
  const { run } = await world()
  const dir = run.main.ticket.settings.dir
  const files = readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(dir, name))
    .filter((path) => statSync(path).isFile())
  const withSecret = files.filter((path) => readFileSync(path, 'utf8').includes('secret name'))
  expect(withSecret.length).toBe(1)
  expect(withSecret[0]).toContain(join('runs', run.id, 'backups'))
  expect(statSync(withSecret[0] ?? '').mode & 0o777).toBe(0o600)
})

test('a column that is omitted from the backup has its default in the restored row', async () => {
  const { url, run } = await world({ cleanup: { ...config.cleanup, backup: { omit: ['users.name', 'users.made'] } } })
  await restore(run.folder, run.id)
  const { rows } = await once(url, 'SELECT name, photo FROM users WHERE id = 2')
  expect(rows).toEqual([{ name: null, photo: Buffer.from([0, 0xff]) }])
  expect(await restore(run.folder, run.id)).toEqual(Array(7).fill('already there'))
})

test('a row removed by a custom statement is not backed up, with DUSTPAN_NOT_BACKED_UP', async () => {
  const url = await server.database(shop)
  const run = await startRun(url, config, {})
  const worker = await run.worker()
  const scope = worker.openTest('t')
  await once(url, `INSERT INTO users VALUES (5, 'five')`)
  scope.run(() =>
    track({ type: 'user', id: 5, remove: { sql: 'DELETE FROM users WHERE id = $1', params: ['{id}'], store: 'main' } }),
  )
  const report = await scope.close('passed', { willRetry: false })
  expect(report?.totals.removed).toBe(1)
  expect(report?.warnings.map(({ code }) => code)).toEqual(['DUSTPAN_NOT_BACKED_UP'])
})

test('a row of a run killed between backup and removal is not lost, and restoring reports it as already there', async () => {
  const url = await loggedDatabase(server, shop)
  const { folder } = await startRun(url, config)
  const script = fileURLToPath(new URL('./killed-run.ts', import.meta.url))
  const running = spawn(process.execPath, [script, folder, url], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = (await onceEmitted(running.stdout, 'data')) as [Buffer]
  running.kill('SIGKILL')
  await onceEmitted(running, 'exit')
  const id = String(said).trim()
  const seven = async () => (await once(url, 'SELECT name FROM users WHERE id = 7')).rows
  expect(await seven()).toEqual([{ name: 'killed' }])
  expect(await restore(folder, id)).toEqual(['already there'])
  await using run = await takeUp(folder, id)
  await run.remove([...run.folded().resources.values()])
  expect(await seven()).toEqual([])
  expect(await restore(folder, id)).toEqual(['1 row'])
  expect(await seven()).toEqual([{ name: 'killed' }])
})

test('rows are not restored into another database of the same name', async () => {
  const { url, run } = await world()
  const name = url.split('/').at(-1)
  const admin = url.replace(/[^/]+$/, 'postgres')
  await once(admin, `DROP DATABASE ${name} WITH (FORCE)`)
  await once(admin, `CREATE DATABASE ${name}`)
  await once(url, shop)
  const [why] = await restore(run.folder, run.id)
  expect(why).toMatch(/^The rows were created in .* but the driver "main" leads to/)
  expect(await whole(url)).toEqual([expect.stringContaining('theirs')])
})
