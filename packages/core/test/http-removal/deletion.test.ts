import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { answers } from '../../src/http-client/answers.ts'
import type { HttpOptions } from '../../src/resource/http-options.ts'
import type { Profile } from '../../src/resource/profile.ts'
import type { Json } from '../../src/resource/resource.ts'
import { type Answer, type Api, json, startApi } from '../http/api.ts'
import { connectTo, httpDriver, range, removalContext, tallied, targets } from './driver-calls.ts'

beforeEach(() => answers.begin())

async function api(answer: Answer = (_request, response) => json(response, 200, {})): Promise<Api> {
  const started = await startApi(answer)
  onTestFinished(() => started[Symbol.asyncDispose]())
  return started
}

const soft = { url: '/items/{id}' }
const both = { ...soft, permanent: 'DELETE /items/{id}?permanent=true' }
const forGood = { url: '/items/{id}/permanent', permanent: true }
const shown = { ...soft, gone: 'body.deletedAt' }

const rowsOf: readonly (readonly [
  name: string,
  spec: { [part: string]: Json },
  sent: Record<Profile['deletion'], string>,
])[] = [
  ['a removal', soft, { configured: '/items/1', hard: '/items/1', soft: '/items/1', 'soft-only': 'refused' }],
  [
    'a removal known to be soft',
    shown,
    { configured: '/items/1', hard: '/items/1', soft: '/items/1', 'soft-only': '/items/1' },
  ],
  [
    'a removal with a permanent one',
    both,
    {
      ...{ configured: '/items/1?permanent=true', hard: '/items/1?permanent=true' },
      ...{ soft: '/items/1', 'soft-only': '/items/1' },
    },
  ],
  [
    'a permanent removal',
    forGood,
    { configured: '/items/1/permanent', hard: '/items/1/permanent', soft: 'refused', 'soft-only': 'refused' },
  ],
]

const cases = rowsOf.flatMap(([name, spec, sent]) =>
  Object.entries(sent).map(([deletion, expected]) => [name, deletion as Profile['deletion'], spec, expected] as const),
)

describe('the request sent for each `deletion` setting of the profile', () => {
  test.each(cases)('%s, deletion: %s', async (_, deletion, spec, expected) => {
    const { origin, requests } = await api((_request, response) => json(response, 200, { deletedAt: 'now' }))
    const [target] = targets(origin, [1], spec) as [ReturnType<typeof targets>[number]]
    const refused = httpDriver({}, { deletion }).refuses?.(target.removal)
    if (expected === 'refused') {
      expect(refused).toMatchObject({
        code: 'DUSTPAN_PROFILE_REFUSED',
        message: expect.stringContaining(`profile of staging has deletion: '${deletion}'`),
        hint: expect.stringContaining("profiles: { staging: { deletion: 'hard' } }"),
      })
      return
    }
    expect(refused).toBeUndefined()
    await (await connectTo(origin, {}, { deletion })).remove([target], removalContext())
    expect(requests[0]).toBe(`DELETE ${expected}`)
    expect(httpDriver({}, { deletion }).describe(target.removal, 1)).toBe(`DELETE ${expected}`)
  })

  test('a permanent delete is not verified by the marks of a soft delete', async () => {
    const { origin, requests } = await api((request, response) =>
      json(response, request.method === 'GET' ? 404 : 200, {}),
    )
    const spec = { ...both, gone: 'body.deletedAt', verify: 'GET /items/{id}?deleted=true' }
    const outcomes = await (await connectTo(origin)).remove(targets(origin, [1], spec), removalContext())
    expect(tallied(outcomes)).toEqual({ 'removed 200 OK': 1 })
    expect(requests).toEqual(['DELETE /items/1?permanent=true', 'GET /items/1?deleted=true'])
  })

  test('a bulk request is used if only the permanent delete is one', async () => {
    const { origin, requests } = await api()
    const spec = { ...soft, permanent: { request: 'DELETE /items?ids={ids}&permanent=true' } }
    await (await connectTo(origin)).remove(targets(origin, range(3), spec), removalContext())
    expect(requests).toEqual(['DELETE /items?ids=1,2,3&permanent=true'])
  })
})

describe('the `first` requests of a removal', () => {
  const spec = {
    ...soft,
    first: ['DELETE /internal/users/{id}/data', { request: 'POST /purge', body: { tag: 'user-{id}' } }],
  }

  test('are sent before it in order, and may be answered 404', async () => {
    const bodies: string[] = []
    const { origin, requests } = await api((request, response, body) => {
      bodies.push(body)
      json(response, request.url?.includes('internal') ? 404 : 200, {})
    })
    const outcomes = await (await connectTo(origin)).remove(targets(origin, [7], spec), removalContext())
    expect(tallied(outcomes)).toEqual({ 'removed 200 OK': 1 })
    expect(requests).toEqual(['DELETE /internal/users/7/data', 'POST /purge', 'DELETE /items/7'])
    expect(bodies[1]).toBe('{"tag":"user-7"}')
  })

  test.each([
    [500, '', {}],
    [403, '', false],
    [404, 'Cannot POST /purge', false],
  ])('that fail with %i %s keep the removal from being sent', async (status, text, retry) => {
    const { origin, requests } = await api((request, response) =>
      response.writeHead(request.url === '/purge' ? status : 200).end(text),
    )
    const outcomes = await (await connectTo(origin)).remove(targets(origin, [7], spec), removalContext())
    expect(outcomes.get('set.7')).toMatchObject({
      state: 'failed',
      error: { message: expect.stringContaining('POST /purge') },
      retry,
    })
    expect(requests).toHaveLength(2)
  })
})

describe('restore', () => {
  test('sends the recorded request', async () => {
    const { origin, requests } = await api()
    const spec = { ...soft, restore: { request: 'PATCH /items/{id}/activate', body: { id: '{id}' } } }
    const restored = await (await connectTo(origin)).restore?.(targets(origin, [1, 2], spec), removalContext())
    expect(Object.fromEntries(restored ?? [])).toEqual({
      'set.1': { state: 'restored', result: '200 OK' },
      'set.2': { state: 'restored', result: '200 OK' },
    })
    expect(requests.sort()).toEqual(['PATCH /items/1/activate', 'PATCH /items/2/activate'])
  })

  test.each([
    ['there is no restore request', soft, 'has no request that undoes it'],
    ['the service refuses', { ...soft, restore: 'PATCH /items/{id}/activate' }, 'was answered 409'],
  ])('fails with DUSTPAN_RESTORE_FAILED when %s', async (_, spec, message) => {
    const { origin } = await api((_request, response) => json(response, 409, {}))
    const restored = await (await connectTo(origin)).restore?.(targets(origin, [1], spec), removalContext())
    expect(restored?.get('set.1')).toMatchObject({
      error: { code: 'DUSTPAN_RESTORE_FAILED', message: expect.stringContaining(message) },
    })
  })
})

test('a header with an empty value is not sent', async () => {
  const { origin, headers } = await api()
  const connection = await connectTo(origin, { headers: { 'x-internal-key': '', 'x-team': 'qa' } })
  await connection.remove(targets(origin, [1], soft), removalContext())
  expect(headers[0]).toMatchObject({ 'x-team': 'qa' })
  expect(headers[0]).not.toHaveProperty('x-internal-key')
})

test.each<[object, string]>([
  [{ fallback: 'DELETE /x/{name}' }, 'rules[0].fallback[0]: expected names'],
  [{ first: 'DELETE /x/{name}' }, 'rules[0].first: expected names'],
  [{ restore: 'PATCH /x/{name}' }, 'rules[0].restore: expected names'],
  [{ permanent: 'DELETE /x?token=abc' }, 'authenticates'],
  [{ permanent: 'yes' }, 'rules[0].permanent expected a method and a path'],
  [{ restore: 5 }, 'rules[0].restore: expected a request'],
  [{ when: {} }, 'rules[0].when expected an object'],
  [{ when: { enviroment: 'test' } }, 'got "enviroment"'],
  [{ when: { outcome: 'green' } }, 'when.outcome expected one of passed'],
  [{ when: { answer: 'status' } }, "when.answer expected 'body.field'"],
  [{ when: { env: 'A B' } }, 'when.env expected the name of a variable'],
  [{ when: { earlier: 'removed' } }, "when.earlier expected 'failed' or 'skipped'"],
  [
    { many: { user: 'body.u' }, restore: 'PATCH /u/{id}' },
    'rules[0].restore: expected nothing, as the rule covers several',
  ],
  [{ entities: 'body.e', first: 'DELETE /u/{id}' }, 'rules[0].first: expected nothing'],
])('a rule with %o is rejected', (parts, message) => {
  const rules = [{ create: 'POST /users', ...parts }] as HttpOptions['rules']
  expect(() => httpDriver({ rules: rules as never })).toThrow(
    expect.objectContaining({ code: 'DUSTPAN_CONFIG_INVALID', message: expect.stringContaining(message) }),
  )
})
