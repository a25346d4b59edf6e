import { expect, test } from 'vitest'
import { isDustpanError } from '../../src/errors/dustpan-error.ts'
import type { Profile } from '../../src/resource/profile.ts'
import { beyondMarking, marksOf } from '../../src/rows/row-marks.ts'

const set = { deleted_at: 'now' }
const tables = (deletion?: 'hard' | 'soft' | { readonly [environment: string]: 'hard' | 'soft' }) => ({
  deletion,
  setFor: (table: string) => (table === 'users' ? set : undefined),
  nameOf: (table: string) => table,
})
const where = (deletion: Profile['deletion'] = 'configured') => ({
  ...{ driver: 'main', environment: 'test', profile: { deletion } as Profile },
})
const removal = { driver: 'main', op: 'delete-row', v: 1, args: { table: 'orders' } }

test('rows are soft-deleted in tables with a mark, and deleted elsewhere', () => {
  const marks = marksOf(tables(), where())
  expect([marks(removal, 'users'), marks(removal, 'orders')]).toEqual([set, undefined])
})

test('deletion: hard for the environment deletes all rows, except by a soft-delete removal', () => {
  const marks = marksOf(tables({ test: 'hard' }), where())
  expect(marks(removal, 'users')).toBeUndefined()
  expect(marks({ ...removal, op: 'soft-delete', args: { set: { gone: true } } }, 'users')).toEqual({ gone: true })
})

test.each([
  ['soft', 'configured', 'DUSTPAN_CONFIG_INVALID'],
  [undefined, 'soft-only', 'DUSTPAN_PROFILE_REFUSED'],
] as const)('without a mark, rows that must be soft-deleted (%s, %s) are refused', (deletion, profile, code) => {
  const marks = marksOf(tables(deletion), where(profile))
  expect(marks(removal, 'users')).toEqual(set)
  const refused = beyondMarking(marks, 'test', () => 'orders')(removal)
  expect(isDustpanError(refused) && refused.code).toBe(code)
})

test.each([
  ['UPDATE users SET gone = 1', undefined],
  ['DELETE FROM users', 'DUSTPAN_PROFILE_REFUSED'],
])('a statement is run only if it cannot delete under soft-only: %s', (sql, code) => {
  const refused = beyondMarking(marksOf(tables(), where('soft-only')), 'test', () => 'users')
  expect(refused({ ...removal, op: 'sql', args: { sql } })?.code).toBe(code)
})

test('restoring a row is allowed under soft-only', () => {
  const refused = beyondMarking(marksOf(tables(), where('soft-only')), 'test', () => 'orders')
  expect(refused({ ...removal, op: 'restore-row' })).toBeUndefined()
})
