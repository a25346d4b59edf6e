/** A redirected removal is followed only if the target is certainly the same resource. */
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { answers } from '../../src/http-client/answers.ts'
import { type Api, json, startApi } from '../http/api.ts'
import { connectTo, removalContext, targets } from '../http-removal/driver-calls.ts'

beforeEach(() => answers.begin())

/** A service that redirects one path and answers 200 to everything else. */
async function redirecting(from: string, to: string, status = 308): Promise<Api> {
  const api = await startApi((request, response) => {
    if (request.url === from) response.writeHead(status, { location: to }).end()
    else json(response, 200, {})
  })
  onTestFinished(() => api[Symbol.asyncDispose]())
  return api
}

async function removed(api: Api, url: string, more: object = {}) {
  const connection = await connectTo(api.origin)
  const outcomes = await connection.remove(targets(api.origin, [1], { url, ...more }), removalContext())
  return outcomes.get('set.1')
}

test.each([
  ['/notes/1', '/users'],
  ['/notes/1', '/'],
  ['/notes/1', '/notes'],
  ['/notes/1', '/notes/'],
  ['/notes/1', '/notes/2'],
  ['/notes/1', '/users/1'],
  ['/notes/1', '/1'],
  ['/carts/9/notes/1', '/carts/8/notes/1'],
  ['/carts/9/notes/1', '/notes/9/1'],
  ['/notes/1?hard=true', '/notes/1/'],
  ['/tags?id=1', '/v2/tags'],
  ['/tags/v1', '/tags'],
  ['/products/v1/notes/1', '/products/v2/notes/1'],
  ['/notes/1', '/login?returnTo=/notes/1'],
  ['/orgs/1/users/2', '/users/2'],
  ['/users/2', '/orgs/1/users/2'],
  ['/admin/users/2', '/users/2'],
  ['/api/orgs/1/users/2', '/v2/users/2'],
  ['/api/1', '/v1/1'],
])('DELETE %s redirected to %s is not followed, and the message names the target', async (from, to) => {
  const api = await redirecting(from, to)
  expect(await removed(api, from)).toMatchObject({
    state: 'failed',
    error: {
      code: 'DUSTPAN_REMOVAL_FAILED',
      message: `DELETE ${from} was redirected (308 Permanent Redirect) to ${to.split('?')[0]}, which is not followed.`,
    },
    retry: false,
  })
  expect(api.requests).toEqual([`DELETE ${from}`])
})

test.each([
  ['/notes/1', '/notes/1/'],
  ['/notes/1/', '/notes/1'],
  ['/notes/1', '/api/v2/notes/1'],
  ['/api/notes/1', '/notes/1'],
  ['/v1/notes/1', '/v2/notes/1'],
  ['/api/v1/notes/1', '/api/v2/notes/1'],
  ['/notes/1?hard=true', '/v2/notes/1?hard=true'],
  ['/tags?id=1', '/v2/tags/?id=1'],
  ['/notes/%31', '/v2/notes/1'],
  ['/api/v1/notes/1', '/notes/1'],
  ['/notes/1', '/rest/notes/1'],
  ['/rest/notes/1', '/api/v1.1/notes/1'],
])('DELETE %s redirected to %s is followed', async (from, to) => {
  for (const status of [301, 307, 308]) {
    const api = await redirecting(from, to, status)
    expect(await removed(api, from)).toEqual({ state: 'removed', result: '200 OK' })
    expect(api.requests).toEqual([`DELETE ${from}`, `DELETE ${to}`])
  }
})

test('a redirect target on another host is shown without secrets', async () => {
  const api = await redirecting('/notes/1', 'https://ada:planted@elsewhere.example/notes/1?token=planted')
  const outcome = await removed(api, '/notes/1')
  expect(outcome).toMatchObject({
    state: 'failed',
    error: { message: expect.stringContaining('to https://***@elsewhere.example/notes/1, which') },
  })
  expect(JSON.stringify(outcome)).not.toContain('planted')
})

test('a probe that is redirected to another page does not verify a removal', async () => {
  const api = await redirecting('/notes/1/status', '/login')
  const outcome = await removed(api, '/notes/1', { verify: 'GET /notes/1/status' })
  expect(outcome).toMatchObject({ state: 'failed', error: { code: 'DUSTPAN_STILL_THERE' } })
  expect(api.requests).toEqual(['DELETE /notes/1', 'GET /notes/1/status'])
})
