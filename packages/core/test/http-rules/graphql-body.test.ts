/** Placeholders in the document of a GraphQL request. */
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { answers } from '../../src/http-client/answers.ts'
import { compileRules } from '../../src/http-rules/rules.ts'
import type { Json } from '../../src/resource/resource.ts'
import { json, startApi } from '../http/api.ts'
import { connectTo, removalContext, targets } from '../http-removal/driver-calls.ts'

beforeEach(() => answers.begin())

/** The documents that are sent to remove a resource. */
async function sent(query: string, key: Json, variables?: Json) {
  const documents: Json[] = []
  const api = await startApi((_request, response, body) => {
    documents.push(JSON.parse(body).query)
    json(response, 200, { data: {} })
  })
  onTestFinished(() => api[Symbol.asyncDispose]())
  const body = { query, ...(variables === undefined ? {} : { variables }) }
  const connection = await connectTo(api.origin)
  const outcomes = await connection.remove(
    targets(api.origin, [key], { method: 'POST', url: '/graphql', body }),
    removalContext(),
  )
  return { documents, outcomes: [...outcomes.values()] }
}

test.each<[string, Json, string]>([
  ['mutation { deleteUser(id: "{id}") { ok } }', 7, 'mutation { deleteUser(id: "7") { ok } }'],
  ['mutation { deleteUser(id: {id}) { ok } }', 7, 'mutation { deleteUser(id: 7) { ok } }'],
  ['mutation { deleteUser(key: "user/{id}.") }', 'a', 'mutation { deleteUser(key: "user/a.") }'],
  ['mutation { deleteUser(ids: [{id}]) }', 7, 'mutation { deleteUser(ids: [7]) }'],
  ['mutation { deleteUser(ids: {ids}) }', 'a"b', 'mutation { deleteUser(ids: ["a\\"b"]) }'],
])('a value is filled in as an argument: %s, %j', async (query, key, expected) => {
  expect((await sent(query, key)).documents).toEqual([expected])
})

test.each<[string, Json, string]>([
  [
    'mutation { deleteUser(id: "{id}") { ok } }',
    'x") { id } b: deleteUser(id: "2',
    'x\\") { id } b: deleteUser(id: \\"2',
  ],
  ['mutation { deleteUser(id: "{id}") { ok } }', 'a\\', 'a\\\\'],
  ['mutation { deleteUser(id: "{id}") { ok } }', 'a\nb', 'a\\nb'],
])('a value cannot end the string in which it is filled in: %s, %j', async (query, key, escaped) => {
  expect((await sent(query, key)).documents).toEqual([query.replace('{id}', () => escaped)])
})

test('a removal is not sent if a value outside of a string would be more than one argument', async () => {
  const { documents, outcomes } = await sent(
    'mutation { deleteUser(id: {id}) { ok } }',
    '2) { ok } b: deleteUser(id: 3',
  )
  expect(documents).toEqual([])
  expect(outcomes).toMatchObject([
    { state: 'failed', error: { hint: expect.stringContaining('variables') }, retry: false },
  ])
})

describe('a selection of one field', () => {
  const query = 'mutation($id: ID!) { deleteUser(id: $id) {id} }'

  test('is not filled in', async () => {
    expect((await sent(query, 7, { id: '{id}' })).documents).toEqual([query])
    const nested = 'mutation($id: ID!) {deleteUser(id: $id) { user{id} "{" }}'
    expect((await sent(nested, 7, { id: '{id}' })).documents).toEqual([nested])
  })

  test('may have any name in a rule', () => {
    const body = { query: 'mutation($id: ID!) { deleteUser(id: $id) {email} }', variables: { id: '{id}' } }
    const [rule] = compileRules(
      [{ create: 'POST /graphql', remove: { method: 'POST', url: '/graphql', body } }],
      'rules',
    )
    expect(rule?.remove?.body).toEqual(body)
  })
})

test('a name that cannot be filled in is still an error in the arguments of a rule', () => {
  const body = { query: 'mutation { deleteUser(email: "{email}") { id } }' }
  expect(() =>
    compileRules([{ create: 'POST /graphql', remove: { method: 'POST', url: '/graphql', body } }], 'rules'),
  ).toThrow(expect.objectContaining({ code: 'DUSTPAN_CONFIG_INVALID', message: expect.stringContaining('{email}') }))
})

test.each([
  ['FROM users WHERE {id}', 'FROM users WHERE a"b'],
  ['{id}', 'a"b'],
  ['{ id == {id} }', '{ id == a"b }'],
])('a query in another language is filled in anywhere: %s', async (query, expected) => {
  expect((await sent(query, 'a"b')).documents).toEqual([expected])
})
