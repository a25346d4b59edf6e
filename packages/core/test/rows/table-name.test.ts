import { expect, test } from 'vitest'
import { byTableName, parseTableName, wantedTable } from '../../src/rows/table-name.ts'

test.each([
  ['users', { table: 'users' }],
  ['shop.users', { schema: 'shop', table: 'users' }],
  ['"my shop"."a ""b"".c"', { schema: 'my shop', table: 'a "b".c' }],
  ['shop."Users"', { schema: 'shop', table: 'Users' }],
  ['`users`', { table: '`users`' }],
])('%s is parsed as a table name', (text, name) => {
  expect(parseTableName(text, '"')).toEqual(name)
})

test.each(['', 'a b', 'a.b.c', '"a', '.a', 'users; DROP TABLE users'])('%j is not a table name', (text) => {
  expect(parseTableName(text, '"')).toBeUndefined()
})

test('names in backticks are parsed with that quote', () => {
  expect(parseTableName('`my shop`.`a ``b`', '`')).toEqual({ schema: 'my shop', table: 'a `b' })
})

test('wantedTable() takes invalid SQL names literally', () => {
  expect(wantedTable('a b', '"')).toEqual({ schema: null, table: 'a b' })
  expect(wantedTable('shop.users', '"')).toEqual({ schema: 'shop', table: 'users' })
})

test('byTableName() prefers an option with a schema to one without, which applies to every schema', () => {
  const find = byTableName(Object.entries({ users: 1, 'w1.users': 2, 'w1.orders': 3 }), '"')
  expect(find({ schema: 'public', table: 'users' })).toBe(1)
  expect(find({ schema: 'w1', table: 'users' })).toBe(2)
  expect(find({ schema: 'w2', table: 'users' })).toBe(1)
  expect(find({ schema: 'w2', table: 'orders' })).toBeUndefined()
  expect(find({ schema: null, table: 'orders' })).toBe(3)
})
