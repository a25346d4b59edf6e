import { expect, test } from 'vitest'
import { sqlite } from '../src/index.ts'
import { driverOf } from './removal/harness.ts'

test.each([
  [{ fil: 'x.db' }, /drivers\.main\.options\.fil: expected one of file, softDelete, .*, found "fil"/],
  [{ file: 5 }, /drivers\.main\.options\.file: expected a path or ':memory:', found 5/],
  [{ softDelete: { users: {} } }, /options\.softDelete: expected columns and their values/],
  [{ deletion: 'gentle' }, /options\.deletion: expected 'hard', 'soft'.*found "gentle"/],
  [{ deletion: { local: true } }, /options\.deletion/],
  [{ ignoreTables: 'users' }, /options\.ignoreTables: expected a list of tables' names, found "users"/],
  [{ capture: 'yes' }, /options\.capture: expected true or false, found "yes"/],
  [{ file: 'x.db', application: { unattributed: 'guess' } }, /options\.application: expected true, false, or/],
  [{ file: 'x.db', application: { tables: [] } }, /options\.application: expected true, false, or/],
  [{ client: 'sqlite3' }, /options\.client: expected 'node:sqlite' or 'better-sqlite3', found "sqlite3"/],
  [[], /drivers\.main\.options: expected an object, found \[\]/],
])('the options %j are rejected with DUSTPAN_CONFIG_INVALID', (options, message) => {
  expect(() => driverOf(options)).toThrow(expect.objectContaining({ code: 'DUSTPAN_CONFIG_INVALID' }))
  expect(() => driverOf(options)).toThrow(message)
})

test('sqlite() returns plain data, with the name separate from the options', () => {
  expect(sqlite()).toEqual({ use: '@dustpan/sqlite', name: 'sqlite', options: {} })
  expect(sqlite({ name: 'shop', file: 'shop.db' })).toEqual({
    use: '@dustpan/sqlite',
    name: 'shop',
    options: { file: 'shop.db' },
  })
})

test('capture: false disables all instruments', () => {
  expect(driverOf({}).instruments?.map(({ module }) => module)).toEqual(['node:sqlite', 'better-sqlite3'])
  expect(driverOf({ capture: false }).instruments).toBeUndefined()
})
