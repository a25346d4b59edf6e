/** 404 responses, which may mean an unknown route, an unused id or a hidden resource. */
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { http } from '../../src/config/http.ts'
import { answers } from '../../src/http-client/answers.ts'
import { creators } from '../../src/http-client/creators.ts'
import { type Answer, type Api, json, startApi } from '../http/api.ts'
import { close, testRun } from '../run.ts'
import { connectTo, removalContext, summary, targets } from './driver-calls.ts'

beforeEach(() => answers.begin())

async function service(answer: Answer): Promise<Api> {
  const api = await startApi(answer)
  onTestFinished(() => api[Symbol.asyncDispose]())
  return api
}

/** Answers by method and path; everything else gets the service's own 404. */
const shows =
  (known: { readonly [line: string]: unknown }): Answer =>
  ({ method, url }, response) => {
    const body = known[`${method} ${url}`]
    json(response, body === undefined ? 404 : 200, body ?? { error: 'Not Found' })
  }

/** Lets the service answer these credentials once. */
const known = { 'DELETE /carts/9': {} }

async function removed(api: Api, url: string, keys: readonly number[], more: object = {}) {
  const connection = await connectTo(api.origin)
  await connection.remove(targets(api.origin, [9], { url: '/carts/{id}' }), removalContext())
  api.requests.length = 0
  const warnings: string[] = []
  const warn = (code: string, message: string) => void warnings.push(`${code} ${message}`)
  const outcomes = await connection.remove(targets(api.origin, keys, { url, ...more }), removalContext({ warn }))
  return { outcomes, states: [...outcomes.values()].map(summary), warnings, connection }
}

describe('a 404 on a route that has not removed anything yet', () => {
  test('fails with DUSTPAN_GONE_UNPROVEN when the resource is still readable', async () => {
    const api = await service(shows({ ...known, 'GET /notes/1': { id: 1 } }))
    const { outcomes } = await removed(api, '/notes/{id}', [1])
    expect(outcomes.get('set.1')).toMatchObject({
      state: 'failed',
      error: {
        code: 'DUSTPAN_GONE_UNPROVEN',
        message: 'DELETE /notes/1 was answered 404 Not Found, but it is still there (GET /notes/1 200 OK).',
        hint: expect.stringContaining('{ create, remove }'),
      },
      retry: false,
    })
  })

  test.each<[string, unknown]>([
    ['a list', [{ id: 4, slug: 'hello' }]],
    ['a list in an object', { data: [{ id: 3 }, { id: 4 }], meta: { total: 80 } }],
    ['a list of ids', ['3', '4']],
  ])('fails with DUSTPAN_GONE_UNPROVEN when %s at the parent path has the resource', async (_, list) => {
    const api = await service(shows({ ...known, 'GET /posts': list }))
    const { outcomes, warnings } = await removed(api, '/posts/{id}', [4])
    expect(outcomes.get('set.4')).toMatchObject({
      state: 'failed',
      error: { code: 'DUSTPAN_GONE_UNPROVEN', message: expect.stringContaining('GET /posts shows it') },
    })
    expect(warnings).toEqual([])
  })

  test('is already-gone when the complete list at the parent path lacks the resource', async () => {
    const api = await service(shows({ ...known, 'GET /orders': { items: [{ id: 3 }], total: 1 } }))
    const { states, warnings } = await removed(api, '/orders/{id}', [4, 5])
    expect(states).toEqual(['already-gone 404 Not Found', 'already-gone 404 Not Found'])
    expect(warnings).toEqual([])
    expect(api.requests.sort()).toEqual([
      ...['DELETE /orders/4', 'DELETE /orders/5', 'GET /orders', 'GET /orders/4', 'GET /orders/5'],
    ])
  })

  test.each<[string, { readonly [line: string]: unknown }]>([
    ['no list', {}],
    ['a list that is shorter than its total', { 'GET /signup': { items: [{ id: 3 }], total: 80 } }],
    ['a list with a next page', { 'GET /signup': { items: [], paging: { next: '/signup?page=2' } } }],
    ['no list but another body', { 'GET /signup': { title: 'Sign up' } }],
    ['errors', { 'GET /signup': { errors: [{ message: 'POST body missing' }] } }],
    ['an error beside an empty list', { 'GET /signup': { success: false, items: [] } }],
    ['a list whose items have no ids', { 'GET /signup': [{ title: 'Name' }, { title: 'Password' }] }],
  ])(
    'is already-gone with one DUSTPAN_GONE_UNPROVEN warning per route when the parent path shows %s',
    async (_, shown) => {
      const api = await service(shows({ ...known, ...shown }))
      const { states, warnings } = await removed(api, '/signup/{id}', [4, 5])
      expect(states).toEqual(['already-gone 404 Not Found', 'already-gone 404 Not Found'])
      expect(new Set(warnings)).toEqual(
        new Set([expect.stringMatching(/^DUSTPAN_GONE_UNPROVEN DELETE \/signup\/\{id\} was answered 404 Not Found/)]),
      )
    },
  )

  test.each([
    ['/mails?to={id}', 'DELETE /mails?to=1'],
    ['/odata/Users({id})', 'DELETE /odata/Users(1)'],
  ])(
    'is already-gone with a warning, without a probe, when the resource has no path of its own: %s',
    async (url, sent) => {
      const api = await service(shows({ ...known, 'GET /mails': [] }))
      const { states, warnings } = await removed(api, url, [1])
      expect([states, api.requests]).toEqual([['already-gone 404 Not Found'], [sent]])
      expect(warnings).toEqual([expect.stringMatching(/^DUSTPAN_GONE_UNPROVEN .+ was answered 404 Not Found/)])
    },
  )

  test('is already-gone without a probe with verify: false', async () => {
    const api = await service(shows({ ...known, 'GET /notes/1': {} }))
    const { states } = await removed(api, '/notes/{id}', [1], { verify: false as never })
    expect(states).toEqual(['already-gone 404 Not Found'])
    expect(api.requests).toEqual(['DELETE /notes/1'])
  })
})

describe('a list is recognised', () => {
  const items = Array.from({ length: 20 }, (_, i) => ({ id: 100 + i }))

  /** A service that answers 404 to the removal of a post, and lists its posts as given. */
  async function removedFrom(list: unknown, headers: Record<string, string>) {
    const api = await service((request, response) => {
      if (request.method === 'DELETE') return json(response, request.url === '/carts/9' ? 200 : 404, {})
      if (request.url !== '/posts') return json(response, 404, {})
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
      json(response, 200, list)
    })
    return removed(api, '/posts/{id}', [4])
  }

  test.each<[string, unknown, Record<string, string>?]>([
    ['X-Total-Count is larger', items, { 'x-total-count': '33' }],
    ['the total in Content-Range is larger', items, { 'content-range': 'items 0-19/33' }],
    ['Content-Range has no total', items, { 'content-range': 'items 0-19/*' }],
    ['Link has a next page', items, { link: '</posts?page=2>; rel=next' }],
    ['totalPages is above 1', { data: items, pagination: { page: 1, perPage: 20, totalPages: 2 } }],
    ['pages is above 1', { data: items, meta: { page: 1, per_page: 20, pages: 2 } }],
    ['as many items as its limit', { data: items, meta: { limit: 20 } }],
  ])('as incomplete: %s', async (_, list, headers = {}) => {
    const { states, warnings } = await removedFrom(list, headers)
    expect(states).toEqual(['already-gone 404 Not Found'])
    expect(warnings).toHaveLength(1)
  })

  test.each<[string, unknown, Record<string, string>?]>([
    ['X-Total-Count is equal', items, { 'x-total-count': '20' }],
    ['the total in Content-Range is equal', items, { 'content-range': 'items 0-19/20' }],
    ['the total is equal', { data: items, meta: { page: 1, perPage: 20, totalPages: 1, total: 20 } }],
    [
      'the total is equal, although the limit is lower',
      { data: items, meta: { page: 1, limit: 15, pages: 1, total: 20 } },
    ],
  ])('as complete: %s', async (_, list, headers = {}) => {
    const { states, warnings } = await removedFrom(list, headers)
    expect([states, warnings]).toEqual([['already-gone 404 Not Found'], []])
  })
})

test('a 404 on a route that removed something before, or in the same call, is already-gone without a probe', async () => {
  const api = await service(shows({ ...known, 'DELETE /teams/7/notes/2': {} }))
  const { states, connection } = await removed(api, '/teams/7/notes/{id}', [1, 2])
  expect(states).toEqual(['already-gone 404 Not Found', 'removed 200 OK'])
  expect(api.requests).toEqual(['DELETE /teams/7/notes/1', 'DELETE /teams/7/notes/2'])
  const other = await connection.remove(targets(api.origin, [5], { url: '/teams/8/notes/{id}' }), removalContext())
  expect([...other.values()].map(summary)).toEqual(['already-gone 404 Not Found'])
  expect(api.requests).toHaveLength(3)
})

test('a 404 on a second attempt is already-gone without a probe', async () => {
  const api = await service(shows(known))
  const { connection } = await removed(api, '/carts/{id}', [9])
  const second = await connection.remove(
    targets(api.origin, [1], { url: '/notes/{id}' }),
    removalContext({ attempt: 2 }),
  )
  expect([...second.values()].map(summary)).toEqual(['already-gone 404 Not Found'])
  expect(api.requests.at(-1)).toBe('DELETE /notes/1')
})

describe('a 404 for a resource created with other credentials', () => {
  /** Shows each user only their own resources. */
  const hiding = () =>
    service(({ headers, url }, response) => {
      const owner = url?.endsWith('2') ? 'token bob' : 'token alice'
      const isShown = headers.authorization === owner || headers.authorization === 'token admin'
      json(response, isShown && !url?.endsWith('4') ? 200 : 404, {})
    })

  async function outcomeFor(token: string, by: { readonly [key: number]: string }, keys: readonly number[]) {
    const api = await hiding()
    for (const [key, who] of Object.entries(by)) creators.note([`set.${key}`], `authorization: token ${who}`)
    const auth = () => ({ authorization: `token ${token}` })
    const connection = await connectTo(api.origin, { auth })
    const warnings: string[] = []
    const warn = (code: string, message: string) => void warnings.push(`${code} ${message}`)
    const all = targets(api.origin, keys, { url: '/things/{id}' })
    const outcomes = await connection.remove(all, removalContext({ warn }))
    return { outcomes, states: keys.map((key) => summary(outcomes.get(`set.${key}`))), warnings }
  }

  test('fails with DUSTPAN_GONE_UNPROVEN when these credentials have removed only their own resources', async () => {
    const { outcomes, states } = await outcomeFor('alice', { 1: 'alice', 2: 'bob' }, [1, 2])
    expect(states).toEqual(['removed 200 OK', 'failed DUSTPAN_GONE_UNPROVEN'])
    expect(outcomes.get('set.2')).toMatchObject({
      error: { message: expect.stringContaining('with other credentials'), hint: expect.stringContaining('`auth`') },
    })
  })

  test('is already-gone when these credentials have removed another resource of that creator', async () => {
    const { states, warnings } = await outcomeFor('admin', { 2: 'bob', 4: 'bob' }, [2, 4])
    expect(states).toEqual(['removed 200 OK', 'already-gone 404 Not Found'])
    expect(warnings).toEqual([])
  })

  test('is already-gone with a warning when these credentials have removed a third creator’s resource', async () => {
    const { states, warnings } = await outcomeFor('admin', { 1: 'alice', 4: 'bob' }, [1, 4])
    expect(states).toEqual(['removed 200 OK', 'already-gone 404 Not Found'])
    expect(warnings).toEqual([expect.stringMatching(/^DUSTPAN_GONE_UNPROVEN /)])
  })

  test('is already-gone when the creator is unknown', async () => {
    const { states } = await outcomeFor('alice', {}, [1, 4])
    expect(states).toEqual(['removed 200 OK', 'already-gone 404 Not Found'])
  })
})

test('the report of a run has the DUSTPAN_GONE_UNPROVEN warning once', async () => {
  const api = await startApi((request, response) =>
    json(response, request.method === 'POST' ? 201 : 404, request.method === 'POST' ? { id: 4 } : { error: 'no' }),
  )
  onTestFinished(() => api[Symbol.asyncDispose]())
  const { openTest, main, states } = await testRun({ drivers: [http({ origins: [api.origin] })] })
  for (const title of ['one', 'two']) {
    const scoped = openTest(title)
    await scoped.run(async () => (await fetch(`${api.origin}/signup`, { method: 'POST' })).text())
    await close(scoped)
  }
  expect(states()).toEqual({ 'signup 4': 'already-gone' })
  const report = await main.end('passed')
  expect(report?.warnings.filter(({ code }) => code === 'DUSTPAN_GONE_UNPROVEN')).toEqual([
    expect.objectContaining({ message: expect.stringContaining('DELETE /signup/{id} was answered 404 Not Found') }),
  ])
})
