/** "Not found", from a service that answers so for routes that it does not have, for ids that it does not use, and for what one may not see. */
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

/** Answers by method and path; the rest is not found, in the words of the service's own. */
const shows =
  (known: { readonly [line: string]: unknown }): Answer =>
  ({ method, url }, response) => {
    const body = known[`${method} ${url}`]
    json(response, body === undefined ? 404 : 200, body ?? { error: 'Not Found' })
  }

/** The service has answered these credentials before. */
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

describe('on a route that has not removed anything yet', () => {
  test('a thing that can be looked at is still there', async () => {
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
  ])('a thing that %s of the path above has is still there', async (_, list) => {
    const api = await service(shows({ ...known, 'GET /posts': list }))
    const { outcomes, warnings } = await removed(api, '/posts/{id}', [4])
    expect(outcomes.get('set.4')).toMatchObject({
      state: 'failed',
      error: { code: 'DUSTPAN_GONE_UNPROVEN', message: expect.stringContaining('GET /posts shows it') },
    })
    expect(warnings).toEqual([])
  })

  test('a thing that is not in the list above is gone', async () => {
    const api = await service(shows({ ...known, 'GET /orders': { items: [{ id: 3 }], total: 1 } }))
    const { states, warnings } = await removed(api, '/orders/{id}', [4, 5])
    expect(states).toEqual(['already-gone 404 Not Found', 'already-gone 404 Not Found'])
    expect(warnings).toEqual([])
    expect(api.requests.sort()).toEqual([
      ...['DELETE /orders/4', 'DELETE /orders/5', 'GET /orders', 'GET /orders/4', 'GET /orders/5'],
    ])
  })

  test.each<[string, { readonly [line: string]: unknown }]>([
    ['nothing is shown', {}],
    ['there is more than what is shown', { 'GET /signup': { items: [{ id: 3 }], total: 80 } }],
    ['there is a next page', { 'GET /signup': { items: [], paging: { next: '/signup?page=2' } } }],
    ['no list is shown', { 'GET /signup': { title: 'Sign up' } }],
  ])('and of which %s, a thing counts as gone, with one warning for the route', async (_, shown) => {
    const api = await service(shows({ ...known, ...shown }))
    const { states, warnings } = await removed(api, '/signup/{id}', [4, 5])
    expect(states).toEqual(['already-gone 404 Not Found', 'already-gone 404 Not Found'])
    expect(new Set(warnings)).toEqual(
      new Set([expect.stringMatching(/^DUSTPAN_GONE_UNPROVEN DELETE \/signup\/\{id\} was answered 404 Not Found/)]),
    )
  })

  test('what has no path of its own is not looked for', async () => {
    const api = await service(shows({ ...known, 'GET /mails': [] }))
    const { states, warnings } = await removed(api, '/mails?to={id}', [1])
    expect(states).toEqual(['already-gone 404 Not Found'])
    expect([api.requests, warnings]).toEqual([['DELETE /mails?to=1'], []])
  })

  test('what nobody wants to be looked for is not', async () => {
    const api = await service(shows({ ...known, 'GET /notes/1': {} }))
    const { states } = await removed(api, '/notes/{id}', [1], { verify: false as never })
    expect(states).toEqual(['already-gone 404 Not Found'])
    expect(api.requests).toEqual(['DELETE /notes/1'])
  })
})

describe('a page of a list is not the whole', () => {
  const items = Array.from({ length: 20 }, (_, i) => ({ id: 100 + i }))

  /** A service that lists its posts so, and answers 404 to the removal of one. */
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
    ['by X-Total-Count', items, { 'x-total-count': '33' }],
    ['by Content-Range', items, { 'content-range': 'items 0-19/33' }],
    ['by a Content-Range that does not tell', items, { 'content-range': 'items 0-19/*' }],
    ['by Link', items, { link: '</posts?page=2>; rel=next' }],
    ['by how many pages there are', { data: items, pagination: { page: 1, perPage: 20, totalPages: 2 } }],
    ['by how many pages there are, in short', { data: items, meta: { page: 1, per_page: 20, pages: 2 } }],
    ['as it is full', { data: items, meta: { limit: 20 } }],
  ])('%s', async (_, list, headers = {}) => {
    const { states, warnings } = await removedFrom(list, headers)
    expect(states).toEqual(['already-gone 404 Not Found'])
    expect(warnings).toHaveLength(1)
  })

  test.each<[string, unknown, Record<string, string>?]>([
    ['by X-Total-Count', items, { 'x-total-count': '20' }],
    ['by Content-Range', items, { 'content-range': 'items 0-19/20' }],
    ['by its total', { data: items, meta: { page: 1, perPage: 20, totalPages: 1, total: 20 } }],
    ['as it is not full', { data: items, meta: { page: 1, limit: 15, pages: 1, total: 20 } }],
  ])('but the whole is, %s', async (_, list, headers = {}) => {
    const { states, warnings } = await removedFrom(list, headers)
    expect([states, warnings]).toEqual([['already-gone 404 Not Found'], []])
  })
})

test('on a route that has removed something, before or beside it, a thing is gone, and nothing more is asked', async () => {
  const api = await service(shows({ ...known, 'DELETE /teams/7/notes/2': {} }))
  const { states, connection } = await removed(api, '/teams/7/notes/{id}', [1, 2])
  expect(states).toEqual(['already-gone 404 Not Found', 'removed 200 OK'])
  expect(api.requests).toEqual(['DELETE /teams/7/notes/1', 'DELETE /teams/7/notes/2'])
  const other = await connection.remove(targets(api.origin, [5], { url: '/teams/8/notes/{id}' }), removalContext())
  expect([...other.values()].map(summary)).toEqual(['already-gone 404 Not Found'])
  expect(api.requests).toHaveLength(3)
})

test('what an earlier try may have removed is gone, and nothing more is asked', async () => {
  const api = await service(shows(known))
  const { connection } = await removed(api, '/carts/{id}', [9])
  const again = await connection.remove(
    targets(api.origin, [1], { url: '/notes/{id}' }),
    removalContext({ attempt: 2 }),
  )
  expect([...again.values()].map(summary)).toEqual(['already-gone 404 Not Found'])
  expect(api.requests.at(-1)).toBe('DELETE /notes/1')
})

describe('of what was created with other credentials', () => {
  /** Shows each only their own. */
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

  test('it may be hidden from those that have removed only their own', async () => {
    const { outcomes, states } = await outcomeFor('alice', { 1: 'alice', 2: 'bob' }, [1, 2])
    expect(states).toEqual(['removed 200 OK', 'failed DUSTPAN_GONE_UNPROVEN'])
    expect(outcomes.get('set.2')).toMatchObject({
      error: { message: expect.stringContaining('with other credentials'), hint: expect.stringContaining('`auth`') },
    })
  })

  test('it is gone for those that have removed another of the same', async () => {
    const { states, warnings } = await outcomeFor('admin', { 2: 'bob', 4: 'bob' }, [2, 4])
    expect(states).toEqual(['removed 200 OK', 'already-gone 404 Not Found'])
    expect(warnings).toEqual([])
  })

  test('it counts as gone, with a warning, for those that have removed another of others', async () => {
    const { states, warnings } = await outcomeFor('admin', { 1: 'alice', 4: 'bob' }, [1, 4])
    expect(states).toEqual(['removed 200 OK', 'already-gone 404 Not Found'])
    expect(warnings).toEqual([expect.stringMatching(/^DUSTPAN_GONE_UNPROVEN /)])
  })

  test('created with none, or by another process, it is judged as any', async () => {
    const { states } = await outcomeFor('alice', {}, [1, 4])
    expect(states).toEqual(['removed 200 OK', 'already-gone 404 Not Found'])
  })
})

test('the report of a run has the warning, once', async () => {
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
