import { expect, test } from 'vitest'
import { clickhouse } from '../src/index.ts'
import { driverOf } from './world.ts'

test('clickhouse() returns plain configuration data', () => {
  const options = { url: { env: 'CLICKHOUSE_URL' } }
  expect(clickhouse({ name: 'events', ...options })).toEqual({ use: '@dustpan/clickhouse', name: 'events', options })
  expect(clickhouse()).toEqual({ use: '@dustpan/clickhouse', name: 'clickhouse', options: {} })
})

test.for([
  [{ url: 'postgres://localhost' }, 'options.url'],
  [{ url: 7 }, 'options.url'],
  [{ uri: 'http://localhost' }, 'options.uri'],
  [{ softDelete: { users: {} } }, 'options.softDelete'],
  [{ softDelete: { users: { at: [] } } }, 'options.softDelete'],
  [{ deletion: 'gentle' }, 'options.deletion'],
  [{ kinds: { users: { age: 'x' } } }, 'options.kinds'],
  [{ owners: {} }, 'options.owners'],
  [{ capture: 'yes' }, 'options.capture'],
  ['clickhouse', 'options'],
] as const)('DUSTPAN_CONFIG_INVALID: %j', ([options, path]) => {
  expect(() => driverOf(options)).toThrow(
    expect.objectContaining({
      code: 'DUSTPAN_CONFIG_INVALID',
      message: expect.stringContaining(`drivers.main.${path}:`),
    }),
  )
})

test('the password of an invalid url is not in the error message', () => {
  expect(() => driverOf({ url: 'tcp://user:secret@localhost:9000' })).toThrow(
    expect.objectContaining({ message: expect.stringMatching(/found "tcp:\/\/…@localhost:9000"$/) }),
  )
})

test('an instance serves every database of its server and leads to its own', () => {
  const driver = driverOf({ url: 'http://user:secret@127.0.0.1:8123/shop' })
  expect(driver.ownStore?.()).toBe('clickhouse://localhost:8123/shop')
  expect(driver.serves?.({ id: 'clickhouse://localhost:8123/logs#1' })).toBe(true)
  expect(driver.leadsTo?.({ id: 'clickhouse://localhost:8123/logs#1' })).toBe(false)
  expect(driver.leadsTo?.({ id: 'clickhouse://localhost:8123/shop#1' })).toBe(true)
  expect(driver.serves?.({ id: 'clickhouse://localhost:8124/shop' })).toBe(false)
  expect(driver.serves?.({ id: 'postgres://localhost:8123/shop' })).toBe(false)
  expect(driverOf({}).serves?.({ id: 'clickhouse://other:1/shop' })).toBe(true)
})

test('DUSTPAN_INVALID_ARGUMENT: track() options without a valid table, key and rows', () => {
  const driver = driverOf({ url: 'http://localhost:8123/shop' })
  for (const spec of [{}, { table: '' }, { table: 'users', key: 7 }, { table: 'users', rows: 0 }])
    expect(() => driver.removal?.(spec, [1])).toThrow(expect.objectContaining({ code: 'DUSTPAN_INVALID_ARGUMENT' }))
  const { removal } = driver.removal?.({ table: 'users', key: 'id', rows: 'any' }, [1]) ?? {}
  expect(removal).toMatchObject({ op: 'delete-rows', args: { table: 'users', columns: ['id'], rows: 'any' } })
  expect(removal && driver.describe(removal, 7)).toBe('ALTER TABLE users DELETE WHERE id = 7')
})

test('DUSTPAN_PROFILE_REFUSED: with soft-only deletion, removals that would delete rows are refused', () => {
  const profile = {
    remove: true,
    deletion: 'soft-only',
    database: true,
    byPredicate: 'never',
    reset: false,
    limit: 1,
  } as const
  const softDelete = { users: { active: 0 } }
  const driver = driverOf({ url: 'http://localhost:8123/shop', softDelete }, { profile })
  const refused = (spec: { [name: string]: string }) =>
    driver.refuses?.(driver.removal?.(spec, [1]).removal ?? (undefined as never))?.code
  expect(refused({ table: 'users' })).toBeUndefined()
  expect(refused({ table: 'events' })).toBe('DUSTPAN_PROFILE_REFUSED')
  expect(refused({ sql: 'ALTER TABLE users DELETE WHERE id = {id}' })).toBe('DUSTPAN_PROFILE_REFUSED')
  expect(refused({ sql: 'ALTER TABLE users UPDATE active = 0 WHERE id = {id}' })).toBeUndefined()
})
