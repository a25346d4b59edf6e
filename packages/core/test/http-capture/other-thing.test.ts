/** Responses with status 201 that describe another resource, or one that existed before. */
import { expect, onTestFinished, test } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import type { HttpRule } from '../../src/resource/http-options.ts'
import { startApi } from '../http/api.ts'
import { type RecordedScope, recordingSink } from './recording-sink.ts'

interface Shown {
  readonly line: string
  readonly body: unknown
  readonly sent?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly rules?: readonly HttpRule[]
  readonly status?: number
}

async function seen({ line, body, sent = {}, headers = {}, rules = [], status = 201 }: Shown) {
  const sink = recordingSink()
  const api = await startApi((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  })
  const capture = startHttpCapture(sink, [{ name: 'http', options: { rules } }])
  onTestFinished(async () => {
    capture[Symbol.dispose]()
    await api[Symbol.asyncDispose]()
  })
  const [method = '', path = ''] = line.split(' ')
  const scope = await sink.run('a', async (running): Promise<RecordedScope> => {
    await (await fetch(api.origin + path, { method, body: JSON.stringify(sent) })).text()
    return running
  })
  return { created: scope.events.slice(1), warnings: sink.warnings }
}

const jsonApi = { 'content-type': 'application/vnd.api+json' }
const days = (count: number) => new Date(Date.now() - count * 86_400_000)

test.each<[string, Shown]>([
  ['the id of an order that was sent', { line: 'POST /order-items', sent: { orderId: 7 }, body: { id: 7, total: 3 } }],
  ['the same in another spelling', { line: 'POST /order-items', sent: { order_id: '7' }, body: { id: 7 } }],
  ['the same in capitals', { line: 'POST /order-items', sent: { orderID: 7 }, body: { id: 7 } }],
  ['the same from a list', { line: 'POST /batches', sent: { orderIds: [7] }, body: { id: 7 } }],
  ['the same under the type’s name', { line: 'POST /order-items', sent: { order: 7 }, body: { id: 7, total: 3 } }],
  ['the same in an object', { line: 'POST /items', sent: { order: { id: 7 } }, body: { id: 7, total: 3 } }],
  ['the same in data', { line: 'POST /items', sent: { data: { orderId: 7 } }, body: { data: { id: 7, total: 3 } } }],
  ['a list of such ids', { line: 'POST /items', sent: [{ orderId: 7 }, { orderId: 8 }], body: [{ id: 7 }, { id: 8 }] }],
  [
    'a JSON:API type of the parent',
    { line: 'POST /teams/apollo/members', body: { data: { type: 'teams', id: '12', attributes: {} } } },
  ],
  [
    'a JSON:API media type with the parent’s type',
    { line: 'POST /teams/apollo/members', body: { data: { type: 'teams', id: '12' } }, headers: jsonApi },
  ],
  [
    'a HAL link to the parent',
    { line: 'POST /teams/apollo/members', body: { id: 12, _links: { self: { href: '/teams/apollo' } } } },
  ],
  [
    'a HAL link to another resource with the same id',
    { line: 'POST /teams/apollo/members', body: { id: 12, _links: { self: { href: '/teams/12' } } } },
  ],
  ['a self link with another id', { line: 'POST /users', body: { id: 12, links: { self: 'http://x.test/users/9' } } }],
  ['a self property with another id', { line: 'POST /users', body: { id: 12, self: '/users/9' } }],
  ['an href of the parent', { line: 'POST /teams/apollo/members', body: { id: 12, href: '/teams/apollo' } }],
  ['a url of the parent', { line: 'POST /teams/apollo/members', body: { id: 12, url: '/teams/apollo/' } }],
  [
    'an operation around the resource',
    { line: 'POST /users', body: { id: 5, action: 'user.create', user: { id: 101 } } },
  ],
  ['created: false', { line: 'POST /users', body: { id: 7, created: false } }],
  [
    'created: false beside the resource',
    { line: 'POST /users', body: { data: { id: 7 }, success: true, created: false } },
  ],
  ...(
    [
      { meta: { created: false } },
      { isNew: false },
      { is_new: false },
      { wasCreated: false },
      { existing: true },
      { alreadyExists: true },
      { already_registered: true },
      { duplicate: true },
      { updated: true },
      { action: 'updated' },
      { result: 'updated', version: 2 },
      { status: 'already_exists' },
      { dryRun: true },
      { preview: true },
      { inserted_at: '2020-01-01T00:00:00' },
      { createTime: '2020-01-01T00:00:00Z' },
      { registeredAt: '2020-01-01' },
      { date_joined: '2020-01-01' },
      { when_created: '2020-01-01' },
      { meta: { createdAt: '2020-01-01' } },
      { timestamps: { createdAt: '2020-01-01' } },
      { metadata: { creationTimestamp: '2020-01-01T00:00:00Z' } },
    ] as const
  ).flatMap((extra): [string, Shown][] => [
    [JSON.stringify(extra), { line: 'POST /users', body: { id: 7, ...extra } }],
    [`${JSON.stringify(extra)} in data`, { line: 'POST /users', body: { data: { id: 7, ...extra } } }],
  ]),
  ...[{ meta: { created: false } }, { meta: { dryRun: true } }, { meta: { createdAt: '2020-01-01' } }].map(
    (extra): [string, Shown] => [
      `${JSON.stringify(extra)} beside data`,
      { line: 'POST /users', body: { data: { id: 7 }, ...extra } },
    ],
  ),
  ['a dry run that was asked for', { line: 'POST /users', sent: { dryRun: true }, body: { id: 7, dryRun: true } }],
  ['an old creation date', { line: 'POST /users', body: { id: 7, createdAt: '2020-01-01T00:00:00Z' } }],
  ['a creation date of two days ago', { line: 'POST /users', body: { id: 7, created_at: days(2).toISOString() } }],
  ['the same in seconds', { line: 'POST /users', body: { id: 7, created: Math.floor(days(2).getTime() / 1000) } }],
  ['the same in milliseconds', { line: 'POST /users', body: { id: 7, createdAt: days(2).getTime() } }],
  [
    'an old creation date, with a matching Location',
    { line: 'POST /users', body: { id: 7, createdAt: '2020-01-01' }, headers: { location: '/users/7' } },
  ],
  ['the id of a JSON-RPC call', { line: 'POST /rpc', body: { jsonrpc: '2.0', id: 1, result: { id: 101 } } }],
])('a response with %s is not tracked and warns with DUSTPAN_NO_ID', async (_, shown) => {
  const { created, warnings } = await seen(shown)
  expect(created).toEqual(['none no-id'])
  expect(warnings).toEqual([expect.stringMatching(/^DUSTPAN_NO_ID /)])
})

test.each<[string, Shown]>([
  [
    'the order’s id under its name',
    { line: 'POST /order-items', sent: { orderId: 7 }, body: { id: 7, order_id: 7, items: 3 } },
  ],
  ['the order nested in it', { line: 'POST /items', sent: { orderId: 7 }, body: { id: 7, order: { id: 7 } } }],
  ['an id equal to a number that was sent', { line: 'POST /items', sent: { quantity: 7, name: 'x' }, body: { id: 7 } }],
  [
    'an id equal to a number in a list that was sent',
    { line: 'POST /items', sent: { marks: [6, 7] }, body: { id: 7 } },
  ],
  ['its own id that was sent', { line: 'POST /items', sent: { itemId: 7 }, body: { id: 7 } }],
  [
    'the id of the order, with a matching Location',
    { line: 'POST /items', sent: { orderId: 7 }, body: { id: 7 }, headers: { location: '/items/7' } },
  ],
  ['a matching JSON:API type', { line: 'POST /items', body: { data: { type: 'items', id: 7, attributes: {} } } }],
  ['a similar JSON:API type', { line: 'POST /order-items', body: { data: { type: 'item', id: 7 } }, headers: jsonApi }],
  ['a type field that is not JSON:API', { line: 'POST /accounts', body: { data: { type: 'savings', id: 7 } } }],
  [
    'an attributes list that is not JSON:API',
    { line: 'POST /products', body: { data: { id: 7, type: 'simple', attributes: [{ id: 1 }] } } },
  ],
  ['a matching HAL link', { line: 'POST /v1/users', body: { id: 7, _links: { self: { href: '/users/7' } } } }],
  [
    'a matching self link on another host',
    { line: 'POST /users', body: { id: 7, self: 'https://api.test/v2/users/7/' } },
  ],
  ['a self link to the collection', { line: 'POST /users', body: { id: 7, links: { self: '/users' } } }],
  ['the url of a page', { line: 'POST /users', body: { id: 7, url: 'https://shop.test/people/carl' } }],
  ['the href of a file', { line: 'POST /users', body: { id: 7, href: '/uploads/7.png' } }],
  ['a nested resource of another type', { line: 'POST /orders', body: { id: 7, user: { id: 5 } } }],
  ['a nested object without an id', { line: 'POST /users', body: { id: 7, user: { name: 'x' } } }],
  ...[
    { action: 'created' },
    { isNew: true },
    { duplicate: false },
    { existing: null },
    { updated: '2020-01-01' },
    { status: 'active', result: 'ok' },
    { dryRun: false, preview: false },
    { meta: { created: true, registered: 'yes' } },
    { alreadyPaid: true },
  ].map((extra): [string, Shown] => [JSON.stringify(extra), { line: 'POST /users', body: { id: 7, ...extra } }]),
  ...[{ isNew: false }, { action: 'updated' }, { preview: true }, { status: 'duplicate' }].map(
    (extra): [string, Shown] => [
      `${JSON.stringify(extra)} that was sent`,
      { line: 'POST /users', sent: extra, body: { id: 7, ...extra } },
    ],
  ),
  ['created: true', { line: 'POST /users', body: { id: 7, created: true } }],
  ['a creation date of now', { line: 'POST /users', body: { id: 7, created_at: new Date().toISOString() } }],
  [
    'a creation date of today',
    { line: 'POST /users', body: { id: 7, created: new Date().toISOString().slice(0, 10) } },
  ],
  [
    'a creation date of now in seconds',
    { line: 'POST /users', body: { id: 7, created: Math.floor(Date.now() / 1000) } },
  ],
  [
    'the creation date of the Date header',
    {
      ...{ line: 'POST /users', body: { id: 7, createdAt: '2020-01-01T00:00:00Z' } },
      headers: { date: 'Wed, 01 Jan 2020 00:00:00 GMT' },
    },
  ],
  [
    'the creation date that was sent',
    { line: 'POST /posts', sent: { createdAt: '2020-01-01' }, body: { id: 7, createdAt: '2020-01-01' } },
  ],
  ['an invalid creation date', { line: 'POST /posts', body: { id: 7, created: 'by hand', createdAt: 5 } }],
])('a response with %s is tracked', async (_, shown) => {
  const { created, warnings } = await seen(shown)
  expect(created).toEqual([expect.stringMatching(/^created \S+ 7$/)])
  expect(warnings).toEqual([])
})

test('rejected items of a batch response are not tracked', async () => {
  const results = [
    ...[
      { status: 201, id: 101 },
      { status: 409, id: 5 },
      { statusCode: '422', id: 6 },
      { id: 7, error: 'exists' },
    ],
    ...[
      { id: 8, success: false },
      { id: 102, status: 'failed', errors: [], error: null },
    ],
  ]
  const rules = [{ create: 'POST /batch', type: 'user', status: [207], id: 'body.results[].id' }]
  const { created } = await seen({ line: 'POST /batch', body: { results }, rules, status: 207 })
  expect(created).toEqual(['created user 101', 'created user 102'])
})

test.each([
  { jsonrpc: '2.0', id: 1, result: { id: 101 } },
  { id: 1, result: { id: 101 }, error: null },
])('the id of the JSON-RPC call %j is not tracked under a rule', async (body) => {
  const rules = [{ create: 'POST /rpc', type: 'user', status: [200] }]
  const { created } = await seen({ line: 'POST /rpc', body, rules, status: 200 })
  expect(created).toEqual(['created user 101'])
})

test('a response with created: false is an update under a rule', async () => {
  const rules = [{ create: 'POST /users', status: [200], id: 'body.user.id' }]
  for (const body of [
    { created: false, user: { id: 7 } },
    { user: { id: 7 }, meta: { created: false } },
  ])
    expect(await seen({ line: 'POST /users', body, rules, status: 200 })).toEqual({
      created: ['none updated-existing'],
      warnings: [],
    })
})
