/** GraphQL under a rule: one path for all operations, of which only some mutations create. */
import { describe, expect, onTestFinished, test } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import { json, startApi } from '../http/api.ts'
import { recordingSink } from '../http-capture/recording-sink.ts'

async function seen(sent: unknown, body: unknown, id = 'body.data.createUser.id') {
  const sink = recordingSink()
  const api = await startApi((_request, response) => json(response, 200, body))
  const rules = [{ create: 'POST /graphql', type: 'user', status: [200], id }]
  const capture = startHttpCapture(sink, [{ name: 'http', options: { rules } }])
  onTestFinished(async () => {
    capture[Symbol.dispose]()
    await api[Symbol.asyncDispose]()
  })
  return sink.run('a', async ({ events }) => {
    await (await fetch(`${api.origin}/graphql`, { method: 'POST', body: JSON.stringify(sent) })).text()
    return [...events.slice(1), ...sink.warnings]
  })
}

test.each([
  'mutation { updateUser(id: 4, name: "create {") { id createdAt } }',
  'mutation Change($id: ID!, $by: CreateInput = {a: 1}) { updateUser(id: $id) { id } }',
  'mutation { user_delete(id: 4) }',
  'mutation { deletePost(id: 4) { id } updatePost(id: 5) { id } }',
  'mutation ($id: ID!) { archive(id: $id) @include(if: true) { ...User } } fragment User on User { id createdAt }',
  '# create\nmutation { renameOrder(id: 4) { id } }',
  'mutation { logOut }',
  'mutation { deleteInvite(id: 4) updateStore { id } }',
  'mutation { setName(to: "x") { id } }',
])('a GraphQL request %s creates nothing', async (query) => {
  expect(await seen({ query }, { data: { x: { id: 4 } } })).toEqual(['none not-a-creation'])
})

test('a batch of GraphQL requests without a creation creates nothing', async () => {
  const sent = [{ query: 'mutation { updateUser { id } }' }, { query: 'query { users { id } }' }]
  expect(await seen(sent, [{ data: { updateUser: { id: 4 } } }])).toEqual(['none not-a-creation'])
})

test.each<[string, string]>([
  ['mutation { createUser { id } }', 'createUser'],
  ['mutation { createPost { id } }', 'createPost'],
  ['mutation { one: updateUser { id } two: addUser { id } }', 'addUser'],
  ['mutation { registerUser { id } }', 'registerUser'],
  ['mutation { userCreate { id } }', 'userCreate'],
  ['mutation { CREATE_USER { id } }', 'CREATE_USER'],
  ['mutation { signUp { id } }', 'signUp'],
  ['mutation { upsertUser { id } }', 'upsertUser'],
  ['mutation { placeOrder { id } }', 'placeOrder'],
  ['mutation { checkout { id } }', 'checkout'],
  ['mutation { ...Both } fragment Both on Mutation { createPost { id } }', 'createPost'],
  ['mutation { ...on Mutation { createPost { id } } }', 'createPost'],
  ['mutation { reserveSeat { id } }', 'reserveSeat'],
  ['mutation { deploy }', 'deploy'],
])('a GraphQL request %s may create, and warns with DUSTPAN_NO_ID if the rule finds no id', async (query, name) => {
  expect(await seen({ query }, { data: { x: { id: 4 } } })).toEqual([
    'none no-id',
    `DUSTPAN_NO_ID POST /graphql (${name})`,
  ])
})

test.each<[string, unknown, unknown]>([
  ['that cannot be parsed', { query: 'mutation { updateUser { id ' }, { data: { x: { id: 4 } } }],
  ['with only an operation name', { operationName: 'UpdateUser', extensions: {} }, { data: {} }],
  ['with two operations and no name', { query: 'mutation A { createUser { id } } query B { b }' }, { data: { x: 1 } }],
  [
    'with a hash',
    { variables: {}, extensions: { persistedQuery: { sha256Hash: 'a' } } },
    { data: { user: { id: 4 } } },
  ],
])('a GraphQL request %s may create, and warns with DUSTPAN_NO_ID', async (_, sent, body) => {
  expect(await seen(sent, body, 'body.data.user.id')).toEqual(['none no-id', 'DUSTPAN_NO_ID POST /graphql'])
})

test.each<[string, unknown, unknown]>([
  ['by the name in the rule', { query: 'mutation { createUser { id } }' }, { data: { createUser: { id: 7 } } }],
  [
    'by an alias of the rule for a field with a creating name',
    { query: 'mutation { createUser: addUser { id } }' },
    { data: { createUser: { id: 7 } } },
  ],
  [
    'with the document on the service',
    { operationName: 'C', variables: {}, extensions: { persistedQuery: {} } },
    { data: { createUser: { id: 7 } } },
  ],
  [
    'beside a null of another field with an error',
    { query: 'mutation { createUser { id } createPost { id } }' },
    { data: { createUser: { id: 7 }, createPost: null }, errors: [{ message: 'no' }] },
  ],
])('a GraphQL creation is tracked %s', async (_, sent, body) => {
  expect(await seen(sent, body)).toEqual(['created user 7'])
})

test('a GraphQL mutation of any name is tracked if the rule’s place names it', async () => {
  const sent = { query: 'mutation { onboardUser { id } }' }
  const body = { data: { onboardUser: { id: 7 } } }
  expect(await seen(sent, body, 'body.data.onboardUser.id')).toEqual(['created user 7'])
})

describe('what a GraphQL request did not create is not tracked', () => {
  const user = { data: { user: { id: 9 } } }

  test.each<[string, unknown]>([
    ['a query with the word in a comment', { query: '# before the mutation\nquery { user(id: 9) { id } }' }],
    ['a query with the word in a text', { query: 'query { user(name: "mutation") { id } }' }],
    [
      'a query beside a mutation',
      { query: 'query Q { user { id } } mutation M { createUser { id } }', operationName: 'Q' },
    ],
    ['an alias of a change', { query: 'mutation { user: updateUser(id: 9) { id } }' }],
    [
      'an alias of a change in a fragment',
      { query: 'mutation { ...F } fragment F on Mutation { user: setName { id } }' },
    ],
  ])('%s', async (_, sent) => {
    expect(await seen(sent, user, 'body.data.user.id')).toEqual(['none not-a-creation'])
  })

  test('an alias of a field whose name says nothing, with DUSTPAN_NO_ID', async () => {
    expect(await seen({ query: 'mutation { user: poke(id: 9) { id } }' }, user, 'body.data.user.id')).toEqual([
      'none no-id',
      'DUSTPAN_NO_ID POST /graphql (poke)',
    ])
  })

  test('a query in a batch with a mutation', async () => {
    const sent = [{ query: '{ user(id: 9) { id } }' }, { query: 'mutation { user: createUser { id } }' }]
    expect(await seen(sent, [user, { data: { user: { id: 10 } } }], 'body[].data.user.id')).toEqual(['created user 10'])
  })

  test.each<[string, object, string[]]>([
    ['created is false', { created: false }, ['none updated-existing']],
    ['it is an existing one', { alreadyExists: true }, ['none updated-existing']],
    ['it was not a success', { created: false, success: false }, ['none updated-existing']],
    ['success is false', { success: false }, ['none no-id', 'DUSTPAN_NO_ID POST /graphql']],
  ])('a payload says that %s', async (_, flags, events) => {
    const sent = { query: 'mutation { getOrCreateUser { created success user { id } } }' }
    const body = { data: { getOrCreateUser: { ...flags, user: { id: 3 } } } }
    expect(await seen(sent, body, 'body.data.getOrCreateUser.user.id')).toEqual(events)
  })

  test('one payload in a batch says that it existed', async () => {
    const one = { query: 'mutation { createUser { created user { id } } }' }
    const answer = (id: number, created: boolean) => ({ data: { createUser: { created, user: { id } } } })
    expect(await seen([one, one], [answer(3, false), answer(8, true)], 'body[].data.createUser.user.id')).toEqual([
      'created user 8',
    ])
  })
})

describe('a GraphQL request that created nothing warns about nothing', () => {
  const query = 'mutation { createUser { id } }'

  test.each<[string, unknown]>([
    ['errors alone', { errors: [{ message: 'taken' }] }],
    ['errors and null', { data: null, errors: [{ message: 'taken' }] }],
    ['errors and a null result', { data: { createUser: null }, errors: [{ message: 'taken' }] }],
    ['an error as the result', { data: { createUser: { __typename: 'Err', message: 'taken' } } }],
    ['userErrors', { data: { createUser: { user: null, userErrors: [{ message: 'taken' }] } } }],
  ])('%s', async (_, body) => {
    expect(await seen({ query }, body)).toEqual(['none rejected'])
  })
})

test('a GraphQL document with two creations of which the rule finds one is tracked in part, with DUSTPAN_NO_ID', async () => {
  const sent = { query: 'mutation { createUser { id } b: createUser { id } c: createPost { id } }' }
  const body = { data: { createUser: { id: 7 }, b: { id: 8 }, c: { id: 9 } } }
  expect(await seen(sent, body)).toEqual(['created user 7', 'DUSTPAN_NO_ID POST /graphql (createUser, createPost)'])
})

test('an item of a GraphQL batch with a result beside errors is tracked', async () => {
  const one = { query: 'mutation { createUser { id name } }' }
  const body = [
    { data: { createUser: { id: 7 } } },
    { data: { createUser: { id: 8, name: null } }, errors: [{ message: 'no name' }] },
  ]
  expect(await seen([one, one], body, 'body[].data.createUser.id')).toEqual(['created user 7', 'created user 8'])
})

test('a GraphQL result that looks like an error is tracked if the rule finds its id', async () => {
  const sent = { query: 'mutation { createPayment { paymentId status } }' }
  const body = { data: { createPayment: { paymentId: 'p7', status: 'failed' } } }
  expect(await seen(sent, body, 'body.data.createPayment.paymentId')).toEqual(['created user p7'])
})

test.each<[string, unknown, readonly string[]]>([
  ['create', { create: { id: 7 } }, ['created user 7']],
  ['update', { update: { id: 7 } }, ['none not-a-creation']],
])('a GraphQL field %s in a field for a type is judged by its own name', async (name, user, events) => {
  const sent = { query: `mutation { user { ${name}(name: "Ada") { id } } }` }
  expect(await seen(sent, { data: { user } }, `body.data.user.${name}.id`)).toEqual(events)
})

test('a resource that has a document as its own field `query` is tracked', async () => {
  expect(await seen({ name: 'all', query: 'query { users { id } }' }, { id: 7, name: 'all' }, 'body.id')).toEqual([
    'created user 7',
  ])
})

describe('a JSON-RPC call', () => {
  const call = (method: string, id = 1) => ({ jsonrpc: '2.0', method, params: {}, id })
  const result = (value: number, id = 1) => ({ jsonrpc: '2.0', id, result: { id: value } })

  test('of a creating name is tracked', async () => {
    expect(await seen(call('user.create'), result(7), 'body.result.id')).toEqual(['created user 7'])
  })

  test.each(['user.get', 'user.update', 'users/list', 'post.get'])(
    'that reads or changes creates nothing: %s',
    async (method) => {
      expect(await seen(call(method), result(5), 'body.result.id')).toEqual(['none not-a-creation'])
    },
  )

  test.each(['list.subscribe', 'status.post', 'search.start', 'log.import'])(
    'of a creating name in the namespace of a noun is tracked: %s',
    async (method) => {
      expect(await seen(call(method), result(5), 'body.result.id')).toEqual(['created user 5'])
    },
  )

  test('of an unknown name is not tracked, with DUSTPAN_NO_ID', async () => {
    expect(await seen(call('user.poke'), result(5), 'body.result.id')).toEqual([
      'none no-id',
      'DUSTPAN_NO_ID POST /graphql (user.poke)',
    ])
  })

  test('answered with an error is rejected', async () => {
    const body = { jsonrpc: '2.0', id: 1, error: { code: 1, message: 'taken' } }
    expect(await seen(call('user.create'), body, 'body.result.id')).toEqual(['none rejected'])
  })

  test('in a batch is judged by its own method, in any order', async () => {
    const sent = [call('user.get', 1), call('user.create', 2)]
    expect(await seen(sent, [result(7, 2), result(5, 1)], 'body[].result.id')).toEqual(['created user 7'])
  })
})
