/** GraphQL documents as clients write them. */
import { expect, test } from 'vitest'
import { executedOperation } from '../../src/http-answers/graphql-operation.ts'
import type { Json } from '../../src/resource/resource.ts'

const fields = (query: string, more: { readonly [name: string]: Json } = {}) =>
  executedOperation({ query, ...more })?.fields.map(({ alias, name, args }) => [alias, name, args])

test.each<[string, Json]>([
  ['"a \\"b\\" \\\\ \\u0041 { # }"', 'a "b" \\ A { # }'],
  ['"""a "quoted" \\""" { text"""', 'a "quoted" """ { text'],
  ['""', ''],
  ['""""""', ''],
  ['-1.5e3', -1500],
  ['true', true],
  ['null', null],
  ['ADMIN', 'ADMIN'],
  ['[1, [2] "a"]', [1, [2], 'a']],
  ['{a: {b: $v}, c: [$v]}', { a: { b: 7 }, c: [7] }],
  ['$missing', null],
])('the value of the argument %s is read', (text, value) => {
  expect(fields(`mutation ($v: [Int!]! = 7) @live { f(a: ${text}) { id } }`)).toEqual([['f', 'f', { a: value }]])
})

test('comments, commas, nested fields and directives are no root fields', () => {
  const query = `# { createUser }
    mutation M($a: In = { b: [1, 2] }, $c: Int) @a(b: "{") { # mutation
      one: first(a: $a) @include(if: true) { createUser(id: 1) { id ... on User { id } ...F } },
      second @skip(if: $c)
    }
    fragment F on User @a { createPost { id } }`
  expect(fields(query, { variables: { c: true } })).toEqual([['one', 'first', { a: { b: [1, 2] } }]])
})

test('fragments contribute the fields in them', () => {
  const query =
    'mutation { ...A ... @include(if: false) { x } ... { y } } fragment A on Mutation { ...B a } fragment B on M { b }'
  expect(fields(query)?.map(([alias]) => alias)).toEqual(['b', 'a', 'y'])
})

test.each([
  'mutation { ...Missing }',
  'mutation { ...A } fragment A on M { ...A }',
  'mutation { a ',
  'mutation { a } }',
  'mutation { a(b: ) }',
  'mutation { a(b: "unclosed) }',
  'mutation { a } type User { id: ID }',
  'mutation { a % }',
  'mutation theory',
  '',
])('a document %s is not understood', (query) => {
  expect(executedOperation({ query })).toBeUndefined()
})

test('operationName selects one of several operations', () => {
  const query = 'query A { a } mutation B { b }'
  expect(executedOperation({ query, operationName: 'B' })).toMatchObject({ kind: 'mutation' })
  expect(executedOperation({ query, operationName: 'C' })).toBeUndefined()
  expect(executedOperation({ query })).toBeUndefined()
  expect(executedOperation({ query: '{ a }', operationName: null })).toMatchObject({ kind: 'query' })
})
