import { driverContext } from '@dustpan/conformance/drivers/driver'
import { expect, test } from 'vitest'
import { createDriver, mysql } from '../src/index.ts'

const context = driverContext(import.meta.dirname, { environment: 'production' })
const make = (options: unknown, more: object = {}) => createDriver('main', options, { ...context, ...more })
const row = (table: string) => ({
  driver: 'main',
  op: 'delete-row',
  v: 1,
  args: { schema: 'shop', table, columns: ['id'] },
})

test('mysql() returns plain configuration data with a default name', () => {
  expect(mysql({ url: 'mysql://localhost/shop' })).toEqual({
    use: '@dustpan/mysql',
    name: 'mysql',
    options: { url: 'mysql://localhost/shop' },
  })
})

test.for([
  [7, 'options: expected an object, found 7'],
  [{ url: 'postgres://u:p@ss/word@localhost/x' }, 'options.url: expected a connection string'],
  [{ urls: 'x' }, 'options.urls: there is no such option'],
  [{ deletion: 'gone' }, "options.deletion: expected 'hard' or 'soft'"],
  [{ deletion: { test: 'gone' } }, 'options.deletion.test'],
  [{ softDelete: { users: {} } }, 'options.softDelete.users: expected the columns to set'],
  [{ files: { items: { column: 'path' } } }, 'options.files.items'],
  [{ files: { items: { column: 'path', folder: '/' } } }, 'options.files.items.folder'],
  [{ capture: 1 }, 'options.capture: expected true or false'],
  [{ kinds: { items: { owner: 7 } } }, 'options.kinds'],
  [{ owners: {} }, 'options.owners'],
  [{ ignoreTables: ['a b'] }, 'options.ignoreTables[0]'],
] as const)('DUSTPAN_CONFIG_INVALID: %j', ([options, message]) => {
  const wrong = expect.objectContaining({ code: 'DUSTPAN_CONFIG_INVALID', message: expect.stringContaining(message) })
  expect(() => make(options)).toThrow(wrong)
  expect(() => make(options)).not.toThrow(/p@ss/)
})

test('a driver serves every database of its server, and every server without a url', () => {
  const url = 'mysql://someone:secret@127.0.0.1/shop'
  const ids = [
    'mysql://localhost:3306/shop#a@1',
    'mysql://localhost:3306/other#a@1',
    'mysql://db:3306/shop#a@1',
    'postgres://localhost:3306/shop',
  ]
  expect(ids.map((id) => make({ url }).serves?.({ id }))).toEqual([true, true, false, false])
  expect(ids.map((id) => make({ url }).leadsTo?.({ id }))).toEqual([true, false, false, false])
  expect(ids.map((id) => make({}).serves?.({ id }))).toEqual([true, true, true, false])
  expect(make({ url }).ownStore?.()).toBe('mysql://localhost:3306/shop')
})

test('track() options become a removal, and invalid ones are refused', () => {
  const main = make({ url: 'mysql://localhost/shop' })
  expect(main.removal?.({ table: 'far.`od``d`', key: 'email', store: 'main' }, [7])).toEqual({
    removal: { driver: 'main', op: 'delete-row', v: 1, args: { schema: 'far', table: 'od`d', columns: ['email'] } },
    store: { id: 'mysql://localhost:3306/shop' },
  })
  for (const wrong of [
    { table: 'a b' },
    { table: 'a', key: 7 },
    { table: 'a', where: 'x' },
    { sql: '' },
    { sql: 'x', params: 7 },
  ])
    expect(() => main.removal?.(wrong, [7])).toThrow(expect.objectContaining({ code: 'DUSTPAN_INVALID_ARGUMENT' }))
  expect(() => make({}).removal?.({ table: 'a' }, [7])).toThrow(/has no url/)
})

test('a removal is described as one line of SQL', () => {
  const softDelete = { users: { deleted_at: 'now', email: 'x-{id}' } }
  const main = make({ url: 'mysql://localhost/shop', softDelete })
  expect(main.describe(row('users'), 7)).toBe(`UPDATE users SET deleted_at = NOW(), email = 'x-{id}' WHERE id = 7`)
  expect(main.describe(row('logs'), '0x0f')).toBe('DELETE FROM logs WHERE id = 0x0f')
  expect(main.typeOf?.(row('logs'))).toBe('logs')
})

test('DUSTPAN_PROFILE_REFUSED: with soft-only deletion, removals that would delete rows are refused', () => {
  const limits = { remove: true, database: true, byPredicate: 'never', reset: false, limit: 0 } as const
  const main = make({ softDelete: { users: { deleted_at: 'now' } } }, { profile: { ...limits, deletion: 'soft-only' } })
  const sql = (text: string) => ({ driver: 'main', op: 'sql', v: 1, args: { sql: text } })
  const removals = [row('users'), row('logs'), sql('UPDATE a SET b = 1'), sql('DELETE FROM a')]
  const refused = 'DUSTPAN_PROFILE_REFUSED'
  expect(removals.map((removal) => main.refuses?.(removal)?.code)).toEqual([undefined, refused, undefined, refused])
})
