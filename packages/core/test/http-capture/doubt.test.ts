/** Responses whose id may be another resource's: removing that would delete what no test has created. */
import { afterEach, expect, test } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import type { HttpRule } from '../../src/resource/http-options.ts'
import { type Api, json, startApi } from '../http/api.ts'
import { type RecordedScope, type RecordingSink, recordingSink } from './recording-sink.ts'

let sink: RecordingSink
let capture: Disposable
let api: Api

afterEach(async () => {
  capture[Symbol.dispose]()
  await api[Symbol.asyncDispose]()
})

/** Sends one request to a service that answers 201. */
async function send(
  line: string,
  body: unknown,
  location?: string,
  sent: unknown = {},
  ...rules: HttpRule[]
): Promise<RecordedScope> {
  const [method = '', path = ''] = line.split(' ')
  sink = recordingSink()
  api = await startApi((_request, response) => {
    if (location !== undefined) response.setHeader('location', location)
    json(response, 201, body)
  })
  capture = startHttpCapture(sink, [{ name: 'http', options: { rules } }])
  return sink.run('a', async (scope) => {
    const raw = typeof sent === 'string' || sent instanceof URLSearchParams
    await (await fetch(api.origin + path, { method, body: raw ? sent : JSON.stringify(sent) })).text()
    return scope
  })
}

const requests = ({ sets }: RecordedScope) =>
  sets.flatMap(({ keys, steps: [step] }) => {
    const { method, url } = (step as unknown as { args: { method: string; url: string } }).args
    return keys.map((key) => `${method} ${url.replace('{id}', String(key))}`)
  })

test.each<[string, unknown, string?, unknown?]>([
  ['POST /users/7/avatar', {}, '/users/7'],
  ['POST /documents/7', { id: 7, revision: 2 }, '/documents/7'],
  ['POST /payments', {}, '/orders/9', { order: 9 }],
  ['POST /shoporders', { orderNumber: 'A', total: 10, items: [{ id: 9 }, { id: 11 }] }],
  ['PUT /cats', { id: 104 }],
  ['PUT /cats', {}],
  ['POST /carts/3/items', { id: 3, items: [{ id: 1 }, { id: 104 }] }],
  ['POST /carts/3/items', { items: [{ id: 1 }, { id: 104 }] }],
  ['PUT /me/settings/theme', { value: 'dark' }],
  ['POST /profiles', {}, '/profiles/me'],
  ['POST /nx', {}, '/nx/102/payment'],
  ['POST /nx', {}, '/nx/login'],
  ['POST /', {}, '/users'],
  ['POST /categories/3/products', { id: 6 }, '/products/6', { sku: 'sku-6' }],
  ['POST /categories/books/products', { id: 6 }, '/products/6', { sku: 'sku-6' }],
  ['POST /shop/products', { id: 6 }, '/products/6', { data: { type: 'products', id: '6' } }],
  ['POST /shop/products', { id: 6 }, '/products/6', { products: [{ id: 6 }] }],
  ['POST /shop/products', { id: 6 }, '/products/6', { product: '/products/6' }],
  ['POST /shop/products', { id: 6 }, '/products/6', new URLSearchParams({ productId: '6' })],
  ['POST /shop/products', { id: 6 }, '/products/6', 'sku=6'],
  ['POST /teams/acme/members', { id: 2, slug: 'acme' }],
  ['POST /teams/acme/members', { id: 2, members: [{ id: 9 }] }],
  ['POST /cart/items', { id: 3, items: [{ id: 9 }], total: 5 }],
  ['POST /cart/line-items', { data: { id: 3, lineItems: [{ id: 9 }] } }],
  ['POST /teams/acme/members', [{ id: 2, slug: 'acme' }]],
  ['POST /orders', { id: 1, success: false, message: 'already exists' }],
  ['POST /orders', { success: false, message: 'already exists', data: { id: 1 } }],
  ['POST /orders', { errors: [{ message: 'already exists' }], data: { id: 1 } }],
  ['POST /orders', { error: 'already exists', data: { id: 1 } }],
  ['POST /orders', { status: 'error', data: { id: 1 } }],
  ['POST /orders', { statusCode: 409, data: { id: 1 } }],
  ['POST /files', {}, 'http://localhost:4811/files/3'],
  ['POST /products', [{ id: 2 }], '/products', [{ id: 2, name: 'x' }]],
  ['POST /users?tenant=b', { id: 5 }],
  ['POST /products', [{ id: 8 }], '/products', { entries: [{ id: 8, name: 'upsert' }] }],
  ['POST /products', [{ id: 8 }], '/products', { data: { entries: [{ id: 8 }] } }],
  ['POST /products', [{ id: 8 }], '/products', [{ product: { id: 8 } }]],
  ['POST /order-items', [{ id: 8 }], '/order-items', { orderId: 8 }],
  ['PUT /models/fraud?version=2', { name: 'fraud' }],
  ['PUT /models/fraud?v=2', { name: 'fraud' }],
  ['POST /users/_doc', { _index: 'users-v1', _id: '42', result: 'created' }],
  ['PUT /users/_doc/42', { _index: 'users-v1', _id: '42', result: 'created' }],
  ['POST /rpc1', { id: 4, result: { id: 101 }, error: null }],
  ['POST /rpc1', { id: 4, result: { id: 101 } }],
  ['POST /search', { id: 6 }],
  ['POST /users/export', { id: 6 }],
  ['POST /orders/preview', { id: 6 }],
  ['POST /jobs/query', { id: 6 }],
  ['POST /users:validate', { id: 6 }],
  ['POST /rpc1', { id: 4, result: 'x', error: null }],
])('%s answered %j is not tracked and warns with DUSTPAN_NO_ID', async (...[line, body, to, sent]) => {
  const scope = await send(line, body, to, sent)
  expect(requests(scope)).toEqual([])
  expect(sink.warnings).toEqual([expect.stringMatching(/^DUSTPAN_NO_ID /)])
  expect(scope.events.slice(1)).toEqual(['none no-id'])
})

test('the DUSTPAN_NO_ID warning contains a rule to add', async () => {
  const messages: string[] = []
  await send('POST /teams/7/signup', { id: 5 })
  const warn = sink.warn.bind(sink)
  sink.warn = (code, subject, message) => {
    messages.push(message)
    warn(code, subject, message)
  }
  await api[Symbol.asyncDispose]()
  api = await startApi((_request, response) => response.writeHead(201, { location: '/users/7' }).end())
  await sink.run('b', async () => {
    await (await fetch(`${api.origin}/teams/7/signup`, { method: 'POST' })).text()
  })
  expect(messages).toEqual([
    'POST /teams/{id}/signup was answered 201, but its Location is not under that path: it is not tracked. ' +
      "Add a rule that says what was created: { create: 'POST /teams/*/signup', id: 'location', remove: 'DELETE /things/{id}' }.",
  ])
})

test.each<[string, unknown, string | undefined, string]>([
  ['POST /dj/notes/', { id: 102 }, undefined, 'DELETE /dj/notes/102/'],
  ['POST /dj/notes/', {}, '/dj/notes/102/', 'DELETE /dj/notes/102/'],
  ['POST /rel/', {}, '103', 'DELETE /rel/103'],
  ['PUT /dj/notes/7/', {}, undefined, 'DELETE /dj/notes/7/'],
])('%s answered %j is removed at a path with the service’s slash', async (line, body, to, removal) => {
  expect(requests(await send(line, body, to))).toEqual([removal])
})

test.each(['', '/'])(
  'a resource created with a trailing slash is dropped when the test deletes it with %o at the end',
  async (end) => {
    const scope = await send('POST /dj/notes/', { id: 102 })
    await sink.run('b', async (running) => {
      running.known.push(...scope.known)
      await fetch(`${api.origin}/dj/notes/102${end}`, { method: 'DELETE' })
    })
    expect(sink.struck).toEqual(['note 102'])
  },
)

test.each<[string, unknown, string?, unknown?]>([
  ['POST /comments', { id: 7, replies: [{ id: 9 }], message: 'x' }],
  ['POST /carts/3/items', { id: 7, quantity: 3 }],
  ['POST /teams/acme/members', { id: 7, team: 'acme', orgId: 'acme' }],
  ['POST /orders', { success: true, errors: [], error: null, data: { id: 7 } }],
  ['POST /payments', { id: 7, status: 'failed' }],
  ['POST /users', { id: 7 }, 'http://backend.internal/users/7'],
  ['POST /shop/products', { id: 7 }, '/products/7', { name: 'x', category: 6 }],
  ['POST /users', { id: 7 }, '/users/7', { id: 7 }],
])('%s answered %j is tracked', async (...[line, body, to, sent]) => {
  const scope = await send(line, body, to, sent)
  expect(requests(scope)).toEqual([`DELETE ${line.slice(5)}/7`])
  expect(sink.warnings).toEqual([])
})

test.each<[string, unknown]>([
  ['POST /users/search', { id: 6, name: 'Ada' }],
  ['POST /users/find', [{ id: 6 }]],
  ['POST /users/findOne', { id: 6 }],
  ['POST /users/_search', { id: 6 }],
  ['POST /users:search', { id: 6 }],
  ['POST /api/users/list/', { id: 6 }],
  ['POST /users/count', { id: 6 }],
  ['POST /users/lookup', { id: 6 }],
])('%s answered %j only reads, and creates nothing', async (line, body) => {
  const scope = await send(line, body)
  expect(scope.events.slice(1)).toEqual(['none not-a-creation'])
  expect(sink.warnings).toEqual([])
})

test('a rule for a path that ends in a reading verb is honoured', async () => {
  const scope = await send('POST /users/search', { id: 7 }, undefined, {}, { create: 'POST /users/search' })
  expect(requests(scope)).toEqual(['DELETE /users/search/7'])
})

test.each<[string, unknown]>([
  ['POST /users?api-version=3', { id: 7 }],
  ['POST /users?version=v1', { id: 7 }],
  ['POST /users?version=2026-01-15', { id: 7 }],
  ['POST /users?refresh=true&wait_for_active_shards=1', { id: 7 }],
  ['POST /users?x-algolia-agent=a&columns=id', { id: 7 }],
  ['POST /users/_doc', { _index: 'users', _id: '7', result: 'created' }],
  ['POST /searches', { id: 7 }],
  ['POST /exam', { id: 7, result: 'passed' }],
  ['POST /exams', { id: 7, result: { score: 1 } }],
])('%s answered %j is tracked as 7', async (line, body) => {
  const scope = await send(line, body)
  expect(requests(scope)).toEqual([`DELETE ${line.slice(5).split('?')[0]}/7`])
  expect(sink.warnings).toEqual([])
})

test('a response that reports a failure creates nothing under a rule', async () => {
  const refused = { success: false, message: 'already exists', data: { id: 1 } }
  const scope = await send('POST /orders', refused, undefined, {}, { create: 'POST /orders', id: 'body.data.id' })
  expect(scope.events).toEqual(['intent POST /orders', 'none rejected'])
  expect(sink.warnings).toEqual([])
})

test('an error beside the ids that a rule points to is ignored', async () => {
  const some = { success: true, errors: [{ row: 2 }], made: [{ id: 7 }] }
  const scope = await send('POST /orders', some, undefined, {}, { create: 'POST /orders', id: 'body.made[].id' })
  expect(requests(scope)).toEqual(['DELETE /orders/7'])
})

test('items of a list whose id was in the request are not tracked, with DUSTPAN_NO_ID', async () => {
  const scope = await send('POST /products', [{ id: 2 }, { id: 10 }], undefined, [{ id: 2 }, { name: 'new' }])
  expect(requests(scope)).toEqual(['DELETE /products/10'])
  expect(sink.warnings).toEqual(['DUSTPAN_NO_ID POST /products'])
})

test('localhost and 127.0.0.1 are one host, for the test’s own deletes and for dependencies', async () => {
  const scope = await send('PUT /teams/blue', { id: 'blue', team: 'blue' })
  const other = api.origin.replace('127.0.0.1', 'localhost')
  await sink.run('b', async (running) => {
    running.known.push(...scope.known)
    await (await fetch(`${other}/teams/blue/members`, { method: 'POST' })).text()
    expect(running.sets).toMatchObject([{ type: 'member', dependsOn: [scope.known[0]?.id] }])
    await fetch(`${other}/teams/blue`, { method: 'DELETE' })
    expect(scope.stores).toEqual([{ id: api.origin }])
  })
  expect(sink.struck).toEqual(['team blue'])
})

test('a Location with another name of this machine belongs to the same service', async () => {
  await send('POST /x', {})
  await api[Symbol.asyncDispose]()
  api = await startApi((request, response) =>
    response.writeHead(201, { location: `http://localhost:${new URL(api.origin).port}${request.url}/5` }).end(),
  )
  await sink.run('b', async (scope) => {
    await (await fetch(`${api.origin}/users`, { method: 'POST' })).text()
    expect(requests(scope)).toEqual(['DELETE /users/5'])
  })
})

test.each<[string, boolean]>([
  ['DELETE /soft/103', false],
  ['DELETE /soft/103?permanent=false', false],
  ['DELETE /soft/103?permanent=true', true],
  ['DELETE /soft/103?reason=x&permanent=true', true],
])('a resource removed with ?permanent=true is dropped after %s: %o', async (line, isStruckOff) => {
  const rule = { create: 'POST /soft', remove: 'DELETE /soft/{id}?permanent=true' }
  const twoForms = { create: 'POST /soft', permanent: 'DELETE /soft/{id}?permanent=true' }
  for (const [rules, deletion] of [[[rule]], [[twoForms]], [[twoForms], 'hard']] as const) {
    capture?.[Symbol.dispose]()
    await api?.[Symbol.asyncDispose]()
    sink = recordingSink()
    api = await startApi((_request, response) => json(response, 201, { id: 103 }))
    capture = startHttpCapture(sink, [{ name: 'http', options: { rules }, ...(deletion ? { deletion } : {}) }])
    await sink.run('a', async () => {
      await (await fetch(`${api.origin}/soft`, { method: 'POST' })).text()
      const [method = '', path = ''] = line.split(' ')
      await (await fetch(api.origin + path, { method })).text()
    })
    expect(sink.struck).toEqual(isStruckOff ? ['soft 103'] : [])
  }
})

test('a test’s own soft delete drops the record with deletion: soft', async () => {
  sink = recordingSink()
  api = await startApi((_request, response) => json(response, 201, { id: 103 }))
  const rules = [{ create: 'POST /soft', permanent: 'DELETE /soft/{id}?permanent=true' }]
  capture = startHttpCapture(sink, [{ name: 'http', options: { rules }, deletion: 'soft' }])
  await sink.run('a', async () => {
    await (await fetch(`${api.origin}/soft`, { method: 'POST' })).text()
    await (await fetch(`${api.origin}/soft/103`, { method: 'DELETE' })).text()
  })
  expect(sink.struck).toEqual(['soft 103'])
})

test.each(['DELETE /soft/103', 'DELETE /soft/103?permanent=true'])(
  'a resource removed without a query is dropped after %s',
  async (line) => {
    const scope = await send('POST /soft', { id: 103 })
    const [method = '', path = ''] = line.split(' ')
    await sink.run('b', async (running) => {
      running.known.push(...scope.known)
      await fetch(api.origin + path, { method })
    })
    expect(sink.struck).toEqual(['soft 103'])
  },
)
