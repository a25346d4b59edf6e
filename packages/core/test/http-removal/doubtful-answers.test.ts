/** Answers to a removal, and to the check after it, that need a second look. */
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { answers } from '../../src/http-client/answers.ts'
import type { Json } from '../../src/resource/resource.ts'
import { type Answer, type Api, json, startApi } from '../http/api.ts'
import { connectTo, removalContext, summary, targets } from './driver-calls.ts'

beforeEach(() => answers.begin())

async function service(answer: Answer): Promise<Api> {
  const api = await startApi(answer)
  onTestFinished(() => api[Symbol.asyncDispose]())
  return api
}

async function removed({ origin }: Api, spec: { readonly [part: string]: Json }, keys: readonly Json[] = [1]) {
  const connection = await connectTo(origin)
  const outcomes = await connection.remove(targets(origin, keys, spec), removalContext())
  return { outcomes, ends: keys.map((key) => summary(outcomes.get(`set.${key}`))) }
}

describe('a removal answered 409', () => {
  const revisioned = { error: 'conflict', reason: 'Document update conflict.' }

  test('is not retried if the service misses a revision, and the hint says how to give it', async () => {
    const api = await service((_request, response) => json(response, 409, revisioned))
    const { outcomes } = await removed(api, { url: '/shop/{id}' })
    expect(outcomes.get('set.1')).toMatchObject({
      ...{ state: 'failed', retry: false },
      error: { code: 'DUSTPAN_REMOVAL_FAILED', hint: expect.stringContaining('?rev={body.rev}') },
    })
  })

  test.each<Json>([{}, { error: 'Conflict', message: 'has open orders' }, { error: 'conflict' }])(
    'is retried if it may end: %j',
    async (body) => {
      const api = await service((_request, response) => json(response, 409, body))
      const { outcomes } = await removed(api, { url: '/shop/{id}' })
      expect(outcomes.get('set.1')).toMatchObject({ state: 'failed', retry: {} })
    },
  )
})

describe('a 404 to credentials that have received no other answer', () => {
  /** Answers 404 to each removal. */
  const hiding = (known: { readonly [url: string]: unknown }) =>
    service(({ method, url = '' }, response) => {
      const body = method === 'GET' ? known[url] : undefined
      json(response, body === undefined ? 404 : 200, body ?? {})
    })

  test.each<[string, { readonly [url: string]: unknown }, string]>([
    ['its own path', { '/notes/1': { id: 1 } }, 'GET /notes/1 200 OK'],
    ['the list above', { '/notes': [{ id: 1 }] }, 'GET /notes shows it'],
  ])('fails with where the resource is still shown: %s', async (_, known, seen) => {
    const { outcomes } = await removed(await hiding(known), { url: '/notes/{id}' })
    expect(outcomes.get('set.1')).toMatchObject({
      error: { code: 'DUSTPAN_GONE_UNPROVEN', message: expect.stringContaining(`it is still there (${seen})`) },
    })
  })

  test('stays unproven although the resource is not shown', async () => {
    const { outcomes } = await removed(
      await hiding({ '/notes/2': { id: 2 }, '/notes': [{ id: 2 }] }),
      { url: '/notes/{id}' },
      [1, 2],
    )
    expect(outcomes.get('set.1')).toMatchObject({
      error: {
        code: 'DUSTPAN_GONE_UNPROVEN',
        message: expect.stringContaining('in this process nothing else shows yet that these credentials may see it'),
      },
    })
  })
})

describe('a removal with `verify` and a `gone` that is null', () => {
  const spec = {
    ...{ method: 'POST', url: '/graphql', verify: 'GET /graphql?user={id}', gone: 'body.data.user = null' },
    body: { query: 'mutation($id: ID!) { deleteUser(id: $id) }', variables: { id: '{id}' } },
  }

  const answering = (removal: Json, look: Json) =>
    service(({ method }, response) => json(response, 200, method === 'GET' ? look : removal))

  const absent = { data: { user: null } }

  test('is reported as a removal, not as a mark', async () => {
    const { outcomes } = await removed(await answering({ data: { deleteUser: true } }, absent), spec)
    expect(outcomes.get('set.1')).toEqual({ state: 'removed', result: '200 OK' })
  })

  test('is checked although its answer has errors', async () => {
    const failed = { data: null, errors: [{ message: 'User not found' }] }
    expect((await removed(await answering(failed, absent), spec)).ends).toEqual(['already-gone 200 OK'])
    const { outcomes } = await removed(await answering(failed, { data: { user: { id: 1 } } }), spec)
    expect(outcomes.get('set.1')).toMatchObject({
      state: 'failed',
      error: { message: expect.stringContaining('User not found') },
    })
  })

  test('is not confirmed by an answer with errors', async () => {
    const hidden = { data: { user: null }, errors: [{ message: 'forbidden' }] }
    const { outcomes } = await removed(await answering({ data: { deleteUser: true } }, hidden), spec)
    expect(outcomes.get('set.1')).toMatchObject({
      error: {
        code: 'DUSTPAN_STILL_THERE',
        message: expect.stringContaining('it is not known whether it is still there'),
      },
    })
  })

  test('is confirmed by the error that `gone` names', async () => {
    const api = await answering(
      { data: { deleteUser: true } },
      { data: { user: null }, errors: [{ code: 'NOT_FOUND' }] },
    )
    const { ends } = await removed(api, { ...spec, gone: 'body.errors.code = NOT_FOUND' })
    expect(ends).toEqual(['removed 200 OK'])
  })
})
