/** Removals answered with a success status and an error in the body. */
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { answers } from '../../src/http-client/answers.ts'
import { errorIn } from '../../src/http-client/error-in.ts'
import type { Json } from '../../src/resource/resource.ts'
import { type Answer, type Api, json, startApi } from '../http/api.ts'
import { connectTo, removalContext, summary, tallied, targets } from '../http-removal/driver-calls.ts'

beforeEach(() => answers.begin())

async function service(answer: Answer): Promise<Api> {
  const api = await startApi(answer)
  onTestFinished(() => api[Symbol.asyncDispose]())
  return api
}

test.each<[Json, string]>([
  [{ success: false, error: 'locked' }, 'locked'],
  [{ success: false }, 'success is false'],
  [{ ok: false, message: 'no' }, 'no'],
  [{ data: null, errors: [{ message: 'forbidden' }] }, 'forbidden'],
  [{ errors: ['forbidden'] }, 'forbidden'],
  [{ errors: { id: ['is locked'] } }, 'errors is {"id":["is locked"]}'],
  [{ errors: 2 }, 'errors is 2'],
  [{ error: { code: 7, message: 'locked' } }, 'locked'],
  [{ status: 'error', message: 'locked' }, 'locked'],
  [{ statusCode: 409 }, 'statusCode is 409'],
])('%j is an error: %s', (body, reason) => {
  expect(errorIn(JSON.stringify(body))).toBe(reason)
})

test.each<Json>([
  { success: true, errors: [] },
  { ok: true, error: null },
  { data: { success: false } },
  { errors: {}, error: '' },
  { errors: 0 },
  { id: 7, status: 'failed' },
  { status: 'ok', statusCode: 200 },
  [{ success: false }],
  {},
])('%j is no error', (body) => {
  expect(errorIn(JSON.stringify(body))).toBeUndefined()
})

test.each(['', 'OK', '{"success": fal'])('the text %j is no error', (body) => {
  expect(errorIn(body)).toBeUndefined()
})

describe('a removal', () => {
  test.each([200, 202])(
    'answered %i with an error in its body fails, with a short message without secrets',
    async (status) => {
      const { origin } = await service((_request, response) =>
        json(response, status, { success: false, error: `locked by token=planted-secret ${'x'.repeat(500)}` }),
      )
      const connection = await connectTo(origin)
      const outcomes = await connection.remove(targets(origin, [1], { url: '/locked/{id}' }), removalContext())
      const outcome = outcomes.get('set.1')
      expect(outcome).toMatchObject({
        state: 'failed',
        error: {
          code: 'DUSTPAN_REMOVAL_FAILED',
          message: expect.stringContaining(`DELETE /locked/1 was answered ${status}`),
        },
        retry: {},
      })
      const { message } = (outcome as { error: Error }).error
      expect(message).toContain('but its body reports an error: locked by')
      expect(message).not.toContain('planted')
      expect(message.length).toBeLessThan(400)
    },
  )

  test('whose first step is answered with an error in its body sends no further request', async () => {
    const { origin, requests } = await service((_request, response) => json(response, 200, { ok: false }))
    const connection = await connectTo(origin)
    const spec = { url: '/carts/{id}', first: 'DELETE /mails/{id}' }
    const outcomes = await connection.remove(targets(origin, [1], spec), removalContext())
    expect(summary(outcomes.get('set.1'))).toBe('failed DUSTPAN_REMOVAL_FAILED')
    expect(requests).toEqual(['DELETE /mails/1'])
  })

  test.each<[unknown, number, string]>([
    [{ affected: 0 }, 200, 'failed DUSTPAN_REMOVAL_FAILED'],
    [{ raw: [], affected: 0 }, 404, 'already-gone 200 OK'],
    [{ acknowledged: true, deletedCount: 0 }, 403, 'failed DUSTPAN_REMOVAL_FAILED'],
    [{ deletedCount: 1 }, 200, 'removed 200 OK'],
    [{ deleted: false }, 200, 'failed DUSTPAN_REMOVAL_FAILED'],
    [{ deleted: false }, 404, 'already-gone 200 OK'],
    [false, 200, 'failed DUSTPAN_REMOVAL_FAILED'],
    [0, 200, 'failed DUSTPAN_REMOVAL_FAILED'],
    [{ result: { success: false } }, 200, 'failed DUSTPAN_REMOVAL_FAILED'],
    [[{ error: 'locked' }], 200, 'failed DUSTPAN_REMOVAL_FAILED'],
    [true, 200, 'removed 200 OK'],
    [[{ id: 1 }], 200, 'removed 200 OK'],
    [{ data: { id: 5, lastRun: { success: false } } }, 200, 'removed 200 OK'],
  ])('answered %j is checked by a probe (%i) when it reports nothing removed', async (body, look, end) => {
    const { origin } = await service(({ method }, response) =>
      json(response, method === 'DELETE' ? 200 : look, method === 'DELETE' ? body : {}),
    )
    const connection = await connectTo(origin)
    const outcomes = await connection.remove(targets(origin, [1], { url: '/cats/{id}' }), removalContext())
    expect(summary(outcomes.get('set.1'))).toBe(end)
  })

  test.each<[unknown, number, string]>([
    [{ results: [{ id: 1, status: 423 }] }, 200, 'failed DUSTPAN_REMOVAL_FAILED'],
    [{ results: [{ id: 1, status: 423 }] }, 404, 'already-gone 207 Multi-Status'],
    [{}, 200, 'failed DUSTPAN_REMOVAL_FAILED'],
    [{ results: [{ id: 1, status: 204 }] }, 200, 'removed 207 Multi-Status'],
  ])('answered 207 %j succeeds if each part succeeded, else a probe (%i) decides', async (body, look, end) => {
    const { origin } = await service(({ method }, response) =>
      json(response, method === 'DELETE' ? 207 : look, method === 'DELETE' ? body : {}),
    )
    const connection = await connectTo(origin)
    const outcomes = await connection.remove(targets(origin, [1], { url: '/dav/{id}' }), removalContext())
    expect(summary(outcomes.get('set.1'))).toBe(end)
  })

  test.each<[unknown, string]>([
    [{ data: { deleteUser: false } }, 'failed DUSTPAN_REMOVAL_FAILED'],
    [{ data: { deleteUser: true } }, 'removed 200 OK'],
    [{ data: { deleteUser: null } }, 'already-gone 200 OK (its deleteUser is null)'],
  ])('by GraphQL answered %j: %s', async (body, end) => {
    const { origin } = await service((_request, response) => json(response, 200, body))
    const connection = await connectTo(origin)
    const spec = {
      method: 'POST',
      url: '/graphql',
      body: { query: 'mutation($id: ID!) { deleteUser(id: $id) }', variables: { id: '{id}' } },
    }
    const outcomes = await connection.remove(targets(origin, [1], spec), removalContext())
    expect(summary(outcomes.get('set.1'))).toBe(end)
  })

  test('by GraphQL answered with errors fails', async () => {
    const { origin } = await service((_request, response) =>
      json(response, 200, { data: null, errors: [{ message: 'forbidden' }] }),
    )
    const connection = await connectTo(origin)
    const spec = {
      method: 'POST',
      url: '/graphql',
      body: { query: 'mutation($id: ID!) { deleteUser(id: $id) }', variables: { id: '{id}' } },
    }
    const outcome = (await connection.remove(targets(origin, [1], spec), removalContext())).get('set.1')
    expect(outcome).toMatchObject({ state: 'failed', error: { message: expect.stringContaining('error: forbidden') } })
  })
})

describe('a bulk removal', () => {
  const bulk = { method: 'POST', url: '/bulk', body: { ids: '{ids}' }, verify: 'GET /items/{id}' } as const

  test('answered with an error in its body has each resource verified', async () => {
    const { origin } = await service((request, response) => {
      if (request.method === 'POST') return json(response, 200, { success: false, message: 'some are locked' })
      json(response, request.url === '/items/2' ? 200 : 404, {})
    })
    const connection = await connectTo(origin)
    const outcomes = await connection.remove(targets(origin, [1, 2], bulk), removalContext())
    expect(tallied(outcomes)).toEqual({ 'removed 200 OK': 1, 'failed DUSTPAN_REMOVAL_FAILED': 1 })
    expect(outcomes.get('set.2')).toMatchObject({ error: { message: expect.stringContaining('some are locked') } })
  })

  test.each<[unknown, Record<string, number>]>([
    [{ deleted: 1 }, { 'removed 200 OK': 2, 'failed DUSTPAN_REMOVAL_FAILED': 1 }],
    [{ data: { deletedCount: 1 } }, { 'removed 200 OK': 2, 'failed DUSTPAN_REMOVAL_FAILED': 1 }],
    [{ deleted: [1] }, { 'removed 200 OK': 2, 'failed DUSTPAN_REMOVAL_FAILED': 1 }],
    [[{ id: 1 }, { id: 2, error: 'locked' }], { 'removed 200 OK': 2, 'failed DUSTPAN_REMOVAL_FAILED': 1 }],
    [{ deleted: 3 }, { 'removed 200 OK': 3 }],
    [{ affected: 7 }, { 'removed 200 OK': 3 }],
    [{ deleted: [1, 2, 3] }, { 'removed 200 OK': 3 }],
  ])('that reports fewer removals than requested has each resource verified: %j', async (body, ends) => {
    const { origin } = await service((request, response) => {
      if (request.method === 'POST') return json(response, 200, body)
      json(response, request.url === '/items/2' ? 200 : 404, {})
    })
    const connection = await connectTo(origin)
    const outcomes = await connection.remove(targets(origin, [1, 2, 3], bulk), removalContext({ verify: 'none' }))
    expect(tallied(outcomes)).toEqual(ends)
  })

  test('that skipped as many as it did not remove has only the skipped ones verified', async () => {
    const { origin, requests } = await service(({ method }, response) =>
      json(response, method === 'POST' ? 200 : 404, { deleted: 1, skipped: [{ id: 2 }, { id: 3 }] }),
    )
    const connection = await connectTo(origin)
    const spec = { ...bulk, skipped: 'body.skipped' }
    const outcomes = await connection.remove(targets(origin, [1, 2, 3], spec), removalContext())
    expect(tallied(outcomes)).toEqual({ 'removed 200 OK': 1, 'already-gone skipped': 2 })
    expect(requests.toSorted()).toEqual(['GET /items/2', 'GET /items/3', 'POST /bulk'])
  })

  test('with a `failed` rule has the other resources removed without verification', async () => {
    const { origin, requests } = await service((_request, response) =>
      json(response, 200, { success: false, errors: [{ id: 2, message: 'locked' }] }),
    )
    const connection = await connectTo(origin)
    const spec = { ...bulk, failed: 'body.errors' }
    const outcomes = await connection.remove(targets(origin, [1, 2], spec), removalContext())
    expect(tallied(outcomes)).toEqual({ 'removed 200 OK': 1, 'failed DUSTPAN_REMOVAL_FAILED': 1 })
    expect(requests).toEqual(['POST /bulk'])
  })
})

test('a removal by predicate answered with an error in its body fails', async () => {
  const { origin } = await service((_request, response) => json(response, 200, { success: false, error: 'locked' }))
  const connection = await connectTo(origin, { byPredicate: { item: { run: 'DELETE /items?run={run}' } } })
  const selection = { predicate: { run: 'r1' }, spared: { types: [], ids: {} } } as never
  const agreed = new Map([['item', Number.POSITIVE_INFINITY]])
  const matches = await connection.removeWhere?.(selection, agreed, removalContext())
  expect(matches?.kinds).toMatchObject([
    { type: 'item', left: [{ error: { message: expect.stringContaining('locked') } }] },
  ])
})

test('a restore answered with an error in its body fails', async () => {
  const { origin } = await service((_request, response) => json(response, 200, { success: false, message: 'too late' }))
  const connection = await connectTo(origin)
  const spec = { url: '/items/{id}', restore: 'PATCH /items/{id}/activate' }
  const restored = await connection.restore?.(targets(origin, [1], spec), removalContext())
  expect(restored?.get('set.1')).toMatchObject({
    state: 'failed',
    error: { message: expect.stringContaining('too late') },
  })
})
