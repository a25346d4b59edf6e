/** Removals and restores whose path is shared with other requests: the body or a header says what they are about. */
import { expect, onTestFinished, test } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import type { HttpRule } from '../../src/resource/http-options.ts'
import type { Json } from '../../src/resource/resource.ts'
import { json, startApi } from '../http/api.ts'
import { recordingSink } from './recording-sink.ts'

interface Sent {
  readonly method?: string
  readonly path?: string
  readonly headers?: Record<string, string>
  readonly body?: Json
}

/** What is struck, and which events follow, when the test creates users 7 and 8 and then sends this request. */
async function after(rule: Partial<HttpRule>, request: Sent, answer: Json = { data: { deleteUser: { id: 7 } } }) {
  const sink = recordingSink()
  let last = 6
  const api = await startApi(({ url }, response) =>
    url === '/users' ? json(response, 201, { id: ++last }) : json(response, 200, answer),
  )
  const rules = [
    { create: 'POST /users', ...rule },
    { create: 'POST /graphql', type: 'post', status: [200], id: 'body.data.createPost.id' },
  ]
  const capture = startHttpCapture(sink, [{ name: 'http', options: { rules } }])
  onTestFinished(async () => {
    capture[Symbol.dispose]()
    await api[Symbol.asyncDispose]()
  })
  return sink.run('a', async ({ events }) => {
    for (const _ of [1, 2]) await (await fetch(`${api.origin}/users`, { method: 'POST' })).text()
    const { method = 'POST', path = '/graphql', headers = {}, body } = request
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    await (await fetch(api.origin + path, { method, headers, ...sent })).text()
    return { struck: sink.struck, events: events.slice(4) }
  })
}

const deleteUser = 'mutation Clean($id: ID!) { deleteUser(id: $id) { id } }'
const byVariables: Partial<HttpRule> = {
  remove: { request: 'POST /graphql', body: { query: deleteUser, variables: { id: '{id}' } } },
}
const inText: Partial<HttpRule> = {
  remove: { request: 'POST /graphql', body: { query: 'mutation { deleteUser(id: "{id}") { id } }' } },
}

test.each<[string, Json]>([
  ['the same text', { query: deleteUser, variables: { id: '7' } }],
  [
    'another text and other names',
    { query: 'mutation ($u: ID!) { gone: deleteUser(id: $u) { ok } }', variables: { u: 7 } },
  ],
  ['the id in the text', { query: 'mutation { deleteUser(id: 7) { id } }' }],
  ['a default value', { query: 'mutation ($id: ID = "7") { deleteUser(id: $id) { id } }' }],
  ['an operation name', { query: `query A { a } ${deleteUser}`, operationName: 'Clean', variables: { id: 7 } }],
  ['a batch', [{ query: '{ me { id } }' }, { query: deleteUser, variables: { id: 7 } }]],
  ['a fragment', { query: 'mutation { ...D } fragment D on Mutation { deleteUser(id: 7) { id } }' }],
])('a GraphQL deletion with the arguments of the removal drops the record: %s', async (_, body) => {
  for (const rule of [byVariables, inText]) expect((await after(rule, { body })).struck).toEqual(['user 7'])
})

test.each<[string, Json]>([
  ['another id', { query: deleteUser, variables: { id: '9' } }],
  ['a query', { query: 'query ($id: ID!) { deleteUser(id: $id) { id } }', variables: { id: '7' } }],
  ['another field', { query: 'mutation ($id: ID!) { updateUser(id: $id) { id } }', variables: { id: '7' } }],
  ['another argument', { query: 'mutation { deleteUser(id: 7, dryRun: true) { id } }' }],
  ['another operation', { query: `mutation A { a } ${deleteUser}`, operationName: 'A', variables: { id: 7 } }],
  [
    'a field that is left out',
    { query: 'mutation { deleteUser(id: 7) @skip(if: true) { id } deletePost(id: 7) { id } }' },
  ],
  ['a comment', { query: '# mutation { deleteUser(id: 7) { id } }\nquery { me { id } }' }],
  ['no document', { variables: { id: '7' } }],
  ['a document that cannot be parsed', { query: 'mutation { deleteUser(id: 7 { id } }' }],
])('a GraphQL request to the removal’s path that is no such deletion keeps the record: %s', async (_, body) => {
  for (const rule of [byVariables, inText]) expect((await after(rule, { body })).struck).toEqual([])
})

test('a removal without {id} in its body is only recognised by its whole body', async () => {
  const body = { query: 'mutation { deleteUser(id: 7) { id } }' }
  const fixed = { remove: { request: 'POST /graphql', body: { query: deleteUser, variables: { id: '{body.id}' } } } }
  expect((await after(fixed, { body: { query: '{ users { id } }' } })).struck).toEqual([])
  expect((await after(fixed, { body })).struck).toEqual(['user 7'])
})

test('a request that deletes and creates does both', async () => {
  const body = { query: 'mutation { deleteUser(id: 7) { id } createPost { id } }' }
  const answer = { data: { deleteUser: { id: 7 }, createPost: { id: 4 } } }
  expect(await after(byVariables, { body }, answer)).toEqual({
    struck: ['user 7'],
    events: ['intent POST /graphql', 'created post 4'],
  })
})

test('another request to the removal’s path is captured as a creation', async () => {
  const body = { query: 'mutation { createPost { id } }' }
  expect(await after(byVariables, { body }, { data: { createPost: { id: 4 } } })).toEqual({
    struck: [],
    events: ['intent POST /graphql', 'created post 4'],
  })
})

const byCall: Partial<HttpRule> = {
  remove: { request: 'POST /rpc', body: { jsonrpc: '2.0', id: 1, method: 'user.delete', params: { id: '{id}' } } },
}

test.each<[string, Json, readonly string[]]>([
  ['the same call', { jsonrpc: '2.0', id: 31, method: 'user.delete', params: { id: 7 } }, ['user 7']],
  ['a call in a batch', [{ jsonrpc: '2.0', id: 3, method: 'user.delete', params: { id: 7 } }], ['user 7']],
  ['another method', { jsonrpc: '2.0', id: 1, method: 'user.get', params: { id: 7 } }, []],
  ['another id', { jsonrpc: '2.0', id: 1, method: 'user.delete', params: { id: 9 } }, []],
  ['another parameter', { jsonrpc: '2.0', id: 1, method: 'user.delete', params: { id: 7, part: 'avatar' } }, []],
])('a JSON-RPC call drops the record if it is the removal’s: %s', async (_, body, struck) => {
  expect((await after(byCall, { path: '/rpc', body }, { result: true })).struck).toEqual(struck)
})

test.each<[string, Sent, readonly string[]]>([
  ['the same body', { path: '/trpc/user.delete', body: { id: 7 } }, ['user 7']],
  ['another id', { path: '/trpc/user.delete', body: { id: 9 } }, []],
  ['no body', { path: '/trpc/user.delete' }, []],
  ['another option', { path: '/trpc/user.delete', body: { id: 7, reason: 'test' } }, ['user 7']],
])('a removal with the id in its body drops the record if sent with %s', async (_, request, struck) => {
  const rule = { remove: { request: 'POST /trpc/user.delete', body: { id: '{id}' } } }
  expect((await after(rule, request, {})).struck).toEqual(struck)
})

test.each<[string, Sent, readonly string[]]>([
  ['no body', { path: '/users/7/archive' }, ['user 7']],
  ['another body', { path: '/users/7/archive', body: { archived: true, by: 3 } }, ['user 7']],
  ['the path of another one', { path: '/users/9/archive', body: { archived: true } }, []],
])(
  'a removal whose path names the resource before an action drops the record whatever is sent: %s',
  async (_, request, struck) => {
    const rule = { remove: { request: 'POST /users/{id}/archive', body: { archived: true } } }
    expect((await after(rule, request, {})).struck).toEqual(struck)
  },
)

test('a bulk removal drops the records that its list names', async () => {
  const rule = { remove: { request: 'POST /users/bulk', body: { operation: 'delete', ids: '{ids}' } } }
  const bulk = (operation: string) => ({ path: '/users/bulk', body: { operation, ids: [9, '8', 7] } })
  expect((await after(rule, bulk('archive'), {})).struck).toEqual([])
  expect((await after(rule, bulk('delete'), {})).struck.toSorted()).toEqual(['user 7', 'user 8'])
})

test('a removal with the id in a header drops the record only if sent with that header', async () => {
  const rule = { remove: { request: 'POST /users/remove', headers: { 'x-user-id': '{id}' } } }
  const to = (id: string) => ({ path: '/users/remove', headers: { 'X-User-Id': id } })
  expect((await after(rule, { path: '/users/remove' }, {})).struck).toEqual([])
  expect((await after(rule, to('9'), {})).struck).toEqual([])
  expect((await after(rule, to('7'), {})).struck).toEqual(['user 7'])
})

test('a change to the resource’s own path drops the record only with the body of the removal', async () => {
  const rule = { remove: { request: 'PATCH /users/{id}', body: { status: 'deleted' } } }
  const patch = (body: Json) => ({ method: 'PATCH', path: '/users/7', body })
  expect((await after(rule, patch({ status: 'active' }), {})).struck).toEqual([])
  expect((await after(rule, patch({ status: 'deleted' }), {})).struck).toEqual(['user 7'])
})

test('a DELETE of the resource’s own path drops the record with any body', async () => {
  const rule = { remove: { request: 'DELETE /users/{id}', body: { reason: 'cleanup' } } }
  expect((await after(rule, { method: 'DELETE', path: '/users/7' }, {})).struck).toEqual(['user 7'])
})

test('a DELETE of the path in `verify` drops the record, if the removal has a body', async () => {
  const rule = { ...byVariables, remove: { ...(byVariables.remove as object), verify: 'GET /users/{id}' } }
  expect((await after(rule as HttpRule, { method: 'DELETE', path: '/users/7' }, {})).struck).toEqual(['user 7'])
})
