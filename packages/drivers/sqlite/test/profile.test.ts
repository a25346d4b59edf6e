import { driverContext } from '@dustpan/conformance/drivers/driver'
import type { Profile } from '@dustpan/core'
import type { Json } from '@dustpan/core/driver'
import { expect, test } from 'vitest'
import { createDriver } from '../src/index.ts'

function driver(deletion: Profile['deletion'], options: object = {}) {
  const limits = { remove: true, database: true, byPredicate: 'never', reset: false, limit: 0 } as const
  const profile: Profile = { ...limits, deletion }
  const softDelete = { users: { deleted_at: 'now' } }
  return createDriver('main', { softDelete, ...options }, driverContext('/', { environment: 'production', profile }))
}

const removal = (op: string, args: Json) => ({ driver: 'main', op, v: 1, args })
const row = (table: string) => removal('delete-row', { table })
const sql = (text: string) => removal('sql', { sql: text, params: [] })

/** Of a table that is marked by the options, and of one that is not. */
test.each<[profile: Profile['deletion'], option: 'hard' | 'soft' | undefined, users: string, logs: string]>([
  ['configured', undefined, 'UPDATE', 'DELETE'],
  ['configured', 'hard', 'DELETE', 'DELETE'],
  ['hard', undefined, 'DELETE', 'DELETE'],
  ['hard', 'soft', 'UPDATE', 'DELETE'],
  ['soft', undefined, 'UPDATE', 'DELETE'],
  ['soft', 'hard', 'UPDATE', 'DELETE'],
  ['soft-only', undefined, 'UPDATE', 'DUSTPAN_PROFILE_REFUSED'],
  ['soft-only', 'hard', 'UPDATE', 'DUSTPAN_PROFILE_REFUSED'],
])('profile %s, option %s: users by %s, logs by %s', (profile, deletion, users, logs) => {
  const main = driver(profile, deletion ? { deletion } : {})
  const how = (table: string) => main.refuses?.(row(table))?.code ?? main.describe(row(table), 1).split(' ')[0]
  expect([how('users'), how('logs')]).toEqual([users, logs])
})

test('where rows may only be marked, a statement must be an update', () => {
  const main = driver('soft-only')
  const codes = ['UPDATE users SET gone = 1', 'DELETE FROM users', 'REPLACE INTO users VALUES (1)'].map(
    (text) => main.refuses?.(sql(text))?.code,
  )
  expect(codes).toEqual([undefined, 'DUSTPAN_PROFILE_REFUSED', 'DUSTPAN_PROFILE_REFUSED'])
  expect(driver('soft').refuses?.(sql('DELETE FROM users'))).toBeUndefined()
})

test('a refusal says which table, and how its rows could be marked', () => {
  expect(driver('soft-only').refuses?.(row('logs'))).toMatchObject({
    message: `Rows of logs are not deleted: the profile of "production" has deletion: 'soft-only', so resources may only be marked as deleted.`,
    hint: `Say how they are marked: softDelete: { "logs": { deleted_at: 'now' } }`,
  })
})

test('the table is the type, whatever a record calls it', () => {
  const { typeOf } = driver('hard')
  expect([row('users'), sql('DELETE')].map((one) => typeOf?.(one))).toEqual(['users', undefined])
})
