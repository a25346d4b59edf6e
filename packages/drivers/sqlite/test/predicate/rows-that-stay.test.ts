/** Rows that a predicate matches but does not remove, and unusual tables. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { kinds, settingsFor, without } from '@dustpan/conformance/by-predicate'
import { planRemoval } from '@dustpan/core/ledger'
import { expect, test } from 'vitest'
import { type SqliteWorld, sqliteWorld } from './world.ts'

type What = Parameters<typeof planRemoval>[1]

async function remove(world: SqliteWorld, what: What, options: object = {}, config: object = {}, environment = 'test') {
  await using settings = await settingsFor({ drivers: [world.driver(options)], ...config }, environment)
  await using removal = await planRemoval(settings, what)
  return await removal.carryOut({ agreed: true })
}

test.for(['CASCADE', 'SET NULL', 'RESTRICT', 'NO ACTION'])(
  'DUSTPAN_HAS_DEPENDENTS: a row referenced with ON DELETE %s is kept, and the others are removed',
  async (rule) => {
    await using world = await sqliteWorld()
    world.database.exec(
      `CREATE TABLE reviews (id INTEGER PRIMARY KEY, item_id INTEGER REFERENCES items ON DELETE ${rule}); INSERT INTO reviews VALUES (1, 3)`,
    )
    const outcome = await remove(world, { tag: 'test-data' })
    expect(outcome).toMatchObject({ deleted: { items: 1 }, left: [{ count: 1, code: 'DUSTPAN_HAS_DEPENDENTS' }] })
    expect(world.database.prepare('SELECT item_id FROM reviews').all()).toMatchObject([{ item_id: 3 }])
    expect((await world.left()).items).toEqual([2, 3, 4, 5, 6])
  },
)

test('DUSTPAN_PROTECTED: rows of protected types and ids are kept', async () => {
  await using world = await sqliteWorld()
  const outcome = await remove(world, { owner: 1 }, {}, { protect: { types: ['otps', 'logs'], ids: { items: ['2'] } } })
  expect(outcome).toMatchObject({ deleted: { items: 2 }, left: [] })
  expect(await world.left()).toEqual(without({ items: [1, 5] }))
})

test.for([
  ['test', 'soft', 'soft', 6],
  ['test', undefined, 'hard', 4],
  ['staging', undefined, 'soft', 6],
] as const)(
  'in %s with the deletion %s, rows are removed by %s deletion, and only once',
  async ([environment, deletion, method, left]) => {
    await using world = await sqliteWorld()
    const softDelete = { items: { is_active: 0, deleted_at: 'now' } }
    const config = { profiles: { staging: { database: true } } }
    const what = { tag: 'test-data', ...(deletion ? { deletion } : {}) }
    expect(await remove(world, what, { softDelete }, config, environment)).toMatchObject({ deletedCount: 2, method })
    expect((await world.left()).items).toHaveLength(left)
    expect(await remove(world, what, { softDelete }, config, environment)).toMatchObject({ deletedCount: 0 })
  },
)

test('files are removed with their rows, and counted', async () => {
  await using world = await sqliteWorld()
  const folder = join(world.folder, 'uploads')
  mkdirSync(folder)
  for (const name of ['1.png', '3.png']) writeFileSync(join(folder, name), '')
  world.database.exec("UPDATE items SET file_path = id || '.png'")
  const outcome = await remove(world, { owner: 1 }, { files: { items: { column: 'file_path', folder } } })
  expect(outcome.deleted).toEqual({ items: 3, otps: 2, logs: 2, files: 1 })
  expect([existsSync(join(folder, '1.png')), existsSync(join(folder, '3.png'))]).toEqual([false, true])
})

test.for([
  ['SQLite text', "datetime('now', '-10 days')", "datetime('now', '-2 days')"],
  ['seconds', "unixepoch('now') - 864000", "unixepoch('now') - 172800"],
  ['milliseconds', "(unixepoch('now') - 864000) * 1000", "(unixepoch('now') - 172800) * 1000"],
] as const)('olderThan compares with times stored as %s', async ([, old, young]) => {
  await using world = await sqliteWorld()
  world.database.exec(
    `CREATE TABLE notes (id INTEGER PRIMARY KEY, at); INSERT INTO notes VALUES (1, ${old}), (2, ${young}), (3, NULL)`,
  )
  await remove(world, { types: 'notes', olderThan: '7d' }, { kinds: { notes: { createdAt: 'at' } } })
  expect(world.database.prepare('SELECT id FROM notes').all()).toMatchObject([{ id: 2 }, { id: 3 }])
})

test('names with quotes and semicolons, and values that look like SQL, are not executed', async () => {
  await using world = await sqliteWorld()
  world.database.exec(
    `CREATE TABLE "it""ems; DROP" (id INTEGER PRIMARY KEY, "ta;g""" TEXT); INSERT INTO "it""ems; DROP" VALUES (1, 'test-data'), (2, 'x')`,
  )
  const odd = { table: 'it"ems; DROP', tag: 'ta;g"' }
  expect(await remove(world, { tag: 'test-data', types: 'odd' }, { kinds: { odd } })).toMatchObject({
    deleted: { odd: 1 },
  })
  await expect(remove(world, { owner: '1 OR 1=1' })).rejects.toMatchObject({ code: 'DUSTPAN_UNKNOWN_OWNER' })
  expect(await world.left()).toEqual(without({}))
})

test('a reset keeps migration tables', async () => {
  await using world = await sqliteWorld()
  await remove(world, { reset: true }, { kinds })
  expect(await world.left()).toEqual({ users: [], items: [], otps: [], logs: [] })
  expect(world.database.prepare('SELECT name FROM knex_migrations').all()).toMatchObject([{ name: 'first' }])
})
