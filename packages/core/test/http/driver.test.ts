import nock from 'nock'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createHttpDriver } from '../../src/http/driver.ts'
import { answers } from '../../src/http-client/answers.ts'
import type { RemovalContext, StoreConnection } from '../../src/resource/connection.ts'
import type { ConfigFunctions } from '../../src/resource/driver.ts'
import type { HttpAuth, HttpOptions, HttpRule } from '../../src/resource/http-options.ts'
import type { Json } from '../../src/resource/resource.ts'
import type { RemovalOutcome, Target } from '../../src/resource/target.ts'
import { type Answer, type Api, json, startApi } from './api.ts'

const functions: ConfigFunctions = { cleaner: () => undefined, driverOption: () => undefined }

let api: Api
let connection: StoreConnection | undefined

beforeEach(async () => {
  // Ports are reused, and each test is a run of its own.
  answers.begin()
  api = await startApi()
})

afterEach(async () => {
  await connection?.[Symbol.asyncDispose]()
  connection = undefined
  await api[Symbol.asyncDispose]()
})

const create = (options: HttpOptions = {}, fns = functions) =>
  createHttpDriver('http', options, { root: '/', environment: 'test', functions: fns })

/** Restarts the service with another answer. */
async function use(answer: Answer): Promise<void> {
  await api[Symbol.asyncDispose]()
  api = await startApi(answer)
}

async function connect(options: HttpOptions = {}, fns = functions): Promise<StoreConnection> {
  const context = { signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY }
  connection = await create(options, fns).connect({ driver: 'http', id: api.origin }, context)
  return connection
}

function target(key: Json, args: { [part: string]: Json } = {}): Target {
  return {
    id: `set.${String(key)}`,
    type: 'user',
    key,
    removal: { driver: 'http', op: 'request', v: 1, args: { method: 'DELETE', url: '/users/{id}', ...args } },
    proof: { strength: 'key-only' },
    createdAt: 0,
  }
}

const context = (more: Partial<RemovalContext> = {}): RemovalContext => ({
  signal: new AbortController().signal,
  deadline: Number.POSITIVE_INFINITY,
  attempt: 1,
  batch: 'b',
  run: 'r',
  verify: 'auto',
  ...more,
})

async function removeAll(
  connection: StoreConnection,
  targets: readonly Target[],
  more: Partial<RemovalContext> = {},
): Promise<string[]> {
  const outcomes = await connection.remove(targets, context(more))
  return targets.map(({ id }) => summary(outcomes.get(id)))
}

function summary(outcome: RemovalOutcome | undefined): string {
  if (outcome?.state === 'failed') return `failed ${outcome.error.code} ${JSON.stringify(outcome.retry)}`
  if (outcome?.state === 'pending') return `pending ${outcome.why}`
  return `${outcome?.state} ${outcome && 'result' in outcome ? outcome.result : ''}`
}

describe('a removal', () => {
  test('is a single request, and its response is the result', async () => {
    api.things.set('/users/7', {})
    expect(await removeAll(await connect(), [target(7)])).toEqual(['removed 204 No Content'])
    expect(api.things.size).toBe(0)
  })

  test('encodes the id in the path but not in the body or the headers', async () => {
    let body = ''
    await use((_request, response, sent) => {
      body = sent
      json(response, 200, {})
    })
    await removeAll(await connect(), [
      target('a/../b', { method: 'POST', body: { id: '{id}', list: [7] }, headers: { 'x-why': 'gone {id}' } }),
    ])
    expect(api.requests).toEqual(['POST /users/a%2F..%2Fb'])
    expect(JSON.parse(body)).toEqual({ id: 'a/../b', list: [7] })
    expect(api.headers[0]).toMatchObject({ 'x-why': 'gone a/../b', 'content-type': 'application/json' })
  })

  test.each([
    [400, 'failed DUSTPAN_REMOVAL_FAILED false'],
    [401, 'failed DUSTPAN_REMOVAL_FAILED false'],
    [403, 'failed DUSTPAN_REMOVAL_FAILED false'],
    [405, 'failed DUSTPAN_REMOVAL_FAILED false'],
    [409, 'failed DUSTPAN_REMOVAL_FAILED {}'],
    [423, 'failed DUSTPAN_REMOVAL_FAILED {}'],
    [425, 'failed DUSTPAN_REMOVAL_FAILED {}'],
    [429, 'failed DUSTPAN_REMOVAL_FAILED {"afterMs":3000}'],
    [500, 'failed DUSTPAN_REMOVAL_FAILED {}'],
    [503, 'failed DUSTPAN_REMOVAL_FAILED {"afterMs":3000}'],
    [302, 'failed DUSTPAN_REMOVAL_FAILED false'],
    [202, 'pending accepted'],
    [200, 'removed 200 OK'],
  ])('answered %i: %s', async (status, expected) => {
    await use((_request, response) => {
      if (status === 429 || status === 503) response.setHeader('retry-after', '3')
      if (status === 302) response.setHeader('location', '/login')
      json(response, status, {})
    })
    expect(await removeAll(await connect(), [target(7)])).toEqual([expected])
    expect(api.requests).toEqual(['DELETE /users/7'])
  })

  test('is retried after the date in Retry-After', async () => {
    await use((_request, response) =>
      response.writeHead(503, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() }).end(),
    )
    const outcome = (await (await connect()).remove([target(7)], context())).get('set.7')
    const afterMs = outcome?.state === 'failed' && outcome.retry ? (outcome.retry.afterMs ?? 0) : 0
    expect(afterMs).toBeGreaterThan(50_000)
    expect(afterMs).toBeLessThanOrEqual(60_000)
  })

  test('follows a redirect within the service with the same method, but never to another origin', async () => {
    await using other = await startApi()
    await use((request, response) => {
      if (request.url === '/users/1') response.writeHead(308, { location: '/v2/users/1' }).end()
      else if (request.url === '/users/2') response.writeHead(308, { location: `${other.origin}/users/2` }).end()
      else response.writeHead(204).end()
    })
    expect(await removeAll(await connect(), [target(1), target(2)])).toEqual([
      'removed 204 No Content',
      'failed DUSTPAN_REMOVAL_FAILED false',
    ])
    expect(other.requests).toEqual([])
  })

  test('fails with DUSTPAN_STORE_UNREACHABLE and can be retried when the service is down', async () => {
    const connection = await connect()
    await api[Symbol.asyncDispose]()
    expect(await removeAll(connection, [target(7)])).toEqual(['failed DUSTPAN_STORE_UNREACHABLE {}'])
  })

  test('is pending when time runs out, whether it was sent or not', async () => {
    await use(() => {})
    const stop = new AbortController()
    const removing = removeAll(await connect({ concurrency: 1 }), [target(1), target(2)], { signal: stop.signal })
    await expect.poll(() => api.requests).toEqual(['DELETE /users/1'])
    stop.abort()
    expect(await removing).toEqual(['pending in-flight', 'pending budget'])
  })

  describe('while a mocking library is active', () => {
    beforeEach(() => {
      if (!nock.isActive()) nock.activate()
    })
    afterEach(() => {
      nock.cleanAll()
      nock.enableNetConnect()
      nock.restore()
    })

    test('fails with DUSTPAN_REMOVAL_MOCKED when the library answers it', async () => {
      nock(api.origin).delete('/users/7').reply(204)
      expect(await removeAll(await connect(), [target(7)])).toEqual(['failed DUSTPAN_REMOVAL_MOCKED false'])
      expect(api.requests).toEqual([])
    })

    test('fails with DUSTPAN_REMOVAL_MOCKED when the library blocks it', async () => {
      nock.disableNetConnect()
      expect(await removeAll(await connect(), [target(7)])).toEqual(['failed DUSTPAN_REMOVAL_MOCKED false'])
      expect(api.requests).toEqual([])
    })

    test('succeeds when the library lets it through', async () => {
      api.things.set('/users/7', {})
      expect(await removeAll(await connect(), [target(7)])).toEqual(['removed 204 No Content'])
    })
  })
})

describe('a "not found" response', () => {
  test('counts as already gone once these credentials got another answer from the service', async () => {
    api.things.set('/users/2', {})
    expect(await removeAll(await connect(), [target(1), target(2)])).toEqual([
      'already-gone 404 Not Found',
      'removed 204 No Content',
    ])
  })

  test('as the only answer is DUSTPAN_GONE_UNPROVEN', async () => {
    expect(await removeAll(await connect(), [target(1)])).toEqual(['failed DUSTPAN_GONE_UNPROVEN false'])
  })

  test('is DUSTPAN_GONE_UNPROVEN when only other credentials got another answer', async () => {
    api.things.set('/users/2', {})
    const first = await connect({ headers: { authorization: 'a' } })
    await removeAll(first, [target(2)])
    expect(await removeAll(first, [target(1)])).toEqual(['already-gone 404 Not Found'])
    await first[Symbol.asyncDispose]()
    expect(await removeAll(await connect({ headers: { authorization: 'b' } }), [target(1)])).toEqual([
      'failed DUSTPAN_GONE_UNPROVEN false',
    ])
  })

  test.each([
    ['the resource is missing and its list is readable', { '/users': 200 }, 'already-gone 404 Not Found'],
    ['the list is forbidden', { '/users': 403 }, 'failed DUSTPAN_GONE_UNPROVEN false'],
    ['the list does not exist', {}, 'failed DUSTPAN_GONE_UNPROVEN false'],
    ['the list redirects to a login page', { '/users': 302 }, 'failed DUSTPAN_GONE_UNPROVEN false'],
    ['the resource is readable', { '/users': 200, '/users/1': 200 }, 'failed DUSTPAN_GONE_UNPROVEN false'],
    ['the resource may not be read', { '/users': 200, '/users/1': 401 }, 'failed DUSTPAN_GONE_UNPROVEN false'],
  ])('after an interrupted removal: %s', async (_, shown: { [path: string]: number }, expected) => {
    await use(({ method, url = '' }, response) => json(response, method === 'GET' ? (shown[url] ?? 404) : 404, {}))
    const interrupted: Target = { ...target(1), interrupted: true }
    expect(await removeAll(await connect(), [interrupted])).toEqual([expected])
    // The list proves nothing about a resource whose removal was not interrupted.
    expect(await removeAll(await connect(), [target(2)])).toEqual(['failed DUSTPAN_GONE_UNPROVEN false'])
  })

  test.each([
    ['credentials may hide the resource', { headers: { authorization: 'a' } }, '/users'],
    ['the list redirects to another page', {}, '/login'],
  ])('after an interrupted removal proves nothing: %s', async (_, options, list) => {
    await use(({ method, url = '' }, response) => {
      if (method === 'GET' && url === '/users' && list !== url) response.writeHead(307, { location: list }).end()
      else json(response, method === 'GET' && url === list ? 200 : 404, {})
    })
    const interrupted: Target = { ...target(1), interrupted: true }
    expect(await removeAll(await connect(options), [interrupted])).toEqual(['failed DUSTPAN_GONE_UNPROVEN false'])
  })

  test('after an interrupted removal that proves nothing has a hint to `dustpan forget`', async () => {
    const outcomes = await (await connect()).remove([{ ...target(1), interrupted: true }], context())
    expect(outcomes.get('set.1')).toMatchObject({
      error: { message: expect.stringContaining('interrupted'), hint: expect.stringContaining('dustpan forget') },
    })
  })

  test('for an unknown route of the list or the resource proves nothing', async () => {
    await use(({ method, url }, response) => {
      if (url === '/users') json(response, 200, [])
      else response.writeHead(404).end(method === 'GET' ? `Cannot GET ${url}` : '{}')
    })
    const interrupted: Target = { ...target(1), interrupted: true }
    expect(await removeAll(await connect(), [interrupted])).toEqual(['failed DUSTPAN_GONE_UNPROVEN false'])
  })

  test.each([
    [404, '/users/1/?soft=1', 'removed 204 No Content'],
    [405, '/users/1/', 'removed 204 No Content'],
    [404, '/users/2/', 'failed DUSTPAN_GONE_UNPROVEN false'],
  ])(
    'with status %s for a path with a trailing slash (%s) is retried without it: %s',
    async (status, url, expected) => {
      await use((request, response) => {
        const isThere = /^\/users\/1(\?|$)/.test(request.url ?? '')
        if (isThere) response.writeHead(204).end()
        else json(response, status, {})
      })
      expect(await removeAll(await connect(), [target(1, { url })])).toEqual([expected])
    },
  )

  test('for a probe of a path with a trailing slash is retried without the slash', async () => {
    await use(({ url }, response) => json(response, url === '/users/1' ? 200 : 404, {}))
    const seen = await (await connect()).probe?.([target(1, { url: '/users/1/' })], context())
    expect([...(seen ?? [])].map(([, presence]) => presence)).toEqual(['present'])
  })

  test('from a framework for an unknown route is DUSTPAN_GONE_UNPROVEN', async () => {
    await use((request, response) => {
      if (request.url === '/users/2') response.writeHead(204).end()
      else response.writeHead(404).end(`<pre>Cannot DELETE ${request.url}</pre>`)
    })
    expect(await removeAll(await connect(), [target(2), target(1)])).toEqual([
      'removed 204 No Content',
      'failed DUSTPAN_GONE_UNPROVEN false',
    ])
  })
})

describe('the auth option', () => {
  /** Accepts each token for a limited number of requests. */
  const guarded =
    (uses: number): Answer =>
    (request, response) => {
      const token = request.headers.authorization ?? ''
      const used = seen.get(token) ?? 0
      seen.set(token, used + 1)
      response.writeHead(token === '' || used >= uses ? 401 : 204).end()
    }
  let seen: Map<string, number>
  beforeEach(() => {
    seen = new Map()
  })

  test('is called once more when a token expires during 100 removals, and all are removed', async () => {
    await use((request, response) => {
      const good = request.headers.authorization === `token ${api.requests.length > 50 ? 2 : 1}`
      response.writeHead(good ? 204 : 401).end()
    })
    let asked = 0
    const auth: HttpAuth = async () => ({ authorization: `token ${++asked}` })
    const outcomes = await removeAll(
      await connect({ auth }),
      Array.from({ length: 100 }, (_, i) => target(i)),
    )
    expect(new Set(outcomes)).toEqual(new Set(['removed 204 No Content']))
    expect(asked).toBe(2)
  })

  test('is called once for all removals until the token expires', async () => {
    await use(guarded(1000))
    let asked = 0
    const auth: HttpAuth = () => ({ headers: { authorization: `token ${++asked}` }, expiresAt: Date.now() + 60_000 })
    const connection = await connect({ auth })
    await removeAll(connection, [target(1), target(2), target(3)])
    await removeAll(connection, [target(4)])
    expect(asked).toBe(1)
  })

  test('is called again after the token has expired', async () => {
    await use(guarded(1000))
    let asked = 0
    const auth: HttpAuth = () => ({ headers: { authorization: `token ${++asked}` }, expiresAt: new Date(0) })
    const connection = await connect({ auth })
    await removeAll(connection, [target(1)])
    await removeAll(connection, [target(2)])
    expect(asked).toBe(2)
  })

  test('that yields a refused token twice makes the removal fail, without leaking the token', async () => {
    await use((_request, response) => response.writeHead(401).end())
    const connection = await connect({ auth: () => ({ authorization: 'Bearer planted-secret' }) })
    const outcomes = await connection.remove([target(1)], context())
    expect(summary(outcomes.get('set.1'))).toBe('failed DUSTPAN_REMOVAL_FAILED false')
    expect(
      JSON.stringify(
        [...outcomes],
        Object.getOwnPropertyNames(Error.prototype).concat('message', 'error', 'hint', 'stack'),
      ),
    ).not.toContain('planted')
  })

  test('that throws makes the removal fail, and it can be retried', async () => {
    const auth = () => Promise.reject(new Error('login is down'))
    const outcome = (await (await connect({ auth })).remove([target(1)], context())).get('set.1')
    expect(outcome).toMatchObject({
      state: 'failed',
      error: { code: 'DUSTPAN_REMOVAL_FAILED', message: expect.stringContaining('login is down') },
      retry: {},
    })
  })

  test('is not called when this process cannot load the configuration', async () => {
    const fns: ConfigFunctions = {
      ...functions,
      driverOption() {
        throw new Error('top-level await')
      },
    }
    expect(await removeAll(await connect({}, fns), [target(1)])).toEqual(['failed DUSTPAN_GONE_UNPROVEN false'])
  })

  test('that is a function in the configuration is looked up by driver and option name', async () => {
    await use(guarded(1000))
    const fns = {
      ...functions,
      driverOption: (driver: string, option: string) => () => ({ authorization: `${driver} ${option}` }),
    }
    const connection = await connect({}, fns)
    expect(await removeAll(connection, [target(1)])).toEqual(['removed 204 No Content'])
    expect([...seen.keys()]).toEqual(['http auth'])
  })
})

describe('verification after a removal', () => {
  test('reports DUSTPAN_STILL_THERE when the resource is still readable', async () => {
    await use((_request, response) => json(response, 200, { id: 7 }))
    expect(await removeAll(await connect(), [target(7, { verify: '/users/{id}' })])).toEqual([
      'failed DUSTPAN_STILL_THERE {}',
    ])
    expect(api.requests).toEqual(['DELETE /users/7', 'GET /users/7'])
  })

  test.each([
    ['body.deletedAt', { deletedAt: '2026-01-01' }, 'removed marked, 200 OK'],
    ['body.deletedAt', { deletedAt: null }, 'failed DUSTPAN_STILL_THERE {}'],
    ['body.status = archived', { status: 'archived' }, 'removed marked, 200 OK'],
    ['body.status = archived', { status: 'active' }, 'failed DUSTPAN_STILL_THERE {}'],
  ])('of a soft delete checks %s in the body %o', async (gone, body, expected) => {
    await use((_request, response) => json(response, 200, body))
    expect(await removeAll(await connect(), [target(7, { gone })])).toEqual([expected])
  })

  test('keeps the query parameters that name the owner, and drops those about the removal', async () => {
    await use((_request, response) => json(response, 200, { deletedAt: '2026-01-01' }))
    const url = '/users/{id}?tenant=b%2Fc&force=true&region=eu'
    await removeAll(await connect(), [target(7, { url, gone: 'body.deletedAt' })])
    expect(api.requests).toEqual([
      'DELETE /users/7?tenant=b%2Fc&force=true&region=eu',
      'GET /users/7?tenant=b%2Fc&region=eu',
    ])
  })

  test('is skipped with verify: none', async () => {
    await use((_request, response) => json(response, 200, {}))
    expect(await removeAll(await connect(), [target(7, { verify: '/users/{id}' })], { verify: 'none' })).toEqual([
      'removed 200 OK',
    ])
    expect(api.requests).toEqual(['DELETE /users/7'])
  })

  test('distinguishes present, absent and unknown', async () => {
    await use((request, response) =>
      json(response, request.url === '/users/1' ? 200 : request.url === '/users/2' ? 404 : 500, {}),
    )
    const seen = await (await connect()).probe?.(
      [target(1), target(2), target(3), target(4, { verify: false })],
      context(),
    )
    expect(Object.fromEntries(seen ?? [])).toEqual({
      'set.1': 'present',
      'set.2': 'absent',
      'set.3': 'unknown',
      'set.4': 'unknown',
    })
  })
})

test.each([
  'Cannot GET /users/7',
  '{"message":"Cannot GET /users/7","error":"Not Found","statusCode":404}',
  '{"message":"Route GET:/users/7 not found","error":"Not Found","statusCode":404}',
])('a 404 for a missing route does not verify a removal: %s', async (body) => {
  await use((request, response) =>
    request.method === 'DELETE'
      ? response.writeHead(204).end()
      : response.writeHead(request.url === '/known' ? 200 : 404).end(body),
  )
  const connection = await connect()
  await removeAll(connection, [target(1)])
  expect([...((await connection.probe?.([target(7)], context())) ?? [])]).toEqual([['set.7', 'unknown']])
  const [outcome] = (await connection.remove([target(7, { verify: '/users/{id}' })], context())).values()
  expect(outcome).toMatchObject({
    state: 'failed',
    error: { code: 'DUSTPAN_STILL_THERE', message: expect.stringContaining('no such route') },
  })
})

test.each([
  ['Bearer planted', 'option of http() failed: it returned a string instead of headers'],
  [undefined, 'option of http() failed: it returned nothing'],
  [{ authorization: 'planted\n' }, 'it returned the header authorization, which is not a value without line breaks'],
])('headers from the auth option are validated: %o', async (given, message) => {
  await use((_request, response) => response.writeHead(204).end())
  const auth = (() => given) as unknown as HttpAuth
  const [outcome] = (await (await connect({ auth })).remove([target(7)], context())).values()
  expect(outcome).toMatchObject({
    state: 'failed',
    error: { code: 'DUSTPAN_REMOVAL_FAILED', message: expect.stringContaining(message) },
  })
  expect(JSON.stringify(outcome)).not.toContain('planted')
  expect(api.requests).toEqual([])
})

test('the hint for a 403 mentions missing or insufficient credentials', async () => {
  await use((_request, response) => response.writeHead(403).end())
  const [outcome] = (await (await connect()).remove([target(7)], context())).values()
  expect(outcome).toMatchObject({
    error: { hint: expect.stringContaining('no credentials, or some that may not do this') },
  })
})

test('a probe whose path has an unknown value is not sent and returns unknown', async () => {
  await use((_request, response) => response.writeHead(404).end())
  const seen = await (await connect()).probe?.([target(7, { verify: '/tags/{body.slug}' })], context())
  expect([...(seen ?? [])]).toEqual([['set.7', 'unknown']])
  expect(api.requests).toEqual([])
})

test('1,000 removals use at most 32 connections', async () => {
  await use((_request, response) => setImmediate(() => response.writeHead(204).end()))
  const outcomes = await removeAll(
    await connect(),
    Array.from({ length: 1000 }, (_, i) => target(i)),
  )
  expect(new Set(outcomes)).toEqual(new Set(['removed 204 No Content']))
  expect(api.connections()).toBeLessThanOrEqual(32)
  expect(api.connections()).toBeGreaterThan(1)
})

test('fake timers left on by a test do not block removals', async () => {
  await use((_request, response) => response.writeHead(204).end())
  vi.useFakeTimers()
  try {
    const outcomes = await removeAll(
      await connect({ concurrency: 2 }),
      Array.from({ length: 20 }, (_, i) => target(i)),
    )
    expect(new Set(outcomes)).toEqual(new Set(['removed 204 No Content']))
    expect(vi.isFakeTimers()).toBe(true)
  } finally {
    vi.useRealTimers()
  }
})

describe('the removal built for track()', () => {
  test('of a path uses the first exact origin', () => {
    const driver = create({ origins: ['http://*.test:*', 'http://localhost:3000'] })
    expect(driver.removal?.({ request: 'DELETE /users/{id}' }, [7])).toEqual({
      removal: { driver: 'http', op: 'request', v: 1, args: { method: 'DELETE', url: '/users/{id}' } },
      store: { id: 'http://localhost:3000' },
    })
  })

  test('includes verify and gone', () => {
    const spec = { url: 'http://localhost:4000/users/{id}', verify: 'GET /users/{id}?all=1', gone: 'body.deletedAt' }
    expect(create().removal?.(spec, [7]).removal.args).toEqual({
      method: 'DELETE',
      url: '/users/{id}',
      verify: '/users/{id}?all=1',
      gone: 'body.deletedAt',
    })
  })

  test('of a full URL names its store', () => {
    const { removal, store } =
      create().removal?.(
        { method: 'post', url: 'http://localhost:4000/users/{each.id}/archive', body: { id: '{id}' } },
        [7],
      ) ?? {}
    expect(store).toEqual({ id: 'http://localhost:4000' })
    expect(removal?.args).toEqual({ method: 'POST', url: '/users/{each.id}/archive', body: { id: '{id}' } })
  })

  test.each([
    [{ request: 'users/{id}' }, 'a method and a path'],
    [
      { request: 'DELETE /users/{id}' },
      'remove is DELETE /users/{id} without an origin, and Dustpan cannot tell which service it goes to. Give the full URL',
    ],
    [{ request: 'DELETE http://shop.example.com/users/{id}' }, 'not among the origins'],
    [{ request: 'DELETE http://localhost:1/users/{name}' }, '{name}'],
    [{ url: 'http://localhost:1/x', verify: 'DELETE /x' }, 'remove.verify'],
    [{ url: 'http://localhost:1/x', gone: 'deleted' }, 'remove.gone'],
    [{ url: 7 }, '{ method, url, headers, body }'],
    [{ url: 'http://localhost:1/x', headers: { authorization: 'Bearer planted' } }, 'authenticates'],
    [{ request: 'DELETE http://localhost:1/users/:id' }, 'remove has :id in its path'],
    [{ url: 'http://localhost:1/x', verify: 'GET /x/:slug/y' }, 'remove.verify has :slug in its path'],
    [{ request: 'DELETE http://localhost:1/users' }, 'remove is DELETE /users, which would delete everything there'],
    [{ request: 'DELETE http://localhost:1/users?active=false', body: { hard: true } }, 'would delete everything'],
    [{ request: 'DELETE http://localhost:1/teams/9/users/' }, 'DELETE /teams/9/users, which would delete everything'],
    [{ request: 'DELETE http://localhost:1/' }, 'would delete everything'],
    [{ request: 'DELETE http://localhost:1/users/{id}', first: 'DELETE /mails' }, 'DELETE /mails, which'],
    [
      { request: 'DELETE http://localhost:1/users/{id}', permanent: 'DELETE /trash/users' },
      'DELETE /trash/users, which',
    ],
    [{ request: 'DELETE http://localhost:1/x?hard=1&access_token=planted' }, 'the parameter access_token in its URL'],
    [{ request: 'DELETE http://localhost:1/x?key=sk_test_planted1234' }, 'the parameter key in its URL'],
    [{ request: 'DELETE http://localhost:1/x?token={id}planted' }, 'the parameter token in its URL'],
    [{ url: 'http://ada:planted@localhost:1/users/{id}' }, 'a user name or password in its URL'],
    [{ url: 'http://localhost:1/x/eyJwbGFudGVk.planted1.planted1' }, 'a token in its URL'],
    [{ url: 'http://localhost:1/x', verify: 'GET /x?api_key=planted' }, 'remove.verify has the parameter api_key'],
  ] as const)('of %o is rejected', (spec, message) => {
    const attempt = () => create().removal?.(spec, [7])
    expect(attempt).toThrow(
      expect.objectContaining({ code: 'DUSTPAN_INVALID_ARGUMENT', message: expect.stringContaining(message) }),
    )
    expect(attempt).not.toThrow(/planted/)
  })
})

test.each(['/sessions?token={id}', '/books/{id}?author=ada&design=7', '/users/ada@example.com/books/{id}?token='])(
  'a removal of %s is accepted: nothing in its URL authenticates',
  (url) => {
    const { removal } = create().removal?.({ request: `DELETE http://localhost:1${url}` }, [7]) ?? {}
    expect(removal?.args).toMatchObject({ url })
  },
)

test.each([
  { request: 'DELETE http://localhost:1/users/7/orders' },
  { request: 'DELETE http://localhost:1/users?ids=6,7' },
  { request: 'DELETE http://localhost:1/users?id={id}' },
  { request: 'DELETE http://localhost:1/users', body: { ids: '{ids}' } },
  { request: 'DELETE http://localhost:1/users', headers: { 'x-user': '7' } },
  { request: 'DELETE http://localhost:1/cart' },
  { request: 'DELETE http://localhost:1/users/me' },
  { request: 'POST http://localhost:1/sessions/current/logout' },
  { request: 'POST http://localhost:1/users', body: { purge: true } },
])('a removal by %o is accepted: it does not empty a collection', (spec) => {
  expect(() => create().removal?.(spec, [7])).not.toThrow()
})

test.each(['', '.', '..', null, true])('the id %o is rejected for a path with {id}', (id) => {
  const remove = (request: string) => () => create().removal?.({ request }, [7, id])
  expect(remove('DELETE http://localhost:1/users/{id}')).toThrow(
    expect.objectContaining({ code: 'DUSTPAN_INVALID_ARGUMENT' }),
  )
  expect(remove('DELETE http://localhost:1/users/7')).not.toThrow()
})

describe('the options of http()', () => {
  test.each([
    [{ origins: ['localhost:3000'] }, 'http.origins[0]'],
    [{ origins: 'http://localhost' }, 'http.origins: expected a list'],
    [{ rulez: [] }, '"rulez"'],
    [{ auth: 'Bearer planted' }, 'http.auth: expected a function that gives headers, found a string'],
    [{ rules: [{ create: 'users' }] }, 'http.rules[0].create: expected a method and a path, found "users"'],
    [{ rules: [{}] }, 'http.rules[0].create'],
    [{ rules: [{ create: 'POST /users', id: 'id' }] }, 'http.rules[0].id: expected a place in the answer, found "id"'],
    [{ rules: [{ create: 'POST /users', remove: 'DELETE users' }] }, 'http.rules[0].remove'],
    [
      { rules: [{ create: 'POST /users', remove: 'DELETE /users/{name}' }] },
      'http.rules[0].remove: expected names that can be filled in, found "{name}"',
    ],
    [
      { rules: [{ create: 'POST /users', remove: 'DELETE http://localhost:1/users/{id}' }] },
      'http.rules[0].remove: expected a path',
    ],
    [
      { rules: [{ create: 'POST /users', remove: 'DELETE /users/' }] },
      'http.rules[0].remove: expected a removal of one thing, found "DELETE /users"',
    ],
    [{ rules: [{ create: 'POST /users', remove: 'DELETE /users/:id' }] }, 'http.rules[0].remove has :id in its path'],
    [{ rules: [{ create: 'POST /users/:user/orders' }] }, 'http.rules[0].create: expected a path with names in braces'],
    [{ rules: [{ create: 'POST /users', fallback: 'DELETE /users?hard=1' }] }, 'http.rules[0].fallback[0]: expected a'],
    [{ rules: [{ create: 'POST /users', remove: 'DELETE /v2/users' }] }, 'expected a removal of one thing'],
    [{ rules: [{ create: 'POST /users', permanent: 'DELETE /users' }] }, 'expected a removal of one thing'],
    [
      { rules: [{ create: 'POST /teams/{team}/pages', remove: 'DELETE /teams/{body.team}/pages' }] },
      'expected a removal of one thing',
    ],
    [
      { rules: [{ create: 'POST /seed', many: { user: 'body.users' }, removals: { user: 'DELETE /users' } }] },
      'http.rules[0].removals.user: expected a removal of one thing',
    ],
    [{ rules: [{ create: 'POST /users', verify: 'GET /users/{name}' }] }, 'http.rules[0].verify: expected names'],
    [
      { rules: [{ create: 'POST /seed', many: { user: 'body.users' }, remove: 'DELETE /users/{id}' }] },
      'http.rules[0].remove: expected nothing, as the rule covers several types',
    ],
    [{ rules: [{ create: 'POST /seed', entities: 'body', id: 'body.id' }] }, 'http.rules[0].id: expected nothing'],
    [{ rules: [{ create: 'POST /users', verify: 'POST /x' }] }, 'http.rules[0].verify expected a request'],
    [
      { rules: [{ create: 'POST /users', remove: 'DELETE /users/{id}?token={body.token}' }] },
      'http.rules[0].remove has the parameter token in its URL',
    ],
    [{ rules: [{ create: 'POST /users', status: [404] }] }, 'http.rules[0].status'],
    [
      { rules: [{ create: 'PUT /uploads/*', id: 'path.*' }] },
      'http.rules[0].id: expected a name in the braces of create, found "path.*"',
    ],
    [{ rules: [{ create: ['PUT /a/{key}', 'PUT /b/{id}'], id: 'path.key' }] }, 'http.rules[0].id: expected a name'],
    [{ rules: [{ create: 'POST /seed', many: { user: 'path.user' } }] }, 'http.rules[0].many.user: expected a name'],
    [
      { rules: [{ create: 'PUT /uploads/{id}?partNumber&uploadId', status: [200] }] },
      'http.rules[0].create: expected a request that creates all that its removal removes, found "PUT /uploads/{id}?partNumber&uploadId"',
    ],
    [
      { rules: [{ create: ['PUT /b/{id}', 'POST /b/{id}?uploads'], status: [200] }] },
      'http.rules[0].create[1]: expected',
    ],
    [{ rules: [{ create: 'PUT /b/{id}?comp=block' }] }, 'http.rules[0].create: expected'],
    [{ rules: [{ create: 'PUT /b/{id}?tagging', remove: 'DELETE /b/{id}' }] }, 'http.rules[0].create: expected'],
    [{ concurrency: 0 }, 'http.concurrency: expected a whole number above 0, found 0'],
    [{ timeout: 'soon' }, 'http.timeout'],
  ])('%o is rejected', (options, message) => {
    expect(() => create(options as HttpOptions)).toThrow(
      expect.objectContaining({ code: 'DUSTPAN_CONFIG_INVALID', message: expect.stringContaining(message) }),
    )
  })

  test.each([
    [{ remove: 'DELETE /users/{id}?token={body.token}' }, 'Give credentials by the `auth` option'],
    [{ remove: 'users' }, "Write it like 'DELETE /users/{id}'"],
    [{ gone: 'deleted' }, 'docs/http.md'],
  ])('a rule with %o is rejected with a hint', (part, hint) => {
    const rule = { create: 'POST /users', ...part } as HttpRule
    expect(() => create({ rules: [rule] })).toThrow(expect.objectContaining({ hint: expect.stringContaining(hint) }))
  })

  test.each([
    [{ 'x-key': 'planted\n' }, 'http.headers.x-key: expected a value without line breaks'],
    [{ 'x key': 'planted' }, 'http.headers.x key: expected a name'],
  ])('headers %o are rejected', (headers, message) => {
    const attempt = () => create({ headers })
    expect(attempt).toThrow(
      expect.objectContaining({ code: 'DUSTPAN_CONFIG_INVALID', message: expect.stringContaining(message) }),
    )
    expect(attempt).not.toThrow(/planted/)
  })

  test.each<HttpRule>([
    { create: 'POST /cart', remove: 'DELETE /cart' },
    { create: 'POST /carts/items', remove: 'DELETE /cart' },
    { create: 'PUT /me/settings', remove: 'DELETE /me/settings' },
    { create: 'POST /login', remove: 'POST /logout' },
    { create: 'POST /tags/{slug}', remove: 'DELETE /tags/{slug}' },
    { create: 'POST /tags', remove: { url: '/tags', headers: { 'x-tag': '{body.slug}' } } },
    { create: 'POST /tags', remove: 'DELETE /tags?slug={body.slug}' },
    { create: 'POST /users', first: 'DELETE /users/{id}/orders' },
  ])('a rule %o is accepted: it does not empty a collection', (rule) => {
    expect(() => create({ rules: [rule] })).not.toThrow()
  })

  test.each<HttpRule>([
    { create: 'PUT /uploads/{id}?partNumber&uploadId', ignore: true },
    { create: 'PUT /b/{id}?tagging', status: [200], remove: 'DELETE /b/{id}?tagging' },
    { create: 'POST /b/{id}?uploadId', status: [200] },
    { create: 'PUT /b/{id}?comp=blocklist' },
    { create: 'PUT /a/{key}', id: 'path.key' },
  ])('a rule %o is accepted: the request creates the resource', (rule) => {
    expect(() => create({ rules: [rule] })).not.toThrow()
  })

  test('origins decide which stores an instance serves', () => {
    const serves = (options: HttpOptions, id: string) => create(options).serves?.({ id })
    expect(serves({}, 'http://127.0.0.1:80')).toBe(true)
    expect(serves({}, 'https://shop.example.com')).toBe(false)
    expect(serves({ origins: ['http://localhost:3000'] }, 'http://127.0.0.1:3000')).toBe(true)
    expect(serves({ origins: ['http://localhost:3000'] }, 'http://localhost:30001')).toBe(false)
    expect(serves({ origins: ['https://*.shop.test'] }, 'https://api.shop.test')).toBe(true)
    expect(serves({ origins: ['https://*.shop.test'] }, 'https://api.shop.test:8443')).toBe(false)
    expect(serves({ origins: ['https://*.shop.test:*'] }, 'https://api.shop.test:8443')).toBe(true)
    expect(serves({ origins: ['https://*.shop.test:*'] }, 'https://api-shop.test')).toBe(false)
  })
})

test('connecting to a store that the instance does not serve fails', async () => {
  const context = { signal: new AbortController().signal, deadline: 0 }
  await expect(create().connect({ driver: 'http', id: 'https://shop.example.com' }, context)).rejects.toMatchObject({
    code: 'DUSTPAN_WRONG_STORE',
  })
  await expect(create().connect({ driver: 'http', id: 'in-process:99' }, context)).rejects.toMatchObject({
    code: 'DUSTPAN_STORE_GONE',
  })
})

test('the description of a removal masks secrets', () => {
  const removal = {
    driver: 'http',
    op: 'request',
    v: 1,
    args: { method: 'DELETE', url: '/users/{id}?api_key=planted&hard=1' },
  }
  expect(create().describe(removal, 'a b')).toBe('DELETE /users/a%20b?api_key=***&hard=1')
})

test('removing does not touch the global dispatcher of fetch', async () => {
  const symbols = ['undici.globalDispatcher.1', 'undici.globalDispatcher.2'].map((name) => Symbol.for(name))
  const before = symbols.map((symbol) => Reflect.get(globalThis, symbol))
  await removeAll(await connect(), [target(1)])
  expect(symbols.map((symbol) => Reflect.get(globalThis, symbol))).toEqual(before)
})
