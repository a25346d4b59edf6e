/** Rows that a predicate finds but does not remove, and unusual tables. */
import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kinds, settingsFor, without } from '@dustpan/conformance/by-predicate'
import { testServer } from '@dustpan/conformance/servers/test-server'
import { planRemoval } from '@dustpan/core/ledger'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { type PostgresWorld, postgresWorld } from './world.ts'

const server = await testServer()

type What = Parameters<typeof planRemoval>[1]

async function remove(
  world: PostgresWorld,
  what: What,
  options: object = {},
  config: object = {},
  environment = 'test',
) {
  await using settings = await settingsFor({ drivers: [world.driver(options)], ...config }, environment)
  await using removal = await planRemoval(settings, what)
  return await removal.carryOut({ agreed: true })
}

test.for(['CASCADE', 'SET NULL', 'RESTRICT', 'NO ACTION'])(
  'DUSTPAN_HAS_DEPENDENTS: a row that another row refers to ON DELETE %s stays, and the others are removed',
  async (rule) => {
    await using world = await postgresWorld(server)
    await world.sql(
      `CREATE TABLE reviews (id int PRIMARY KEY, item_id int REFERENCES items ON DELETE ${rule}); INSERT INTO reviews VALUES (1, 3)`,
    )
    const outcome = await remove(world, { tag: 'test-data' })
    expect(outcome).toMatchObject({
      deleted: { items: 1 },
      left: [{ type: 'items', count: 1, code: 'DUSTPAN_HAS_DEPENDENTS' }],
    })
    expect(await world.sql('SELECT item_id FROM reviews')).toEqual([{ item_id: 3 }])
    expect((await world.left()).items).toEqual([2, 3, 4, 5, 6])
  },
)

test('rows that refer to other rows of the predicate are removed before these', async () => {
  await using world = await postgresWorld(server)
  await world.sql(
    `CREATE TABLE reviews (id int PRIMARY KEY, item_id int NOT NULL REFERENCES items, by int); INSERT INTO reviews VALUES (1, 5, 1), (2, 1, 1), (3, 3, 1)`,
  )
  const outcome = await remove(world, { owner: 1 }, { kinds: { ...kinds, reviews: { owner: 'by' } } })
  expect(outcome).toMatchObject({ deleted: { items: 3, reviews: 3, otps: 2, logs: 2 }, left: [] })
})

test('rows that refer to each other in a circle are removed together', async () => {
  await using world = await postgresWorld(server)
  await world.sql(
    `ALTER TABLE items ADD COLUMN next int REFERENCES items; UPDATE items SET next = 5 WHERE id = 1; UPDATE items SET next = 1 WHERE id = 5`,
  )
  expect(await remove(world, { run: 'run-a' })).toMatchObject({ deleted: { items: 2 }, left: [] })
})

test('DUSTPAN_PROTECTED: rows of protected types and ids stay', async () => {
  await using world = await postgresWorld(server)
  const protect = { types: ['otps', 'activity'], ids: { items: ['2'] } }
  const outcome = await remove(world, { owner: 1 }, {}, { protect })
  expect(outcome.deleted).toEqual({ items: 2 })
  expect(outcome.left).toEqual([])
  expect(await world.left()).toEqual(without({ items: [1, 5] }))
})

test.for([
  ['bool', ['t', 'f'], ['true'], ['t']],
  ['bool', ['t', 'f'], ['t'], ['t']],
  ['char(4)', ['ab', 'cd', 'ef'], ['ab', 'cd  '], ['ab  ', 'cd  ']],
  ['inet', ['10.0.0.1', '10.0.0.2', '10.0.0.3'], ['10.0.0.1', '10.0.0.2/32'], ['10.0.0.1', '10.0.0.2']],
  ['date', ['2026-01-02', '2026-02-01'], ['2026-01-02'], ['2026-01-02']],
] as const)(
  'a protected id of type %s may be written in any form that the server accepts',
  async ([type, keys, ids, left]) => {
    await using world = await postgresWorld(server)
    await world.sql(
      `CREATE TABLE kept (k ${type} PRIMARY KEY, tag text); INSERT INTO kept SELECT k::${type}, 'mine' FROM unnest('{${keys}}'::text[]) k`,
    )
    const options = { kinds: { kept: { tag: 'tag' } } }
    await remove(world, { tag: 'mine', types: 'kept' }, options, { protect: { ids: { kept: ids } } })
    const found = await world.sql(`SELECT concat(k) AS k FROM kept ORDER BY 1`)
    expect(found.map(({ k }) => k)).toEqual(left)
  },
)

test('rows older than protect.olderThan stay, whatever the predicate', async () => {
  await using world = await postgresWorld(server)
  await remove(world, { tag: 'staging' }, {}, { protect: { olderThan: '3d' } })
  expect(await world.left()).toEqual(without({ items: [5] }))
})

test.for([
  ['test', 'soft', 'soft', 6],
  ['test', 'hard', 'hard', 4],
  ['test', undefined, 'hard', 4],
  ['staging', undefined, 'soft', 6],
] as const)('in %s, with the deletion %s, the method is %s', async ([environment, deletion, method, left]) => {
  await using world = await postgresWorld(server)
  const softDelete = { items: { is_active: false, deleted_at: 'now' } }
  const config = { profiles: { staging: { database: true } } }
  const what = { tag: 'test-data', ...(deletion ? { deletion } : {}) }
  expect(await remove(world, what, { softDelete }, config, environment)).toMatchObject({ deletedCount: 2, method })
  expect((await world.left()).items).toHaveLength(left)
  const marked = await world.sql('SELECT id FROM items WHERE NOT is_active AND deleted_at IS NOT NULL ORDER BY id')
  expect(marked).toEqual(method === 'soft' ? [{ id: 1 }, { id: 3 }] : [])
  // Marked rows are not found again.
  expect(await remove(world, what, { softDelete }, config, environment)).toMatchObject({ deletedCount: 0 })
})

test("deletion: 'soft' without softDelete fails with DUSTPAN_CONFIG_INVALID, and no row is removed", async () => {
  await using world = await postgresWorld(server)
  const outcome = await remove(world, { tag: 'test-data', deletion: 'soft' })
  expect(outcome).toMatchObject({ deletedCount: 0, left: [{ type: 'items', code: 'DUSTPAN_CONFIG_INVALID' }] })
  expect(await world.left()).toEqual(without({}))
})

test('files are removed with their rows, and counted', async () => {
  await using world = await postgresWorld(server)
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'dustpan-uploads-')))
  onTestFinished(() => rm(folder, { recursive: true }))
  await mkdir(join(folder, 'uploads'))
  for (const name of ['1.png', '2.png', '3.png']) await writeFile(join(folder, 'uploads', name), '')
  await world.sql("UPDATE items SET file_path = id || '.png'")
  const files = { items: { column: 'file_path', folder: join(folder, 'uploads') } }
  const outcome = await remove(world, { owner: 1 }, { files })
  expect(outcome).toMatchObject({ deleted: { items: 3, files: 2, otps: 2, logs: 2 }, preserved: { user: true } })
  expect(await readdir(join(folder, 'uploads'))).toEqual(['3.png'])
})

test.for(['x', '1 OR 1=1', "1'; DROP TABLE users; --", '99999999999'])(
  'DUSTPAN_INVALID_ARGUMENT: %j is refused as the id of an owner',
  async (owner) => {
    await using world = await postgresWorld(server)
    await expect(remove(world, { owner })).rejects.toMatchObject({ code: 'DUSTPAN_INVALID_ARGUMENT' })
    expect(await world.left()).toEqual(without({}))
  },
)

test('rows of a table with quotes, dots, semicolons and umlauts in its names are removed', async () => {
  await using world = await postgresWorld(server)
  await world.sql(
    `CREATE SCHEMA "odd.schema"; CREATE TABLE "odd.schema"."it""ems; DROP" (id int PRIMARY KEY, "täg;'""" text); INSERT INTO "odd.schema"."it""ems; DROP" VALUES (1, 'test-data'), (2, 'x')`,
  )
  const odd = { table: '"odd.schema"."it""ems; DROP"', tag: `täg;'"` }
  expect(await remove(world, { tag: 'test-data', types: 'odd' }, { kinds: { odd } })).toMatchObject({
    deleted: { odd: 1 },
    left: [],
  })
  expect(await world.sql('SELECT id FROM "odd.schema"."it""ems; DROP"')).toEqual([{ id: 2 }])
})

test.for([
  ['jsonb', `'["test-data"]'`, `'["other"]'`],
  ['json', `'["a", "test-data"]'`, `'[]'`],
  ['text', `'test-data'`, `'test-data,other'`],
  ['boolean', 'true', 'false'],
  ['varchar(20)[]', `'{test-data,b}'`, `'{}'`],
])('a row is found by a tag in a column of type %s', async ([type, ours, theirs]) => {
  await using world = await postgresWorld(server)
  await world.sql(
    `CREATE TABLE notes (id int PRIMARY KEY, tag ${type}); INSERT INTO notes VALUES (1, ${ours}), (2, ${theirs}), (3, NULL)`,
  )
  expect(await remove(world, { tag: true }, { kinds: { notes: { tag: 'tag' } } })).toMatchObject({
    deleted: { notes: 1 },
  })
  expect(await world.sql('SELECT id FROM notes ORDER BY id')).toEqual([{ id: 2 }, { id: 3 }])
})

test('DUSTPAN_NO_PRIMARY_KEY: rows of a table without a primary key stay', async () => {
  await using world = await postgresWorld(server)
  await world.sql("CREATE TABLE notes (tag text); INSERT INTO notes VALUES ('test-data')")
  const outcome = await remove(world, { tag: true }, { kinds: { notes: { tag: 'tag' } } })
  expect(outcome).toMatchObject({ deletedCount: 0, left: [{ type: 'notes', code: 'DUSTPAN_NO_PRIMARY_KEY' }] })
})

test.for([
  [{ items: { owner: 'made_by' } }, { owner: 1 }],
  [{ things: { owner: 'created_by' } }, { owner: 1 }],
  [kinds, { types: 'otps', tag: 'test-data' }],
] as const)('DUSTPAN_CONFIG_INVALID: with the kinds %j, the predicate %j is refused', async ([wrong, what]) => {
  await using world = await postgresWorld(server)
  const outcome = await remove(world, what, { kinds: wrong })
  expect(outcome).toMatchObject({ deletedCount: 0, left: [{ code: 'DUSTPAN_CONFIG_INVALID' }] })
})

test('rows that another transaction has locked stay, and the others are removed', async () => {
  await using world = await postgresWorld(server)
  const client = new pg.Client(world.url)
  await client.connect()
  onTestFinished(() => client.end())
  await client.query('BEGIN')
  await client.query('UPDATE items SET name = name WHERE id = 1')
  const outcome = await remove(world, { tag: 'test-data' })
  expect(outcome).toMatchObject({ deleted: { items: 1 }, left: [{ type: 'items', count: 1 }] })
  await client.query('ROLLBACK')
  expect((await world.left()).items).toEqual([1, 2, 4, 5, 6])
})

test('a reset keeps migrations, protected tables and the tables that they refer to', async () => {
  await using world = await postgresWorld(server)
  const outcome = await remove(world, { reset: true }, {}, { protect: { types: ['items'] } })
  expect(outcome).toMatchObject({
    deleted: { otps: 3, logs: 3, users: 0 },
    left: [{ type: 'users', count: 2, code: 'DUSTPAN_HAS_DEPENDENTS' }],
  })
  expect(await world.left()).toEqual({ ...without({}), otps: [], logs: [] })
  expect(await world.sql('SELECT name FROM knex_migrations')).toEqual([{ name: 'first' }])
})

test.for(['timestamptz', 'timestamp', 'date', 'bigint', 'int', 'numeric'])(
  'olderThan applies to a time column of type %s',
  async (type) => {
    await using world = await postgresWorld(server)
    const epoch = /int|num/.test(type)
      ? (days: number) =>
          `extract(epoch FROM now())${type === 'bigint' ? '::bigint * 1000' : ''} - ${days * 86400}${type === 'bigint' ? '000::bigint' : ''}`
      : (days: number) => `now() - interval '${days} days'`
    await world.sql(
      `CREATE TABLE notes (id int PRIMARY KEY, at ${type}); INSERT INTO notes VALUES (1, ${epoch(10)}), (2, ${epoch(2)}), (3, NULL)`,
    )
    await remove(world, { types: 'notes', olderThan: '7d' }, { kinds: { notes: { createdAt: 'at' } } })
    expect(await world.sql('SELECT id FROM notes ORDER BY id')).toEqual([{ id: 2 }, { id: 3 }])
  },
)
