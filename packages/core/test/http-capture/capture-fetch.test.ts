import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import type { HttpOptions } from '../../src/resource/http-options.ts'
import { type Answer, type Api, json, startApi } from '../http/api.ts'
import { type RecordedScope, type RecordingSink, recordingSink } from './recording-sink.ts'

let sink: RecordingSink
let capture: Disposable
let api: Api

beforeEach(async () => {
  await use()
})

afterEach(async () => {
  capture[Symbol.dispose]()
  await api[Symbol.asyncDispose]()
})

/** Restarts the capture and the service, with the test's own answer and options. */
async function use(answer?: Answer, options: HttpOptions = {}): Promise<void> {
  capture?.[Symbol.dispose]()
  await api?.[Symbol.asyncDispose]()
  sink = recordingSink()
  capture = startHttpCapture(sink, [{ name: 'http', options }])
  api = await startApi(answer)
}

const post = (path: string, body: unknown = {}, init: RequestInit = {}) =>
  fetch(api.origin + path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
    ...init,
  })

describe('by default', () => {
  test('a POST answered 201 is a creation, removed by DELETE of its path and the id in the body', async () => {
    await sink.run('a', async (scope) => {
      await (await post('/users')).json()
      expect(scope.events).toEqual(['intent POST /users', 'created user 1'])
      expect(scope.stores).toEqual([{ id: api.origin }])
      expect(scope.sets).toEqual([
        {
          type: 'user',
          keys: [1],
          steps: [{ driver: '$driver', op: 'request', v: 1, args: { method: 'DELETE', url: '/users/{id}' } }],
          proof: { strength: 'key-only' },
        },
      ])
    })
  })

  test('the intent is recorded before the server has the request, the record before the test has the body', async () => {
    let scope: RecordedScope | undefined
    let seenByServer: string[] = []
    await use((_request, response) => {
      seenByServer = [...(scope?.events ?? [])]
      json(response, 201, { id: 5 })
    })
    await sink.run('a', async (running) => {
      scope = running
      const response = await post('/users')
      expect(seenByServer).toEqual(['intent POST /users'])
      await response.text().then(() => expect(running.events).toContain('created user 5'))
    })
  })

  test.each([
    [200, 'not-a-creation'],
    [400, 'rejected'],
    [500, 'rejected'],
  ])('a response with status %i creates nothing', async (status, why) => {
    await use((_request, response) => json(response, status, { id: 1 }))
    await sink.run('a', async (scope) => {
      await (await post('/login')).text()
      expect(scope.events).toEqual(['intent POST /login', `none ${why}`])
    })
  })

  test('a PUT answered 201 is removed at its own path, and a PUT answered 200 is an update', async () => {
    await use((request, response) => json(response, request.url === '/users/7' ? 201 : 200, {}))
    await sink.run('a', async (scope) => {
      await (await post('/users/7', {}, { method: 'PUT' })).text()
      await (await post('/users/8', {}, { method: 'PUT' })).text()
      expect(scope.events).toEqual([
        'intent PUT /users/{id}',
        'created user 7',
        'intent PUT /users/{id}',
        'none not-a-creation',
      ])
      expect(scope.sets[0]?.steps[0]).toMatchObject({ args: { method: 'DELETE', url: '/users/{id}' } })
    })
  })

  test.each([
    ['PUT /users/ada', 'user'],
    ['PUT /team/7', 'team'],
    ['POST /api/v2/categories', 'category'],
    ['POST /teams/7f9c24e8/addresses/', 'address'],
    ['POST /', 'resource'],
  ])('%s creates a resource of type %s', async (line, type) => {
    await use((_request, response) => json(response, 201, line.startsWith('PUT') ? {} : { id: 1 }))
    const [method, path] = line.split(' ') as [string, string]
    await sink.run('a', async (scope) => {
      await (await post(path, {}, { method })).text()
      expect(scope.sets[0]?.type).toBe(type)
    })
  })

  test.each(['/', '/users/..', '/users/'])('a Location of %s gives no id', async (location) => {
    await use((_request, response) => response.writeHead(201, { location }).end())
    await sink.run('a', async (scope) => {
      await (await post('/users')).text()
      expect(scope.sets).toEqual([])
    })
  })

  test.each([
    ['_id', { _id: 'a1' }, 'a1'],
    ['uuid', { uuid: 'b2' }, 'b2'],
    ['data', { data: { id: 3 }, meta: {} }, 3],
    ['one wrapped resource', { user: { id: 4 } }, 4],
    ['a number beyond what JavaScript can hold', '{"id": 9007199254740993}', '9007199254740993'],
  ])('the id is found in %s', async (_where, body, id) => {
    await use((_request, response) => {
      response.writeHead(201, { 'content-type': 'application/json' })
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    })
    await sink.run('a', async (scope) => {
      await (await post('/users')).text()
      expect(scope.sets.map(({ keys }) => keys)).toEqual([[id]])
    })
  })

  test('each item of a list is tracked if the request sent as many', async () => {
    await use((_request, response) => json(response, 201, [{ id: 1 }, { id: 2 }, { id: 3 }]))
    await sink.run('a', async (scope) => {
      await (await post('/users/bulk', [{}, {}, {}])).text()
      await (await post('/users/bulk', [{}, {}])).text()
      expect(scope.sets).toHaveLength(1)
      expect(sink.warnings).toEqual(['DUSTPAN_NO_ID POST /users/bulk'])
      expect(scope.sets[0]?.keys).toEqual([1, 2, 3])
    })
  })

  test('the id is taken from Location if the body has none', async () => {
    await use((_request, response) => response.writeHead(201, { location: '/v2/users/a%201' }).end())
    await sink.run('a', async (scope) => {
      await (await post('/v2/users')).text()
      expect(scope.sets[0]).toMatchObject({ keys: ['a 1'], steps: [{ args: { url: '/v2/users/{id}' } }] })
    })
  })

  test('a Location of another page gives no id, and warns with DUSTPAN_NO_ID', async () => {
    await use((_request, response) => response.writeHead(201, { location: '/home' }).end())
    await sink.run('a', async (scope) => {
      await (await post('/login')).text()
      expect(scope.events).toEqual(['intent POST /login', 'none no-id'])
      expect(sink.warnings).toEqual(['DUSTPAN_NO_ID POST /login'])
    })
  })

  test('HEAD, OPTIONS and GET requests are not tracked', async () => {
    await sink.run('a', async (scope) => {
      for (const method of ['HEAD', 'OPTIONS', 'GET']) await (await fetch(`${api.origin}/users`, { method })).text()
      expect(scope.events).toEqual([])
    })
  })

  test('requests to other origins are not tracked', async () => {
    await use(undefined, { origins: ['http://localhost:1'] })
    await sink.run('a', async (scope) => {
      await (await post('/users')).text()
      expect(scope.events).toEqual([])
    })
  })

  test('requests outside any scope are not tracked', async () => {
    await (await post('/users')).text()
    expect(sink.warnings).toEqual([])
  })
})

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
])('a body compressed with %s is read', async (encoding, compress) => {
  await use((_request, response) => {
    response.writeHead(201, { 'content-type': 'application/json', 'content-encoding': encoding })
    response.end(compress(Buffer.from('{"id":12}')))
  })
  await sink.run('a', async (scope) => {
    expect(await (await post('/users')).json()).toEqual({ id: 12 })
    expect(scope.events).toEqual(['intent POST /users', 'created user 12'])
  })
})

test('50 concurrent scopes on kept-alive connections each track their own creations', async () => {
  await use(async (request, response, body) => {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 5))
    json(response, 201, { id: JSON.parse(body).id, path: request.url })
  })
  const rounds = await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      sink.run(`scope ${i}`, async (scope) => {
        for (const round of [1, 2, 3]) await (await post('/users', { id: `${i}-${round}` })).json()
        return scope.sets.flatMap(({ keys }) => keys)
      }),
    ),
  )
  expect(rounds).toEqual(Array.from({ length: 50 }, (_, i) => [1, 2, 3].map((round) => `${i}-${round}`)))
})

test('creations answered without an id warn once per route with DUSTPAN_NO_ID and leave no open intent', async () => {
  await use((_request, response) => json(response, 201, { ok: true }))
  await sink.run('a', async (scope) => {
    await (await post('/jobs')).text()
    await (await post('/jobs')).text()
    expect(scope.events).toEqual(['intent POST /jobs', 'none no-id', 'intent POST /jobs', 'none no-id'])
    expect(sink.warnings).toEqual(['DUSTPAN_NO_ID POST /jobs'])
  })
})

test('a body that the test aborts warns with DUSTPAN_BODY_UNREAD', async () => {
  await use((_request, response) => {
    response.writeHead(201, { 'content-type': 'application/json' })
    response.write('{"id": 1, "text": "')
  })
  await sink.run('a', async (scope) => {
    const stop = new AbortController()
    const response = await post('/users', {}, { signal: stop.signal })
    stop.abort()
    await expect(response.text()).rejects.toThrow()
    expect(scope.events).toEqual(['intent POST /users', 'none no-id'])
    expect(sink.warnings).toEqual(['DUSTPAN_BODY_UNREAD POST /users'])
  })
})

test('a large unread body warns when capture ends, unless Location has the id', async () => {
  await use((request, response) => {
    response.writeHead(201, {
      'content-type': 'application/json',
      ...(request.url === '/users' ? { location: '/users/77' } : {}),
    })
    response.end(JSON.stringify({ id: 1, text: 'x'.repeat(2_000_000) }))
  })
  await sink.run('a', async (scope) => {
    const unread = [await post('/users'), await post('/files')]
    capture[Symbol.dispose]()
    expect(scope.events).toEqual(['intent POST /users', 'intent POST /files', 'created user 77', 'none no-id'])
    expect(sink.warnings).toEqual(['DUSTPAN_BODY_UNREAD POST /files'])
    await Promise.all(unread.map((response) => response.body?.cancel()))
  })
})

test('a refused connection creates nothing', async () => {
  await api[Symbol.asyncDispose]()
  await sink.run('a', async (scope) => {
    await expect(post('/users')).rejects.toThrow()
    expect(scope.events).toEqual(['intent POST /users', 'none rejected'])
  })
})

test('a resource that the test deletes itself is dropped from the record, and no other', async () => {
  await sink.run('a', async () => {
    await (await post('/users')).text()
    await (await post('/users')).text()
    await fetch(`${api.origin}/users/2`, { method: 'DELETE' })
    await fetch(`${api.origin}/users/99`, { method: 'DELETE' })
    await fetch(`${api.origin}/users/1`, { method: 'GET' })
    expect(sink.struck).toEqual(['user 2'])
  })
})

test.each([
  ['success: false keeps the record', { success: false, message: 'locked' }, []],
  ['an error keeps the record', { error: { code: 'LOCKED' } }, []],
  ['the removed resource drops the record', { id: 1, status: 'failed' }, ['user 1']],
  ['success: true drops the record', { success: true }, ['user 1']],
])('a test’s own DELETE answered 200 with %s', async (_, answer, struck) => {
  await use((request, response) =>
    request.method === 'POST' ? json(response, 201, { id: 1 }) : json(response, 200, answer),
  )
  await sink.run('a', async () => {
    await (await post('/users')).text()
    await (await fetch(`${api.origin}/users/1`, { method: 'DELETE' })).text()
    expect(sink.struck).toEqual(struck)
  })
})

test('a test’s own DELETE whose body is not read to its end counts by its status', async () => {
  await use((request, response) => {
    if (request.method === 'POST') return json(response, 201, { id: 1 })
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write('{"id": 1, "text": "')
  })
  await sink.run('a', async () => {
    await (await post('/users')).text()
    const stop = new AbortController()
    const response = await fetch(`${api.origin}/users/1`, { method: 'DELETE', signal: stop.signal })
    stop.abort()
    await expect(response.text()).rejects.toThrow()
    expect(sink.struck).toEqual(['user 1'])
  })
})

test('a resource created under the path of another, or with its key in the body, depends on it', async () => {
  await sink.run('a', async (scope) => {
    await (await post('/users')).text()
    await (await post('/products')).text()
    await (await post('/users/1/orders', { product_id: 2, note: 'x' })).text()
    expect(scope.sets[2]).toMatchObject({ type: 'order', dependsOn: [expect.any(String), expect.any(String)] })
    const [product, user] = scope.known.slice(1)
    expect(scope.sets[2]?.dependsOn?.toSorted()).toEqual([product?.id, user?.id].toSorted())
    expect(scope.sets[1]?.dependsOn).toBeUndefined()
  })
})

test('headers that name the test are sent to watched origins and never replace the user’s own', async () => {
  sink.sentHeaders = { 'X-Test-Run-ID': 'run-1', 'X-Test-ID': 'test-1' }
  await sink.run('a', async () => {
    await fetch(`${api.origin}/users`, { headers: { 'x-test-id': 'mine' } })
    expect(api.headers[0]).toMatchObject({ 'x-test-run-id': 'run-1', 'x-test-id': 'mine' })
  })
})

test('a streamed upload is tracked and arrives whole', async () => {
  let received = 0
  await use((_request, response, body) => {
    received = body.length
    json(response, 201, { id: 3 })
  })
  await sink.run('a', async (scope) => {
    const stream = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 50; i++) controller.enqueue(new Uint8Array(10_000))
        controller.close()
      },
    })
    await (await post('/files', {}, { body: stream, duplex: 'half' } as RequestInit)).text()
    expect(received).toBe(500_000)
    expect(scope.events).toEqual(['intent POST /files', 'created file 3'])
  })
})
