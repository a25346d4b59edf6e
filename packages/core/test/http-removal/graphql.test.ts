/** Removals by GraphQL, whose answer has status 200 whatever happened. */
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { answers } from '../../src/http-client/answers.ts'
import type { Json } from '../../src/resource/resource.ts'
import { type Api, json, startApi } from '../http/api.ts'
import { connectTo, removalContext, summary, targets } from './driver-calls.ts'

beforeEach(() => answers.begin())

/** Answers each GraphQL request as given, and everything else with a status. */
async function service(answer: (body: { variables: { [name: string]: Json } }) => unknown, look = 404): Promise<Api> {
  const api = await startApi((request, response, body) =>
    request.method === 'POST'
      ? json(response, 200, answer(JSON.parse(body)))
      : json(response, look, look === 200 ? { id: 1 } : {}),
  )
  onTestFinished(() => api[Symbol.asyncDispose]())
  return api
}

const deleteUser = (more: object = {}) => ({
  ...{ method: 'POST', url: '/graphql' },
  body: { query: 'mutation($id: ID!) { deleteUser(id: $id) { id } }', variables: { id: '{id}' } },
  ...more,
})

async function removed({ origin }: Api, spec: { readonly [part: string]: Json }, keys: readonly Json[] = [1]) {
  const connection = await connectTo(origin)
  const warnings: string[] = []
  const warn = (code: string, message: string) => void warnings.push(`${code} ${message}`)
  const outcomes = await connection.remove(targets(origin, keys, spec), removalContext({ warn }))
  return { outcomes, warnings, ends: keys.map((key) => summary(outcomes.get(`set.${key}`))) }
}

describe('a removal whose result is null', () => {
  const none = { data: { deleteUser: null } }

  test('fails if `verify` shows the resource', async () => {
    const { outcomes, warnings } = await removed(
      await service(() => none, 200),
      deleteUser({ verify: 'GET /users/{id}' }),
    )
    expect(outcomes.get('set.1')).toMatchObject({
      state: 'failed',
      error: { message: expect.stringContaining('deleteUser is null') },
    })
    expect(warnings).toEqual([])
  })

  test('counts as already gone, with a DUSTPAN_GONE_UNPROVEN warning, if nothing can be checked', async () => {
    const { ends, warnings } = await removed(await service(() => none), deleteUser(), [1, 2])
    expect(ends).toEqual(Array(2).fill('already-gone 200 OK (its deleteUser is null)'))
    expect(new Set(warnings).size).toBe(1)
    expect(warnings[0]).toMatch(/^DUSTPAN_GONE_UNPROVEN POST \/graphql was answered 200 OK \(its deleteUser is null\)/)
  })

  test('counts as already gone, without a warning, if the same mutation has removed something', async () => {
    const api = await service(({ variables }) => (variables.id === 1 ? none : { data: { deleteUser: { id: 2 } } }))
    expect(await removed(api, deleteUser(), [2, 1])).toMatchObject({
      ends: ['removed 200 OK', 'already-gone 200 OK (its deleteUser is null)'],
      warnings: [],
    })
  })

  test('is not explained by what another mutation has removed', async () => {
    const api = await service(({ variables }) =>
      variables.id === 1 ? { data: { deletePost: null } } : { data: { deleteUser: { id: 2 } } },
    )
    await removed(api, deleteUser(), [2])
    const body = { query: 'mutation($id: ID!) { deletePost(id: $id) { id } }', variables: { id: '{id}' } }
    expect((await removed(api, deleteUser({ body }))).warnings).toHaveLength(1)
  })

  test('is a removal if the body is not GraphQL', async () => {
    const spec = { method: 'POST', url: '/purge', body: { id: '{id}' } }
    expect((await removed(await service(() => ({ data: { user: null } })), spec)).ends).toEqual(['removed 200 OK'])
  })
})

test.each<[string, Json]>([
  ['an error type of a union', { deleteUserResult: { __typename: 'Err', message: 'locked' } }],
  ['an error type under any name', { archiveUser: { __typename: 'UserNotFoundError' } }],
  ['success: false under any name', { archiveUser: { success: false } }],
  ['a count of 0', { delete_users: { affected_rows: 0 } }],
  ['the number 0', { deleteUsers: 0 }],
  ['an empty list', { delete_users: { returning: [] } }],
])('a removal by GraphQL fails if its result is %s and nothing can be checked', async (_, data) => {
  const { ends } = await removed(await service(() => ({ data })), deleteUser())
  expect(ends).toEqual(['failed DUSTPAN_REMOVAL_FAILED'])
})

test.each<[string, Json]>([
  ['a resource', { deleteUser: { __typename: 'User', id: 1, deleted: null } }],
  ['an empty object', { deleteUser: {} }],
  ['an id', { deleteUser: 1 }],
  ['a list', { deleteUsers: [{ id: 1 }] }],
  ['a report of errors as a resource', { deleteUser: { __typename: 'ErrorReport', id: 1 } }],
])('a removal by GraphQL has succeeded if its result is %s', async (_, data) => {
  expect((await removed(await service(() => ({ data })), deleteUser())).ends).toEqual(['removed 200 OK'])
})

describe('a bulk removal by GraphQL', () => {
  const bulk = {
    ...{ method: 'POST', url: '/graphql', verify: 'GET /users/{id}' },
    body: { query: 'mutation($ids: [ID!]!) { deleteUsers(ids: $ids) }', variables: { ids: '{ids}' } },
  }

  test.each<Json>([
    { delete_users: { affected_rows: 1 } },
    { deleteUsers: 1 },
    { deleteUsers: { count: 1 } },
    { deleteUsers: [{ id: 1 }] },
    { deleteUsers: [{ id: 1 }, null, { __typename: 'NotFoundError' }] },
    { delete_users: { returning: [{ id: 1 }] } },
    { deleteUsers: null },
  ])('that reports fewer removals than requested has each resource verified: %j', async (data) => {
    const api = await service(() => ({ data }), 200)
    const { ends } = await removed(api, bulk, [1, 2, 3])
    expect(ends).toEqual(Array(3).fill('failed DUSTPAN_REMOVAL_FAILED'))
    expect(api.requests).toHaveLength(4)
  })

  test.each<Json>([
    { delete_users: { affected_rows: 3 } },
    { deleteUsers: 3 },
    { deleteUsers: [{ id: 1 }, { id: 2 }, { id: 3 }] },
    { deleteUsers: true },
  ])('that reports all as removed is believed: %j', async (data) => {
    const api = await service(() => ({ data }))
    const { ends } = await removed(api, { ...bulk, verify: false }, [1, 2, 3])
    expect(ends).toEqual(Array(3).fill('removed 200 OK'))
    expect(api.requests).toHaveLength(1)
  })
})
