import { afterAll, beforeAll, expect, test } from 'vitest'
import { once, type Server, startServer } from '../server.ts'
import { application, collect, connectContext, connectTo, install, logOf, logged, loggedDatabase, uninstall } from './database.ts'
let server: Server
beforeAll(async () => { server = await startServer() })
afterAll(() => server[Symbol.asyncDispose]())
const users = 'CREATE TABLE users (id serial PRIMARY KEY, email text)'
const insert = `INSERT INTO users (email) VALUES ('a') RETURNING id`

test('deadlock kills app', async () => {
  const url = await server.database('CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY)')
  const { client } = await application(url)
  const { client: other } = await application(url)
  await client.query('BEGIN; INSERT INTO c VALUES (1)')
  await other.query('BEGIN; INSERT INTO b VALUES (1)')
  const inst = install(url).then(() => 'ok', e => e.message)
  await new Promise(r => setTimeout(r, 200))
  const t0 = Date.now()
  const r = client.query('INSERT INTO a VALUES (1)').then(() => 'app ok', e => 'APP FAILED ' + e.message)
  setTimeout(() => void other.query('COMMIT'), 700)
  console.log('deadlock', await r, Date.now() - t0, await inst)
  await client.query('ROLLBACK')
}, 30000)
test('prune writer', async () => {
  const url = await loggedDatabase(server, `${users}; CREATE TABLE o (id int primary key)`)
  const app = await application(url)
  await once(url, `INSERT INTO dustpan.writer VALUES ('other', 'w', now() - interval '3 days', now() - interval '2 days', now() - interval '2 days')`)
  await app.client.query(insert)
  await app.as('a', 's', 'INSERT INTO o VALUES (1)')
  await once(url, `UPDATE dustpan.log SET at = now() - interval '60 hours'`)
  await collect(await connectTo(url), { run: 'x' }) // conclude & prune by a third run
  const from = Date.now() - 70 * 3600_000
  console.log('prune', JSON.stringify((await collect(await connectTo(url), { run: 'a', alone: { from, to: Date.now() } })).names), (await once(url, 'select * from dustpan.writer')).rows.length)
})
test('1e6 lines', async () => {
  const url = await loggedDatabase(server, users)
  const app = await application(url)
  await once(url, `INSERT INTO dustpan.log (run, scope, tx, rel, node, op, key, at) SELECT '', '', 1, 'users'::regclass, pg_relation_filenode('users'), 'i', jsonb_build_array(g::text), now() - interval '3 hours' FROM generate_series(1, 1000000) g; ANALYZE dustpan.log`)
  const c = await connectTo(url)
  for (let i = 0; i < 4; i++) { await app.as('r', 's', `INSERT INTO users (id) VALUES (${2000000 + i})`); const t = performance.now(); const { names } = await collect(c, { run: 'r', writer: 'w', scopes: ['s'], alone: { from: Date.now() - 1000, to: Date.now() } }); console.log('1e6 scope', names, Math.round(performance.now() - t)) }
  for (let i = 0; i < 2; i++) { await app.as('r', 's', `INSERT INTO users (id) VALUES (${3000000 + i})`); const t = performance.now(); const { names } = await collect(c, { run: 'r', writer: 'w', scopes: ['s'] }); console.log('1e6 scope no alone', names, Math.round(performance.now() - t)) }
  await once(url, `UPDATE dustpan.log SET at = at - interval '2 days'`)
  { const t = performance.now(); await collect(c, { run: 'r', alone: { from: Date.now() - 1000, to: Date.now() } }); console.log('1e6 conclude', Math.round(performance.now() - t), (await once(url, 'SELECT count(*)::int FROM dustpan.log')).rows) }
}, 120000)
