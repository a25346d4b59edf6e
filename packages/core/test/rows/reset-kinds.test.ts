import { expect, test } from 'vitest'
import { kindToReset, moreToEmpty, referencedOnlyByEachOther, resetParts } from '../../src/rows/reset-kinds.ts'

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()
const spared = { types: [], ids: { item: [7] } }
const reset = (table: string, predicate: object = {}, aside = false, types: readonly string[] = []) =>
  kindToReset(table, aside, { thing: { table: 'Items' } }, { predicate, spared: { ...spared, types } }, same)

test('a table is reset under its type, except for protected rows', () => {
  expect(reset('items')).toEqual({ type: 'thing', method: 'hard', conditions: [], spared: [7], set: undefined })
  expect(reset('notes')).toMatchObject({ type: 'notes', spared: [] })
})

test.for(['thing', 'items'])('a table is selected by its type or its name: %s', (name) => {
  expect(reset('items', { types: [name] })).toMatchObject({ type: 'thing' })
  expect(reset('notes', { types: [name] })).toBeUndefined()
})

test('a type’s name selects its table, not a table of that name', () => {
  const named = (table: string) =>
    kindToReset(
      table,
      false,
      { a: { table: 'b' } },
      { predicate: { types: ['a'] }, spared: { types: [], ids: {} } },
      same,
    )
  expect(named('b')).toMatchObject({ type: 'a' })
  expect(named('a')).toBeUndefined()
})

test('a table that is left aside is reset only when named', () => {
  expect(reset('notes', {}, true)).toBeUndefined()
  expect(reset('notes', { types: ['notes'] }, true)).toMatchObject({ type: 'notes' })
})

test.for(['things', 'item'])('an excepted or protected table is not reset, even when named: %s', (name) => {
  expect(reset('items', { types: ['thing'], except: [name] })).toBeUndefined()
  expect(reset('items', { types: ['thing'] }, false, [name])).toBeUndefined()
})

test.for([
  [
    ['a', 'b', 'c'],
    ['a>b', 'b>c'],
    ['a', 'b', 'c'],
  ],
  [['b', 'c'], ['a>b', 'b>c'], []],
  [
    ['a', 'b', 'c'],
    ['a>b', 'x>c'],
    ['a', 'b'],
  ],
  [
    ['a', 'b'],
    ['a>b', 'b>a'],
    ['a', 'b'],
  ],
  [['a', 'b'], ['a>b', 'b>a', 'x>a'], []],
] as const)(
  'of the tables %j with references %j, those referenced only by each other are %j',
  ([all, references, together]) => {
    const referrersOf = (table: string) => references.filter((one) => one.endsWith(table)).map((one) => one.slice(0, 1))
    expect(referencedOnlyByEachOther<string>(all, (table) => table, referrersOf)).toEqual(together)
  },
)

test('a table that is referenced by rows that stay is not emptied as a whole', () => {
  const kindOf = (table: string, by: readonly string[]) => ({
    type: table,
    table: { schema: 'shop', table, referencedBy: by.map((name) => ({ schema: 'shop', table: name })) },
  })
  const [users, orders, notes] = [kindOf('users', ['orders']), kindOf('orders', []), kindOf('notes', [])]
  const { emptied, picked } = resetParts([users, orders, notes], (kind) => kind !== orders)
  expect([emptied, picked]).toEqual([[notes], [users, orders]])
})

test('moreToEmpty() names tables with more rows than agreed', () => {
  const kinds = [{ type: 'a' }, { type: 'b' }, { type: 'c' }]
  const agreed = new Map([
    ['a', 1],
    ['b', 2],
  ])
  expect(moreToEmpty(kinds, [1, 2, 0], agreed)).toBeUndefined()
  expect(moreToEmpty(kinds, [1, 3, 1], agreed)?.message).toContain('more rows in b, c than')
})
