import { expect, test } from 'vitest'
import { groupsOfTables } from '../../src/rows/table-groups.ts'

const rowsOf = (table: string, by: readonly string[], schema = 'public') => ({
  table: { schema, table, referencedBy: by.map((name) => ({ schema: 'public', table: name })) },
  targets: [{ id: `${schema}.${table}` }],
})
const nameOf = ({ table }: { readonly table: string }) => table

test('tables that refer to each other form a group, and children come before parents', () => {
  const rows = [rowsOf('teams', ['users']), rowsOf('users', ['teams', 'orders']), rowsOf('orders', [])]
  const { group, edges } = groupsOfTables(rows, nameOf)
  const circle = group.get('public.teams')
  expect(circle?.split(' + ').sort()).toEqual(['teams', 'users'])
  expect([group.get('public.users'), group.get('public.orders')]).toEqual([circle, 'orders'])
  expect(edges).toEqual([['orders', circle]])
})

test('a table that refers to itself is a group without an edge', () => {
  const { group, edges } = groupsOfTables([rowsOf('tree', ['tree'])], nameOf)
  expect([group.get('public.tree'), edges]).toEqual(['tree', []])
})

test('tables with the same name in two schemas are distinct', () => {
  const rows = [rowsOf('users', ['orders']), rowsOf('users', [], 'other'), rowsOf('orders', [])]
  const { edges } = groupsOfTables(rows, ({ schema, table }) => `${schema}.${table}`)
  expect(edges).toEqual([['public.orders', 'public.users']])
})
