import { expect, test } from 'vitest'
import { type ReadableSql, readableRemoval, readableValue, readableWhere } from '../../src/rows/readable-sql.ts'

const sql: ReadableSql = { name: (name) => name, value: readableValue, now: 'now()' }

test.for([
  [['id'], 7, undefined, 'DELETE FROM users WHERE id = 7'],
  [['name'], "o'brien", undefined, "DELETE FROM users WHERE name = 'o''brien'"],
  [['shop', 'no'], ['a', null], undefined, "DELETE FROM users WHERE (shop, no) = ('a', NULL)"],
  [['id'], 7, { gone: 'now', by: null }, 'UPDATE users SET gone = now(), by = NULL WHERE id = 7'],
] as const)('the removal by %j %j, with the mark %j, is shown as %s', ([columns, key, set, line]) => {
  expect(readableRemoval('users', readableWhere(columns, key, sql), set, sql)).toBe(line)
})

test('readableWhere() passes the position of each key part', () => {
  const value: ReadableSql['value'] = (given, part) => `${part}:${readableValue(given)}`
  expect(readableWhere(['a', 'b'], ['x', 'y'], { ...sql, value })).toBe("WHERE (a, b) = (0:'x', 1:'y')")
})
