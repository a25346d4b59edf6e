import { expect, test } from 'vitest'
import { parseTableName, wantedTable } from '../../src/rows/table-name.ts'

test.each([
  ['users', { table: 'users' }],
  ['shop.users', { schema: 'shop', table: 'users' }],
  ['"my shop"."a ""b"".c"', { schema: 'my shop', table: 'a "b".c' }],
  ['shop."Users"', { schema: 'shop', table: 'Users' }],
  ['`users`', { table: '`users`' }],
])('%s is a name', (text, name) => {
  expect(parseTableName(text, '"')).toEqual(name)
})

test.each(['', 'a b', 'a.b.c', '"a', '.a', 'users; DROP TABLE users'])('%j is none', (text) => {
  expect(parseTableName(text, '"')).toBeUndefined()
})

test('names in backticks are parsed where these are the quotes', () => {
  expect(parseTableName('`my shop`.`a ``b`', '`')).toEqual({ schema: 'my shop', table: 'a `b' })
})

test('what is no name in SQL is a table’s all the same', () => {
  expect(wantedTable('a b', '"')).toEqual({ schema: null, table: 'a b' })
  expect(wantedTable('shop.users', '"')).toEqual({ schema: 'shop', table: 'users' })
})
