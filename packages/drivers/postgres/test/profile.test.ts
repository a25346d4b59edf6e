import { driverContext } from '@dustpan/conformance/drivers/driver'
import type { Profile } from '@dustpan/core'
import type { Json } from '@dustpan/core/driver'
import pg from 'pg'
import { expect, test } from 'vitest'
import { rememberSettings } from '../src/capture/captured-clients.ts'
import { createDriver } from '../src/index.ts'

function driver(deletion: Profile['deletion'], options: object = {}) {
  const limits = { remove: true, database: true, byPredicate: 'never', reset: false, limit: 0 } as const
  const profile: Profile = { ...limits, deletion }
  const softDelete = { users: { deleted_at: 'now' } }
  return createDriver('main', { softDelete, ...options }, driverContext('/', { environment: 'production', profile }))
}

const removal = (op: string, args: Json) => ({ driver: 'main', op, v: 1, args })
const row = (table: string, schema: string | null = null) => removal('delete-row', { table, schema })
const sql = (text: string) => removal('sql', { sql: text })

/** `users` has softDelete, `logs` does not. */
test.each<[profile: Profile['deletion'], option: 'hard' | 'soft' | undefined, users: string, logs: string]>([
  ['configured', undefined, 'UPDATE', 'DELETE'],
  ['configured', 'hard', 'DELETE', 'DELETE'],
  ['configured', 'soft', 'UPDATE', 'delete-row'],
  ['hard', undefined, 'DELETE', 'DELETE'],
  ['hard', 'hard', 'DELETE', 'DELETE'],
  ['hard', 'soft', 'UPDATE', 'delete-row'],
  ['soft', undefined, 'UPDATE', 'DELETE'],
  ['soft', 'hard', 'UPDATE', 'DELETE'],
  ['soft', 'soft', 'UPDATE', 'delete-row'],
  ['soft-only', undefined, 'UPDATE', 'DUSTPAN_PROFILE_REFUSED'],
  ['soft-only', 'hard', 'UPDATE', 'DUSTPAN_PROFILE_REFUSED'],
  ['soft-only', 'soft', 'UPDATE', 'DUSTPAN_PROFILE_REFUSED'],
])(
  'with the profile %s and the option %s, users are removed by %s and logs by %s',
  (profile, deletion, users, logs) => {
    const main = driver(profile, deletion ? { deletion } : {})
    const how = (table: string) => {
      const refused = main.refuses?.(row(table))
      if (refused) return refused.code
      try {
        return main.describe(row(table), 1).split(' ')[0]
      } catch (error) {
        return (error as { code: string }).code === 'DUSTPAN_CONFIG_INVALID' ? 'delete-row' : error
      }
    }
    expect([how('users'), how('logs')]).toEqual([users, logs])
  },
)

test("with deletion: 'soft-only', a custom statement must be an UPDATE", () => {
  const main = driver('soft-only')
  const codes = [
    'UPDATE users SET gone = true',
    '\n  update users set x = 1',
    'DELETE FROM users',
    'WITH x AS (DELETE FROM users) SELECT 1',
  ].map((text) => main.refuses?.(sql(text))?.code)
  expect(codes).toEqual([undefined, undefined, 'DUSTPAN_PROFILE_REFUSED', 'DUSTPAN_PROFILE_REFUSED'])
  expect(driver('soft').refuses?.(sql('DELETE FROM users'))).toBeUndefined()
})

test('a refusal names the table and says how its rows could be marked', () => {
  expect(driver('soft-only').refuses?.(row('logs', 'audit'))).toMatchObject({
    message: `Rows of audit.logs are not deleted: the profile of "production" has deletion: 'soft-only', so resources may only be marked as deleted.`,
    hint: `Say how they are marked: softDelete: { "audit.logs": { deleted_at: 'now' } }`,
  })
})

test('the type of a row is the name of its table', () => {
  const { typeOf } = driver('hard')
  expect(
    [row('users'), row('users', 'public'), row('users', 'shop'), sql('DELETE')].map((one) => typeOf?.(one)),
  ).toEqual([...['users', 'users', 'shop.users', undefined]])
})

test('the id of a store behind a Cloud SQL socket names the socket and not localhost', () => {
  const url = 'postgres://me:pw@localhost/shop?host=/cloudsql/project:eu:shop'
  expect(driver('hard', { url }).removal?.({ table: 'users' }, [1])?.store.id).toBe(
    'postgres://%2Fcloudsql%2Fproject%3Aeu%3Ashop:5432/shop',
  )
})

test('the guard can refuse the user of a captured client before the driver connects as that user', async () => {
  const store = { driver: 'main', id: 'postgres://localhost:1/guarded#7.8' }
  const settings = { host: 'localhost', port: 1, user: 'prod admin', password: 'pa55word', database: 'guarded' }
  rememberSettings(store.id, { ...settings, Client: pg.Client })
  const asked: string[] = []
  const guard = (address: string) => {
    asked.push(address)
    throw new Error('refused by the guard')
  }
  const connecting = driver('hard').connect(store, { signal: new AbortController().signal, deadline: Infinity, guard })
  await expect(connecting).rejects.toThrow('refused by the guard')
  expect(asked).toEqual(['postgres://prod%20admin@localhost:1/guarded'])
})
