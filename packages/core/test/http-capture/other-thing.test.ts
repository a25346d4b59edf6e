/** Answers of 201 that show something else than the new thing, or something that was there before, and say so. */
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
  ['an order of which it sent the id', { line: 'POST /order-items', sent: { orderId: 7 }, body: { id: 7, total: 3 } }],
  ['the same in another spelling', { line: 'POST /order-items', sent: { order_id: '7' }, body: { id: 7 } }],
  ['the same in capitals', { line: 'POST /order-items', sent: { orderID: 7 }, body: { id: 7 } }],
  ['the same in a list', { line: 'POST /batches', sent: { orderIds: [7] }, body: { id: 7 } }],
  ['the same by its name', { line: 'POST /order-items', sent: { order: 7 }, body: { id: 7, total: 3 } }],
  ['the same as an object', { line: 'POST /items', sent: { order: { id: 7 } }, body: { id: 7, total: 3 } }],
  ['the same, wrapped', { line: 'POST /items', sent: { data: { orderId: 7 } }, body: { data: { id: 7, total: 3 } } }],
  ['a list of those', { line: 'POST /items', sent: [{ orderId: 7 }, { orderId: 8 }], body: [{ id: 7 }, { id: 8 }] }],
  [
    'a team, by its JSON:API type',
    { line: 'POST /teams/apollo/members', body: { data: { type: 'teams', id: '12', attributes: {} } } },
  ],
  [
    'a team, by its media type',
    { line: 'POST /teams/apollo/members', body: { data: { type: 'teams', id: '12' } }, headers: jsonApi },
  ],
  [
    'a team, by its HAL link',
    { line: 'POST /teams/apollo/members', body: { id: 12, _links: { self: { href: '/teams/apollo' } } } },
  ],
  [
    'another thing of the same id',
    { line: 'POST /teams/apollo/members', body: { id: 12, _links: { self: { href: '/teams/12' } } } },
  ],
  ['a thing without that id', { line: 'POST /users', body: { id: 12, links: { self: 'http://x.test/users/9' } } }],
  ['the same, as self', { line: 'POST /users', body: { id: 12, self: '/users/9' } }],
  ['what it was added to, as href', { line: 'POST /teams/apollo/members', body: { id: 12, href: '/teams/apollo' } }],
  ['what it was added to, as url', { line: 'POST /teams/apollo/members', body: { id: 12, url: '/teams/apollo/' } }],
  ['an operation', { line: 'POST /users', body: { id: 5, action: 'user.create', user: { id: 101 } } }],
  ['what it did not create', { line: 'POST /users', body: { id: 7, created: false } }],
  ['the same beside the thing', { line: 'POST /users', body: { data: { id: 7 }, success: true, created: false } }],
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
  ).flatMap((said): [string, Shown][] => [
    [JSON.stringify(said), { line: 'POST /users', body: { id: 7, ...said } }],
    [`${JSON.stringify(said)} within data`, { line: 'POST /users', body: { data: { id: 7, ...said } } }],
  ]),
  ...[{ meta: { created: false } }, { meta: { dryRun: true } }, { meta: { createdAt: '2020-01-01' } }].map(
    (said): [string, Shown] => [
      `${JSON.stringify(said)} beside data`,
      { line: 'POST /users', body: { data: { id: 7 }, ...said } },
    ],
  ),
  ['a dry run, as was asked', { line: 'POST /users', sent: { dryRun: true }, body: { id: 7, dryRun: true } }],
  ['what is older', { line: 'POST /users', body: { id: 7, createdAt: '2020-01-01T00:00:00Z' } }],
  ['what is two days old', { line: 'POST /users', body: { id: 7, created_at: days(2).toISOString() } }],
  ['the same in seconds', { line: 'POST /users', body: { id: 7, created: Math.floor(days(2).getTime() / 1000) } }],
  ['the same in milliseconds', { line: 'POST /users', body: { id: 7, createdAt: days(2).getTime() } }],
  [
    'what is older, though its Location goes on from the path',
    { line: 'POST /users', body: { id: 7, createdAt: '2020-01-01' }, headers: { location: '/users/7' } },
  ],
  ['the call, by JSON-RPC', { line: 'POST /rpc', body: { jsonrpc: '2.0', id: 1, result: { id: 101 } } }],
])('an answer that shows %s names nothing for certain', async (_, shown) => {
  const { created, warnings } = await seen(shown)
  expect(created).toEqual(['none no-id'])
  expect(warnings).toEqual([expect.stringMatching(/^DUSTPAN_NO_ID /)])
})

test.each<[string, Shown]>([
  ['names the order back', { line: 'POST /order-items', sent: { orderId: 7 }, body: { id: 7, order_id: 7, items: 3 } }],
  ['has the order in it', { line: 'POST /items', sent: { orderId: 7 }, body: { id: 7, order: { id: 7 } } }],
  ['has a number that was sent', { line: 'POST /items', sent: { quantity: 7, name: 'x' }, body: { id: 7 } }],
  ['has one of the numbers that were sent', { line: 'POST /items', sent: { marks: [6, 7] }, body: { id: 7 } }],
  ['has the id that was sent', { line: 'POST /items', sent: { itemId: 7 }, body: { id: 7 } }],
  [
    'has the order, of which the Location goes on',
    { line: 'POST /items', sent: { orderId: 7 }, body: { id: 7 }, headers: { location: '/items/7' } },
  ],
  ['is of that type', { line: 'POST /items', body: { data: { type: 'items', id: 7, attributes: {} } } }],
  ['is of a type like it', { line: 'POST /order-items', body: { data: { type: 'item', id: 7 } }, headers: jsonApi }],
  ['has a type of its own', { line: 'POST /accounts', body: { data: { type: 'savings', id: 7 } } }],
  [
    'has attributes of its own',
    { line: 'POST /products', body: { data: { id: 7, type: 'simple', attributes: [{ id: 1 }] } } },
  ],
  ['has its own link', { line: 'POST /v1/users', body: { id: 7, _links: { self: { href: '/users/7' } } } }],
  ['has its own link elsewhere', { line: 'POST /users', body: { id: 7, self: 'https://api.test/v2/users/7/' } }],
  ['has its own link, by a slug', { line: 'POST /users', body: { id: 7, slug: 'x', links: { self: '/users/x' } } }],
  ['has the link that was asked', { line: 'POST /users', body: { id: 7, links: { self: '/users' } } }],
  ['has the url of a page', { line: 'POST /users', body: { id: 7, url: 'https://shop.test/people/carl' } }],
  ['has the url of a file', { line: 'POST /users', body: { id: 7, href: '/uploads/7.png' } }],
  ['has a part', { line: 'POST /orders', body: { id: 7, user: { id: 5 } } }],
  ['has a part that is called so', { line: 'POST /users', body: { id: 7, user: { name: 'x' } } }],
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
  ].map((said): [string, Shown] => [`has ${JSON.stringify(said)}`, { line: 'POST /users', body: { id: 7, ...said } }]),
  ...[{ isNew: false }, { action: 'updated' }, { preview: true }, { status: 'duplicate' }].map(
    (said): [string, Shown] => [
      `has ${JSON.stringify(said)}, which was sent`,
      { line: 'POST /users', sent: said, body: { id: 7, ...said } },
    ],
  ),
  ['is new', { line: 'POST /users', body: { id: 7, created: true } }],
  ['is of now', { line: 'POST /users', body: { id: 7, created_at: new Date().toISOString() } }],
  ['is of today', { line: 'POST /users', body: { id: 7, created: new Date().toISOString().slice(0, 10) } }],
  ['is of now, in seconds', { line: 'POST /users', body: { id: 7, created: Math.floor(Date.now() / 1000) } }],
  [
    'is as old as the answer',
    {
      ...{ line: 'POST /users', body: { id: 7, createdAt: '2020-01-01T00:00:00Z' } },
      headers: { date: 'Wed, 01 Jan 2020 00:00:00 GMT' },
    },
  ],
  [
    'has the date that was sent',
    { line: 'POST /posts', sent: { createdAt: '2020-01-01' }, body: { id: 7, createdAt: '2020-01-01' } },
  ],
  ['has a date that is none', { line: 'POST /posts', body: { id: 7, created: 'by hand', createdAt: 5 } }],
])('an answer that %s is certain', async (_, shown) => {
  const { created, warnings } = await seen(shown)
  expect(created).toEqual([expect.stringMatching(/^created \S+ 7$/)])
  expect(warnings).toEqual([])
})

test('of an answer for several, what was refused is not taken', async () => {
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

test('under a rule, the id of a JSON-RPC call is not taken', async () => {
  const rules = [{ create: 'POST /rpc', type: 'user', status: [200] }]
  const body = { jsonrpc: '2.0', id: 1, result: { id: 101 } }
  const { created } = await seen({ line: 'POST /rpc', body, rules, status: 200 })
  expect(created).toEqual(['created user 101'])
})

test('under a rule, what says by `created: false` that it was found is no creation', async () => {
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
