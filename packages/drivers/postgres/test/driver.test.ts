import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { driverContext } from '@dustpan/conformance/drivers/driver'
import { expect, test } from 'vitest'
import { capture, createDriver, postgres } from '../src/index.ts'
import { loadPg } from '../src/pg.ts'

const ctx = driverContext(import.meta.dirname)
const driver = (options: unknown) => createDriver('main', options, ctx)

test('postgres() returns plain data', () => {
  expect(postgres({ name: 'main', url: 'postgres://localhost/shop' })).toEqual({
    use: '@dustpan/postgres',
    name: 'main',
    options: { url: 'postgres://localhost/shop' },
  })
  expect(postgres().name).toBe('postgres')
})

test.each<[unknown, string]>([
  ['text', 'drivers.main.options: expected an object, found "text"'],
  [{ uri: 'x' }, 'drivers.main.options.uri: there is no such option'],
  [{ constructor: 1 }, 'drivers.main.options.constructor: there is no such option'],
  [
    { url: 'mysql://u:hidden@h/d' },
    'drivers.main.options.url: expected a connection string such as postgres://user@localhost:5432/database, found "mysql://…@h/d"',
  ],
  [
    { url: 'postgres://u:pa/s#s?word@h/d' },
    'drivers.main.options.url: expected a connection string such as postgres://user@localhost:5432/database, found "postgres://…@h/d"',
  ],
  [
    { url: 7 },
    'drivers.main.options.url: expected a connection string such as postgres://user@localhost:5432/database, found 7',
  ],
  [{ softDelete: { users: {} } }, 'drivers.main.options.softDelete.users: expected the columns to set, found {}'],
  [
    { softDelete: { 'a.b.c': { x: 1 } } },
    'drivers.main.options.softDelete.a.b.c: expected a table\'s name: users, shop.users, found "a.b.c"',
  ],
  [
    { deletion: 'never' },
    `drivers.main.options.deletion: expected 'hard' or 'soft', or one of these for each environment, found "never"`,
  ],
  [{ deletion: { local: 'never' } }, `drivers.main.options.deletion.local: expected 'hard' or 'soft', found "never"`],
  [{ capture: 'yes' }, 'drivers.main.options.capture: expected true or false, found "yes"'],
  [
    { application: 'claim' },
    `drivers.main.options.application: expected true, false, or an object of unattributed ('claim' or 'leave') and restore, found "claim"`,
  ],
  [
    { application: { restore: 'users' } },
    `drivers.main.options.application.restore: expected true, false, or a list of tables' names, found "users"`,
  ],
  [
    { application: { restore: ['a.b.c'] } },
    `drivers.main.options.application.restore[0]: expected a table's name: users, shop.users, found "a.b.c"`,
  ],
  [
    { application: { unattributed: 'mine' } },
    `drivers.main.options.application: expected true, false, or an object of unattributed ('claim' or 'leave') and restore, found {"unattributed":"mine"}`,
  ],
  [{ ignoreTables: 'users' }, 'drivers.main.options.ignoreTables: expected a list of tables\' names, found "users"'],
])('a wrong option is named in the error: %j', (options, message) => {
  expect(() => driver(options)).toThrow(expect.objectContaining({ code: 'DUSTPAN_CONFIG_INVALID', message }))
})

test.each([
  ['postgres://localhost:5432/a#1.2', true],
  ['postgres://localhost:5432/other#1.2', true],
  ['postgres://localhost:5433/a#1.2', false],
  ['postgres://db:5432/a#1.2', false],
  ['sqlite:/tmp/a', false],
])('an instance serves every database of its server, and no other: %s', (id, served) => {
  expect(driver({ url: 'postgres://me:pw@127.0.0.1/a' }).serves?.({ id })).toBe(served)
})

test.each([
  ['postgres://localhost:5432/a#1.2', 'postgres://pooler:6432/alias#1.2', true],
  ['postgres://localhost:5432/a#1.2', 'postgres://localhost:5432/b#1.3', false],
  ['postgres://localhost:5432/a#1.2', 'postgres://localhost:5433/a#2.2', false],
  ['postgres://localhost:5432/a#-.2', 'postgres://localhost:5433/a#-.2', false],
  ['postgres://localhost:5432/a', 'mysql://localhost:5432/a#1', false],
])(
  'two stores are the same if the server identifies them so, whatever their address: %s and %s',
  (one, other, same) => {
    const identity = (id: string) => driver({}).identity?.({ id }) ?? id
    expect(identity(one) === identity(other)).toBe(same)
  },
)

test('capture: false installs no instrument', () => {
  expect(driver({ capture: false }).instruments).toEqual([])
})

test('a removal that is given to track() becomes plain data, with the store of the url', () => {
  const removal = (spec: Parameters<NonNullable<ReturnType<typeof driver>['removal']>>[0]) =>
    driver({ url: 'postgres://u:pw@localhost/shop' }).removal?.(spec, [])
  expect(removal({ table: 'users', store: 'main' })).toEqual({
    removal: { driver: 'main', op: 'delete-row', v: 1, args: { schema: null, table: 'users' } },
    store: { driver: 'main', id: 'postgres://localhost:5432/shop' },
  })
  expect(removal({ table: '"Odd Schema"."T"', key: ['a', 'b'] })?.removal.args).toEqual({
    schema: 'Odd Schema',
    table: 'T',
    columns: ['a', 'b'],
  })
  expect(removal({ sql: 'DELETE FROM t WHERE id = $1', params: ['{id}'] })?.removal).toEqual({
    driver: 'main',
    op: 'sql',
    v: 1,
    args: { sql: 'DELETE FROM t WHERE id = $1', params: ['{id}'] },
  })
})

test.each([
  {},
  { table: 7 },
  { table: 'a b c' },
  { table: 't', key: [] },
  { table: 't', cascade: true },
  { sql: '' },
  { sql: 'x', params: 7 },
])('a wrong removal that is given to track() throws a TypeError: %j', (spec) => {
  expect(() => driver({ url: 'postgres://localhost/shop' }).removal?.(spec as never, [])).toThrow(
    expect.objectContaining({ name: 'TypeError', code: 'DUSTPAN_INVALID_ARGUMENT' }),
  )
})

test('a removal is described in one line of SQL', () => {
  const { describe } = driver({ softDelete: { users: { is_active: false, deleted_at: 'now' } } })
  const row = (table: string, columns: string[]) => ({
    driver: 'main',
    op: 'delete-row',
    v: 1,
    args: { schema: 'public', table, columns },
  })
  expect(describe(row('orders', ['id']), 7)).toBe('DELETE FROM orders WHERE id = 7')
  expect(describe(row('Odd', ['a', 'b']), [1, "it's"])).toBe(`DELETE FROM "Odd" WHERE (a, b) = (1, 'it''s')`)
  expect(describe(row('users', ['id']), 'x')).toBe(
    `UPDATE users SET is_active = false, deleted_at = now() WHERE id = 'x'`,
  )
  expect(describe({ driver: 'main', op: 'sql', v: 1, args: { sql: 'DELETE\n  FROM t' } }, 1)).toBe('DELETE FROM t')
})

test('capture() throws a TypeError for anything but a client or a pool', () => {
  expect(() => capture({})).toThrow(expect.objectContaining({ name: 'TypeError', code: 'DUSTPAN_INVALID_ARGUMENT' }))
})

test('the error for a missing pg says how to install it', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'dustpan-no-pg-'))
  expect(() => loadPg(empty, pathToFileURL(join(empty, 'index.js')))).toThrow(
    expect.objectContaining({
      code: 'DUSTPAN_DRIVER_UNAVAILABLE',
      message: expect.stringContaining(`pg could not be loaded from ${empty}`),
      hint: 'Install it with `npm install --save-dev pg@^8.11`',
    }),
  )
  await rm(empty, { recursive: true })
})
