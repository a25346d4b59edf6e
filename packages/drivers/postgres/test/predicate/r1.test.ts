import { settingsFor } from '@dustpan/conformance/by-predicate'
import { planRemoval } from '@dustpan/core/ledger'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Server, startServer, once } from '../server.ts'
import { kinds, type PostgresWorld, postgresWorld } from './world.ts'

let server: Server
beforeAll(async () => { server = await startServer() }, 60_000)
afterAll(() => server[Symbol.asyncDispose]())
type What = Parameters<typeof planRemoval>[1]
async function remove(world: PostgresWorld, what: What, options: object = {}, config: object = {}, environment = 'test') {
  await using settings = await settingsFor({ drivers: [world.driver(options)], ...config }, environment)
  await using removal = await planRemoval(settings, what)
  return await removal.carryOut({ agreed: true })
}
const n = async (world: PostgresWorld, sql: string) => (await world.sql(sql))

test.for([['Items'], ['public.items'], ['ITEMS'], ['"items"']])('P1 protect.types %s', async ([name]) => {
  await using world = await postgresWorld(server)
  await remove(world, { tag: 'test-data' }, {}, { protect: { types: [name] } }).catch((e) => e)
  expect((await world.left()).items).toHaveLength(6)
})
test.for([['Items'], ['public.items'], ['ITEMS']])('P1r reset protect.types %s', async ([name]) => {
  await using world = await postgresWorld(server)
  await remove(world, { reset: true }, {}, { protect: { types: [name] } }).catch((e) => e)
  expect((await world.left()).items).toHaveLength(6)
})
test('P1i protect.ids other case', async () => {
  await using world = await postgresWorld(server)
  await remove(world, { tag: 'test-data' }, {}, { protect: { ids: { Items: [1, 3] } } })
  expect((await world.left()).items).toHaveLength(6)
})
test('P2 uppercase table', async () => {
  await using world = await postgresWorld(server)
  await world.sql(`CREATE TABLE "Notes" (id int primary key, tag text); INSERT INTO "Notes" VALUES (1,'test-data')`)
  await remove(world, { tag: true }, { kinds: { things: { table: '"Notes"', tag: 'tag' } } }, { protect: { types: ['Notes'] } }).catch((e) => e)
  expect(await n(world, `SELECT * FROM "Notes"`)).toHaveLength(1)
})
test.for([['activity'], ['public.activity'], ['Logs']])('P5 except by table %s', async ([name]) => {
  await using world = await postgresWorld(server)
  const r = await remove(world, { owner: 1, except: name as string }).catch((e) => e)
  console.log('P5', name, JSON.stringify(r))
  expect((await world.left()).logs).toHaveLength(3)
})
test.for([['public.items'], ['Items'], ['itms']])('P9 reset except %s', async ([name]) => {
  await using world = await postgresWorld(server)
  const r = await remove(world, { reset: true, except: name as string }).catch((e) => e)
  console.log('P9', name, JSON.stringify(r))
  expect((await world.left()).items).toHaveLength(6)
})
test('P6 limit over atMost', async () => {
  await using world = await postgresWorld(server)
  const r = await remove(world, { tag: 'test-data', limit: 100 }, {}, { protect: { atMost: 1 } }).catch((e) => e)
  console.log('P6', JSON.stringify(r), r.code)
  expect((await world.left()).items).toHaveLength(6)
})
test.for([['Pacific/Kiritimati'], ['Etc/GMT+12'], ['UTC']])('P7 timestamp without zone, server %s', async ([zone]) => {
  await using world = await postgresWorld(server)
  await world.sql(`CREATE TABLE notes (id int PRIMARY KEY, at timestamp); INSERT INTO notes VALUES (1, (now() at time zone 'UTC') - interval '1 hour')`)
  await world.sql(`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone = ''${zone}''', current_database()); END $$`)
  const r = await remove(world, { types: 'notes', olderThan: '2h' }, { kinds: { notes: { createdAt: 'at' } } })
  console.log('P7', zone, JSON.stringify(r))
  expect(await n(world, 'SELECT id FROM notes')).toHaveLength(1)
})
test('P8 micro', async () => {
  await using world = await postgresWorld(server)
  await world.sql(`CREATE TABLE notes (id int PRIMARY KEY, tag text, at bigint); INSERT INTO notes VALUES (1, 'test-data', (extract(epoch from now() - interval '30 days')*1000000)::bigint)`)
  await remove(world, { tag: true }, { kinds: { notes: { createdAt: 'at', tag: 'tag' } } }, { protect: { olderThan: '1d' } }).catch((e) => e)
  expect(await n(world, 'SELECT id FROM notes')).toHaveLength(1)
})
test('P10 two kinds of one table, reset', async () => {
  await using world = await postgresWorld(server)
  await remove(world, { reset: true, except: 'b' }, { kinds: { a: { table: 'items' }, b: { table: 'items' } } }).catch((e) => e)
  expect((await world.left()).items).toHaveLength(6)
})
test('P10b two kinds of one table, except', async () => {
  await using world = await postgresWorld(server)
  const r = await remove(world, { tag: true, except: 'b' }, { kinds: { a: { table: 'items', tag: 'tags' }, b: { table: 'items', tag: 'tags' } } }).catch((e) => e)
  console.log('P10b', JSON.stringify(r))
})
test('P13 RLS hidden child cascades', async () => {
  await using world = await postgresWorld(server)
  await world.sql(`CREATE TABLE reviews (id int PRIMARY KEY, item_id int REFERENCES items ON DELETE CASCADE, who text); INSERT INTO reviews VALUES (1, 3, 'stranger');
   ALTER TABLE reviews ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON reviews USING (who = 'me');
   DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname='limited') THEN CREATE ROLE limited LOGIN; END IF; END $$; GRANT ALL ON ALL TABLES IN SCHEMA public TO limited;`)
  const url = new URL(world.url); url.username = 'limited'
  const r = await remove(world, { tag: 'test-data' }, { url: url.href })
  console.log('P13', JSON.stringify(r))
  expect(await n(world, 'SELECT id FROM reviews')).toHaveLength(1)
})
test('P16 FK to a partition, removed through the root', async () => {
  await using world = await postgresWorld(server)
  await world.sql(`CREATE TABLE events (id int, tag text, PRIMARY KEY (id)) PARTITION BY RANGE (id); CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (100);
   CREATE TABLE stranger (id int primary key, ev int references events_1 ON DELETE CASCADE); INSERT INTO events VALUES (1,'test-data'); INSERT INTO stranger VALUES (1,1)`)
  const r = await remove(world, { tag: true }, { kinds: { events: { tag: 'tag' } } })
  console.log('P16', JSON.stringify(r))
  expect(await n(world, 'SELECT id FROM stranger')).toHaveLength(1)
})
test('P16b FK to the root, removed through the partition', async () => {
  await using world = await postgresWorld(server)
  await world.sql(`CREATE TABLE events (id int, tag text, PRIMARY KEY (id)) PARTITION BY RANGE (id); CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (100);
   CREATE TABLE stranger (id int primary key, ev int references events ON DELETE CASCADE); INSERT INTO events VALUES (1,'test-data'); INSERT INTO stranger VALUES (1,1)`)
  const r = await remove(world, { tag: true }, { kinds: { events_1: { tag: 'tag' } } })
  console.log('P16b', JSON.stringify(r))
  expect(await n(world, 'SELECT id FROM stranger')).toHaveLength(1)
})
test('P21 inheritance', async () => {
  await using world = await postgresWorld(server)
  await world.sql(`CREATE TABLE base (id int PRIMARY KEY, tag text); CREATE TABLE sub (extra text) INHERITS (base); INSERT INTO base VALUES (1,'test-data'); INSERT INTO sub VALUES (1,'test-data','x')`)
  await remove(world, { tag: true }, { kinds: { base: { tag: 'tag' } } })
  expect(await n(world, 'SELECT id FROM sub')).toHaveLength(1)
  await remove(world, { reset: true, except: 'sub' })
  expect(await n(world, 'SELECT id FROM sub')).toHaveLength(1)
})
test('P18 owner with an empty email', async () => {
  await using world = await postgresWorld(server)
  await world.sql(`UPDATE users SET email='' WHERE id=1; INSERT INTO otps VALUES (99, '')`)
  const r = await remove(world, { owner: 1, types: 'otps' })
  console.log('P18', JSON.stringify(r))
  expect(await n(world, 'SELECT id FROM otps WHERE id = 99')).toHaveLength(1)
})
test('P22 schemas', async () => {
  await using world = await postgresWorld(server)
  await world.sql(`CREATE SCHEMA s2; CREATE TABLE s2.items (id int primary key, tags text[], created_by int, test_run_id text); INSERT INTO s2.items VALUES (1, '{test-data}', 1, 'run-a')`)
  await remove(world, { tag: 'test-data' })
  expect(await n(world, 'SELECT id FROM s2.items')).toHaveLength(1)
  await remove(world, { tag: 'test-data', types: 'items' })
  expect(await n(world, 'SELECT id FROM s2.items')).toHaveLength(1)
  const r = await remove(world, { run: 'run-a', except: 'items' })
  console.log('P22', JSON.stringify(r))
})
test('P23 FK strange: hidden by search; unique not pk', async () => {
  await using world = await postgresWorld(server)
  await world.sql(`CREATE TABLE p (id int primary key, code text unique, tag text); CREATE TABLE c (id int primary key, code text references p(code) on delete cascade on update cascade); INSERT INTO p VALUES (1,'a','test-data'); INSERT INTO c VALUES (1,'a')`)
  await remove(world, { tag: true }, { kinds: { p: { tag: 'tag' } } })
  expect(await n(world, 'SELECT id FROM c')).toHaveLength(1)
  // soft-delete that sets code free: ON UPDATE CASCADE
  const r = await remove(world, { tag: true, deletion: 'soft' }, { kinds: { p: { tag: 'tag' } }, softDelete: { p: { code: 'deleted-{id}' } } })
  console.log('P23', JSON.stringify(r), JSON.stringify(await n(world, 'SELECT * FROM c')))
})
