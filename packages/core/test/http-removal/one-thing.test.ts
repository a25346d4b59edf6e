/** A computed removal addresses a single resource: neither a reserved word of the service nor a collection. */
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { http } from '../../src/config/http.ts'
import { answers } from '../../src/http-client/answers.ts'
import type { Json } from '../../src/resource/resource.ts'
import type { RemovalOutcome, Target } from '../../src/resource/target.ts'
import { type Api, json, startApi } from '../http/api.ts'
import { close, testRun } from '../run.ts'
import { connectTo, removalContext } from './driver-calls.ts'

beforeEach(() => answers.begin())

async function service(): Promise<Api> {
  const api = await startApi((_request, response) => json(response, 200, {}))
  onTestFinished(() => api[Symbol.asyncDispose]())
  return api
}

/** Captured unless overridden; a target tracked by hand is not. */
function target(type: string, key: Json, url: string, more: Partial<Target> = {}): Target {
  return {
    ...{ id: 'set.0', type, key, proof: { strength: 'key-only' }, createdAt: 0, captured: true },
    removal: { driver: 'http', op: 'request', v: 1, args: { method: 'DELETE', url } },
    ...more,
  }
}

async function removed({ origin }: Api, one: Target): Promise<RemovalOutcome | undefined> {
  return (await (await connectTo(origin)).remove([one], removalContext())).get('set.0')
}

test.each<[string, Json, string]>([
  ['form-user', 'users', '/{id}'],
  ['form-user', 'users', '/api/{id}'],
  ['form-user', 'users', '/services/{id}/'],
  ['order', 'items', '/users/7/{id}'],
  ['form-user', 'login', '/{id}'],
  ['form', 'account', '/{id}'],
  ['user', 'new', '/users/{id}'],
  ['user', 'sign_in', '/users/{id}'],
  ['user', 'me', '/users/{id}'],
  ['user', 'all', '/users/{id}'],
  ['index', '*', '/{id}'],
  ['user', ' ', '/users/{id}'],
  ['user', 'undefined', '/users/{id}'],
])('a captured %s with the id %j is not removed by DELETE %s', async (type, key, url) => {
  const api = await service()
  expect(await removed(api, target(type, key, url))).toMatchObject({
    state: 'failed',
    error: {
      code: 'DUSTPAN_REMOVAL_FAILED',
      message: expect.stringContaining(
        `was not sent: ${JSON.stringify(key)} does not look like the id of a single ${type}`,
      ),
      hint: expect.stringContaining('id:'),
    },
    retry: false,
  })
  expect(api.requests).toEqual([])
})

test.each<[string, Json, string]>([
  ['user', 7, '/users/{id}'],
  ['user', 'carl', '/users/{id}'],
  ['tag', 'news-and-views', '/tags/{id}'],
  ['tag', 'users', '/tags/{id}'],
  ['page', 'home', '/pages/{id}'],
  ['storage', 'test-uploads', '/storage/{id}'],
  ['picture', 'f3a9c2e4-uploads', '/uploads/{id}'],
  ['picture', 'holiday.png', '/uploads/{id}'],
  ['short', 'aB3xs', '/{id}'],
])('a captured %s with the id %j is removed by DELETE %s', async (type, key, url) => {
  expect(await removed(await service(), target(type, key, url))).toMatchObject({ state: 'removed' })
})

test('a removal written out in a rule or tracked by hand is sent whatever the id', async () => {
  expect(await removed(await service(), target('resource', 'users', '/users'))).toMatchObject({ state: 'removed' })
  const { captured: _, ...byHand } = target('bucket', 'uploads', '/storage/{id}')
  expect(await removed(await service(), byHand)).toMatchObject({ state: 'removed' })
})

test('a form that redirects to a list or a login page is not removed', async () => {
  const api = await startApi((request, response) => {
    if (request.method !== 'POST') return response.writeHead(204).end()
    response.writeHead(303, { location: request.url === '/form-users' ? '/users' : '/login' }).end()
  })
  onTestFinished(() => api[Symbol.asyncDispose]())
  const rules = [{ create: ['POST /form-users', 'POST /form-guests'], status: [303], id: 'location' as const }]
  const { openTest, main } = await testRun({ drivers: [http({ origins: [api.origin], rules })] })
  onTestFinished(async () => void (await main.end('passed')))
  const scoped = openTest('t')
  await scoped.run(async () => {
    for (const path of ['/form-users', '/form-guests'])
      await (await fetch(api.origin + path, { method: 'POST', redirect: 'manual' })).text()
  })
  await close(scoped)
  expect(api.requests).toEqual(['POST /form-users', 'POST /form-guests'])
})
