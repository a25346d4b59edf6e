/** Names, times and owners that are ambiguous: in doubt, the row stays. */
import { kinds, settingsFor } from '@dustpan/conformance/by-predicate'
import { testServer } from '@dustpan/conformance/servers/test-server'
import { planRemoval } from '@dustpan/core/ledger'
import { expect, test } from 'vitest'
import { type PostgresWorld, postgresWorld } from './world.ts'

const server = await testServer()

type What = Parameters<typeof planRemoval>[1]

async function remove(world: PostgresWorld, what: What, options: object = {}, config: object = {}) {
  await using settings = await settingsFor({ drivers: [world.driver(options)], ...config })
  await using removal = await planRemoval(settings, what)
  return await removal.carryOut({ agreed: true })
}

const spellings = ['items', 'Items', 'public.items', '"items"'] as const

test.for(spellings)(
  'DUSTPAN_PROTECTED: protect.types, protect.ids and except apply to the table written as %s',
  async (name) => {
    await using world = await postgresWorld(server)
    await remove(world, { tag: 'test-data' }, {}, { protect: { types: [name] } })
    await remove(world, { tag: 'test-data' }, {}, { protect: { ids: { [name]: [1, '3'] } } })
    await remove(world, { reset: true }, {}, { protect: { types: [name] } })
    await remove(world, { reset: true, except: name })
    expect((await world.left()).items).toHaveLength(6)
  },
)

test('a table with capitals is protected by its name, whatever the name of its kind', async () => {
  await using world = await postgresWorld(server)
  await world.sql(`CREATE TABLE "Notes" (id int PRIMARY KEY, tag text); INSERT INTO "Notes" VALUES (1, 'test-data')`)
  const options = { kinds: { things: { table: '"Notes"', tag: 'tag' } } }
  expect(await remove(world, { tag: true, types: 'things' }, options, { protect: { types: ['Notes'] } })).toMatchObject(
    {
      left: [{ code: 'DUSTPAN_PROTECTED' }],
    },
  )
})

test.for(['logs', 'activity', 'public.activity', 'Logs'])(
  'except %s leaves out the kind of that table',
  async (except) => {
    await using world = await postgresWorld(server)
    expect(await remove(world, { owner: 1, except })).toMatchObject({ deleted: { items: 3, otps: 2 } })
    expect((await world.left()).logs).toHaveLength(3)
  },
)

test.for([{ reset: true }, { owner: 1 }])(
  'DUSTPAN_INVALID_ARGUMENT: %j with an unknown name in except is refused',
  async (what) => {
    await using world = await postgresWorld(server)
    const removal = remove(world, { ...what, except: 'itms' })
    await expect(removal).rejects.toMatchObject({ code: 'DUSTPAN_INVALID_ARGUMENT' })
    expect((await world.left()).items).toHaveLength(6)
  },
)

test('DUSTPAN_UNKNOWN_OWNER: an owner whose key several rows share is refused', async () => {
  await using world = await postgresWorld(server)
  await world.sql("UPDATE users SET email = 'same'")
  const options = {
    owners: { table: 'users', key: 'email' },
    kinds: { items: { owner: { column: 'created_by', is: 'id' } } },
  }
  const removal = remove(world, { owner: 'same' }, options)
  await expect(removal).rejects.toMatchObject({ code: 'DUSTPAN_UNKNOWN_OWNER' })
})

test('a reset except one of two kinds of a table does not empty the table', async () => {
  await using world = await postgresWorld(server)
  await remove(world, { reset: true, except: 'b' }, { kinds: { a: { table: 'items' }, b: { table: 'items' } } })
  expect((await world.left()).items).toHaveLength(6)
})

test.for(['Pacific/Kiritimati', 'Etc/GMT+12', 'UTC'])(
  'a row with a time without zone stays unless it is old enough in every zone (server in %s)',
  async (zone) => {
    await using world = await postgresWorld(server)
    await world.sql(`CREATE TABLE notes (id int PRIMARY KEY, at timestamp);
      INSERT INTO notes VALUES (1, now() AT TIME ZONE 'UTC' - interval '1 hour'), (2, now() AT TIME ZONE '${zone}' - interval '1 hour'), (3, now() - interval '3 days')`)
    await world.sql(
      `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone = ''${zone}''', current_database()); END $$`,
    )
    const options = { kinds: { notes: { createdAt: 'at' } } }
    expect(await remove(world, { types: 'notes', olderThan: '2h' }, options)).toMatchObject({ deleted: { notes: 1 } })
    expect(await world.sql('SELECT id FROM notes ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }])
  },
)

test.for([1_000_000, 1_000_000_000])(
  'protect.olderThan applies to a numeric time column in units of 1/%i second',
  async (fraction) => {
    await using world = await postgresWorld(server)
    await world.sql(`CREATE TABLE notes (id int PRIMARY KEY, tag text, at bigint);
    INSERT INTO notes VALUES (1, 'test-data', extract(epoch FROM now() - interval '30 days')::bigint * ${fraction}), (2, 'test-data', extract(epoch FROM now())::bigint * ${fraction})`)
    const options = { kinds: { notes: { createdAt: 'at', tag: 'tag' } } }
    await remove(world, { tag: true }, options, { protect: { olderThan: '1d' } })
    expect(await world.sql('SELECT id FROM notes')).toEqual([{ id: 1 }])
  },
)

test('an owner whose value is empty does not own rows with an empty value', async () => {
  await using world = await postgresWorld(server)
  await world.sql(`UPDATE users SET email = '' WHERE id = 1; INSERT INTO otps VALUES (99, '')`)
  await remove(world, { owner: 1, types: 'otps' }, { kinds })
  expect((await world.left()).otps).toContain(99)
})

test('rows of an inheriting table are not removed with those of its parent table', async () => {
  await using world = await postgresWorld(server)
  await world.sql(`CREATE TABLE base (id int PRIMARY KEY, tag text); CREATE TABLE sub () INHERITS (base);
    INSERT INTO base VALUES (1, 'test-data'); INSERT INTO sub VALUES (1, 'test-data')`)
  await remove(world, { tag: true }, { kinds: { base: { tag: 'tag' } } })
  await remove(world, { reset: true, except: 'sub' })
  expect(await world.sql('SELECT id FROM ONLY base')).toEqual([])
  expect(await world.sql('SELECT id FROM sub')).toEqual([{ id: 1 }])
})

test('rows of a table of the same name in another schema stay', async () => {
  await using world = await postgresWorld(server)
  await world.sql(`CREATE SCHEMA other; CREATE TABLE other.items (id int PRIMARY KEY, tags text[], created_by int);
    INSERT INTO other.items VALUES (1, '{test-data}', 1)`)
  await remove(world, { tag: 'test-data' })
  await remove(world, { owner: 1, types: 'items' })
  await remove(world, { reset: true, types: 'items' })
  expect(await world.sql('SELECT id FROM other.items')).toEqual([{ id: 1 }])
})
