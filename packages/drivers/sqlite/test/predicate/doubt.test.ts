/** Names, times and values that can be read in more than one way: when in doubt, the row is kept. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { settingsFor } from '@dustpan/conformance/by-predicate'
import { planRemoval } from '@dustpan/core/ledger'
import { expect, test } from 'vitest'
import { type SqliteWorld, sqliteWorld } from './world.ts'

type What = Parameters<typeof planRemoval>[1]

async function remove(world: SqliteWorld, what: What, options: object = {}, config: object = {}) {
  await using settings = await settingsFor({ drivers: [world.driver(options)], ...config })
  await using removal = await planRemoval(settings, what)
  return await removal.carryOut({ agreed: true })
}

const ids = (world: SqliteWorld, table: string) =>
  world.database
    .prepare(`SELECT id FROM ${table} ORDER BY id`)
    .all()
    .map(({ id }) => id)

test.for(['items', 'Items', 'main.items', '"items"'])(
  'DUSTPAN_PROTECTED: protect.types and protect.ids protect the table when written as %s',
  async (name) => {
    await using world = await sqliteWorld()
    await remove(world, { tag: 'test-data' }, {}, { protect: { types: [name] } })
    await remove(world, { tag: 'test-data' }, {}, { protect: { ids: { [name]: [1, '3'] } } })
    await remove(world, { reset: true }, {}, { protect: { types: [name] } })
    await remove(world, { reset: true, except: name })
    expect((await world.left()).items).toHaveLength(6)
  },
)

test.for(['logs', 'activity', 'Activity'])('except: %s excludes the kind of that table', async (except) => {
  await using world = await sqliteWorld()
  await remove(world, { owner: 1, except })
  expect((await world.left()).logs).toHaveLength(3)
})

test.for([{ reset: true }, { owner: 1 }])(
  'DUSTPAN_INVALID_ARGUMENT: %j with an unknown name in except is rejected',
  async (what) => {
    await using world = await sqliteWorld()
    const removal = remove(world, { ...what, except: 'itms' })
    await expect(removal).rejects.toMatchObject({ code: 'DUSTPAN_INVALID_ARGUMENT' })
  },
)

test('40,000 ids can be protected', async () => {
  await using world = await sqliteWorld()
  const protect = { ids: { items: Array.from({ length: 40_000 }, (_, i) => i + 3) } }
  expect(await remove(world, { tag: 'test-data' }, {}, { protect })).toMatchObject({ deleted: { items: 1 }, left: [] })
  expect((await world.left()).items).toEqual([2, 3, 4, 5, 6])
})

test('olderThan compares with a column filled by julianday()', async () => {
  await using world = await sqliteWorld()
  world.database.exec(`CREATE TABLE notes (id INTEGER PRIMARY KEY, created_at REAL DEFAULT (julianday('now')));
    INSERT INTO notes (id) VALUES (1); INSERT INTO notes VALUES (2, julianday('now') - 3)`)
  await remove(world, { types: 'notes', olderThan: '1d' })
  expect(ids(world, 'notes')).toEqual([1])
})

test.for([1, 1e3, 1e6, 1e9])('protect.olderThan compares with numbers in units of 1/%i second', async (fraction) => {
  await using world = await sqliteWorld()
  const seconds = Math.floor(Date.now() / 1000)
  world.database.exec(`CREATE TABLE notes (id INTEGER PRIMARY KEY, tag TEXT, at INTEGER);
    INSERT INTO notes VALUES (1, 'test-data', ${BigInt(seconds - 30 * 86_400) * BigInt(fraction)}), (2, 'test-data', ${BigInt(seconds) * BigInt(fraction)})`)
  await remove(
    world,
    { tag: true },
    { kinds: { notes: { createdAt: 'at', tag: 'tag' } } },
    { protect: { olderThan: '1d' } },
  )
  expect(ids(world, 'notes')).toEqual([1])
})

test('DUSTPAN_UNKNOWN_OWNER: an owner name that several users share is rejected', async () => {
  await using world = await sqliteWorld()
  world.database.exec("UPDATE users SET email = 'same'")
  const options = {
    owners: { table: 'users', key: 'email' },
    kinds: { items: { owner: { column: 'created_by', is: 'id' } } },
  }
  const removal = remove(world, { owner: 'same' }, options)
  await expect(removal).rejects.toMatchObject({ code: 'DUSTPAN_UNKNOWN_OWNER' })
})

test('an owner with an empty value does not own rows with an empty value', async () => {
  await using world = await sqliteWorld()
  world.database.exec("UPDATE users SET email = '' WHERE id = 1; INSERT INTO otps VALUES (99, '')")
  await remove(world, { owner: 1, types: 'otps' })
  expect((await world.left()).otps).toContain(99)
})

test.for(['Ä.png', 'ä.PNG', 'a b%20c.png'])('a file referenced by another row is kept: %s', async (name) => {
  await using world = await sqliteWorld()
  mkdirSync(join(world.folder, 'uploads'))
  writeFileSync(join(world.folder, 'uploads', name), '')
  world.database.prepare('UPDATE items SET file_path = ? WHERE id IN (1, 2)').run(name)
  const files = { items: { column: 'file_path', folder: join(world.folder, 'uploads') } }
  expect(await remove(world, { tag: 'test-data' }, { files })).toMatchObject({ deleted: { items: 2 } })
  expect(readdirSync(join(world.folder, 'uploads'))).toEqual([name])
})

test('patterns have no special character except %', async () => {
  await using world = await sqliteWorld()
  world.database.exec(`CREATE TABLE notes (id INTEGER PRIMARY KEY, name TEXT);
    INSERT INTO notes VALUES (1, 'a*b'), (2, 'axb'), (3, 'a[b'), (4, 'a]b'), (5, 'a?b'), (6, 'A*b1'), (7, 'a^b')`)
  for (const name of ['a*%', 'a[%', 'a?%', '%]%']) await remove(world, { types: 'notes', where: { name } })
  expect(ids(world, 'notes')).toEqual([2, 6, 7])
})
