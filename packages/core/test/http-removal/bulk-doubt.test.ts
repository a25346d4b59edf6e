/** Responses to bulk removals that prove less than they seem to, and ids that would address something else. */
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { answers } from '../../src/http-client/answers.ts'
import { type Answer, type Api, json, startApi } from '../http/api.ts'
import { connectTo, httpDriver, removalContext, tallied, targets } from './driver-calls.ts'

beforeEach(() => answers.begin())

async function api(answer: Answer): Promise<Api> {
  const started = await startApi(answer)
  onTestFinished(() => started[Symbol.asyncDispose]())
  return started
}

const bulk = { method: 'POST', url: '/bulk', body: { ids: '{ids}' } } as const

test('a bulk removal answered 207 without a `failed` rule has each resource verified, or fails', async () => {
  const { origin } = await api((request, response) => {
    if (request.method === 'POST')
      return json(response, 207, {
        results: [
          { id: 1, status: 200 },
          { id: 2, status: 423 },
        ],
      })
    json(response, request.url === '/items/2' ? 200 : 404, {})
  })
  const connection = await connectTo(origin)
  const looked = targets(origin, [1, 2], { ...bulk, verify: 'GET /items/{id}' })
  expect(tallied(await connection.remove(looked, removalContext({ verify: 'none' })))).toEqual({
    'removed 207 Multi-Status': 1,
    'failed DUSTPAN_REMOVAL_FAILED': 1,
  })
  const blind = await connection.remove(targets(origin, [1, 2], bulk), removalContext())
  expect(tallied(blind)).toEqual({ 'failed DUSTPAN_REMOVAL_FAILED': 2 })
})

test.for([
  ['acct/7', '/jobs/acct%2F7'],
  ['/jobs/7', '/jobs/7'],
  ['../jobs/7', '/jobs/..%2Fjobs%2F7'],
] as const)('the job %j is polled at %s', async ([id, path]) => {
  const service = await api((request, response) =>
    request.method === 'POST' ? json(response, 202, { job: id }) : json(response, 200, { status: 'completed' }),
  )
  const connection = await connectTo(service.origin)
  const spec = { ...bulk, job: 'body.job', poll: 'GET /jobs/{job}', done: 'body.status = completed' }
  await connection.remove(targets(service.origin, [1], spec), removalContext())
  expect(service.requests.at(-1)).toBe(`GET ${path}`)
})

test('an id with a comma is not sent in a list of ids in a URL', async () => {
  const service = await api((_request, response) => json(response, 200, {}))
  const connection = await connectTo(service.origin)
  const outcomes = await connection.remove(
    targets(service.origin, ['1', '2,3', '4'], { method: 'DELETE', url: '/items?ids={ids}' }),
    removalContext(),
  )
  expect(tallied(outcomes)).toEqual({ 'removed 200 OK': 2, 'failed DUSTPAN_REMOVAL_FAILED': 1 })
  expect(service.requests).toEqual(['DELETE /items?ids=1,4'])
})

test.each(['first', 'permanent'])(
  'a `%s` request to another service fails with DUSTPAN_WRONG_STORE and is not sent',
  async (part) => {
    const service = await api((_request, response) => json(response, 200, {}))
    const connection = await connectTo(service.origin)
    const spec = { method: 'DELETE', url: '/items/{id}', [part]: 'DELETE http://other.example/items/{id}' }
    const outcomes = await connection.remove(targets(service.origin, [1], spec), removalContext())
    expect(tallied(outcomes)).toEqual({ 'failed DUSTPAN_WRONG_STORE': 1 })
    expect(service.requests).toEqual([])
  },
)

test('a full URL of the same store is sent as its path', async () => {
  const service = await api((_request, response) => json(response, 200, {}))
  const connection = await connectTo(service.origin)
  const spec = { method: 'DELETE', url: '/items/{id}', first: `DELETE ${service.origin}/carts/{id}` }
  await connection.remove(targets(service.origin, [1], spec), removalContext())
  expect(service.requests).toEqual(['DELETE /carts/1', 'DELETE /items/1'])
})

test('the error about an origin hides its password', () => {
  expect(() => httpDriver({ origins: ['https://user:hunter2@staging.example'] })).toThrow(
    /^(?!.*hunter2).*origins\[0\]/,
  )
})
