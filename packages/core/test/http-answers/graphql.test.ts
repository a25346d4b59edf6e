/** GraphQL under a rule: one path for all operations, of which only some mutations create. */
import { expect, onTestFinished, test } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import { json, startApi } from '../http/api.ts'
import { recordingSink } from '../http-capture/recording-sink.ts'

async function seen(sent: unknown, body: unknown) {
  const sink = recordingSink()
  const api = await startApi((_request, response) => json(response, 200, body))
  const rules = [{ create: 'POST /graphql', type: 'user', status: [200], id: 'body.data.createUser.id' }]
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

test.each([
  'mutation { createUser { id } }',
  'mutation { createPost { id } }',
  'mutation { one: updateUser { id } two: addUser { id } }',
  'mutation { registerUser { id } }',
  'mutation { userCreate { id } }',
  'mutation { CREATE_USER { id } }',
  'mutation { signUp { id } }',
  'mutation { upsertUser { id } }',
  'mutation { placeOrder { id } }',
  'mutation { checkout { id } }',
  'mutation { ...Both } fragment Both on Mutation { createPost { id } }',
  'mutation { ...on Mutation { createPost { id } } }',
  'mutation { updateUser { id ',
])('a GraphQL request %s may create, and warns with DUSTPAN_NO_ID if the rule finds no id', async (query) => {
  expect(await seen({ query }, { data: { x: { id: 4 } } })).toEqual(['none no-id', 'DUSTPAN_NO_ID POST /graphql'])
})

test('a GraphQL request with only an operation name may create, and warns with DUSTPAN_NO_ID', async () => {
  expect(await seen({ operationName: 'UpdateUser', extensions: {} }, { data: {} })).toEqual([
    'none no-id',
    'DUSTPAN_NO_ID POST /graphql',
  ])
})

test('a GraphQL mutation of any name is tracked if the rule’s id is in the response', async () => {
  expect(
    await seen({ query: 'mutation { createUser: updateUser { id } }' }, { data: { createUser: { id: 7 } } }),
  ).toEqual(['created user 7'])
})
