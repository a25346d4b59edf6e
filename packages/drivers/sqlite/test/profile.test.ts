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

/** The option softDelete marks rows of `users`, not of `logs`. */
test.each<[profile: Profile['deletion'], option: 'hard' | 'soft' | undefined, users: string, logs: string]>([
  ['configured', undefined, 'UPDATE', 'DELETE'],
  ['configured', 'hard', 'DELETE', 'DELETE'],
  ['hard', undefined, 'DELETE', 'DELETE'],
  ['hard', 'soft', 'UPDATE', 'DELETE'],
  ['soft', undefined, 'UPDATE', 'DELETE'],
  ['soft', 'hard', 'UPDATE', 'DELETE'],
  ['soft-only', undefined, 'UPDATE', 'DUSTPAN_PROFILE_REFUSED'],
  ['soft-only', 'hard', 'UPDATE', 'DUSTPAN_PROFILE_REFUSED'],
])('profile %s and option %s: removing a row of users gives %s, of logs %s', (profile, deletion, users, logs) => {
  const main = driver(profile, deletion ? { deletion } : {})
  const how = (table: string) => main.refuses?.(row(table))?.code ?? main.describe(row(table), 1).split(' ')[0]
  expect([how('users'), how('logs')]).toEqual([users, logs])
})

test('with soft-only deletion, statements other than UPDATE are refused with DUSTPAN_PROFILE_REFUSED', () => {
  const main = driver('soft-only')
  const codes = ['UPDATE users SET gone = 1', 'DELETE FROM users', 'REPLACE INTO users VALUES (1)'].map(
    (text) => main.refuses?.(sql(text))?.code,
  )
  expect(codes).toEqual([undefined, 'DUSTPAN_PROFILE_REFUSED', 'DUSTPAN_PROFILE_REFUSED'])
  expect(driver('soft').refuses?.(sql('DELETE FROM users'))).toBeUndefined()
})

test('a refusal names the table and the softDelete option that would mark its rows', () => {
  expect(driver('soft-only').refuses?.(row('logs'))).toMatchObject({
    message: `Rows of logs are not deleted: the profile of "production" has deletion: 'soft-only', so resources may only be marked as deleted.`,
    hint: `Say how they are marked: softDelete: { "logs": { deleted_at: 'now' } }`,
  })
})

test('typeOf() returns the table of a row removal, and undefined for SQL', () => {
  const { typeOf } = driver('hard')
  expect([row('users'), sql('DELETE')].map((one) => typeOf?.(one))).toEqual(['users', undefined])
})
