/** Responses that list several items with a status each: only the created ones are tracked. */
import { expect, onTestFinished, test } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import type { HttpRule } from '../../src/resource/http-options.ts'
import { json, startApi } from '../http/api.ts'
import { type RecordingSink, recordingSink } from './recording-sink.ts'

/** The recorded events of one request, and its warnings. */
async function seen(status: number, body: unknown, rules: readonly HttpRule[], sent: unknown = {}) {
  const sink: RecordingSink & { messages?: string[] } = recordingSink()
  const messages: string[] = []
  const warn = sink.warn.bind(sink)
  sink.warn = (code, subject, message) => {
    messages.push(message)
    warn(code, subject, message)
  }
  const api = await startApi((_request, response) => json(response, status, body))
  const capture = startHttpCapture(sink, [{ name: 'http', options: { rules } }])
  onTestFinished(async () => {
    capture[Symbol.dispose]()
    await api[Symbol.asyncDispose]()
  })
  return sink.run('a', async ({ events }) => {
    await (await fetch(`${api.origin}/articles`, { method: 'POST', body: JSON.stringify(sent) })).text()
    return { events: events.slice(1), warnings: sink.warnings, messages }
  })
}

const rule = (id: string, more: Partial<HttpRule> = {}): HttpRule[] => [
  { create: 'POST /articles', status: [200, 207], id, ...more },
]

test.each<[string, unknown, string]>([
  [
    'a number',
    {
      results: [
        { id: 4, status: 201 },
        { id: 2, status: 200 },
        { id: 3, status: 204 },
        { id: 5, status: 304 },
        { id: 6, status: 409 },
      ],
    },
    'body.results[].id',
  ],
  [
    'a string',
    {
      results: [
        { id: 2, status: '200 OK' },
        { id: 4, status: '201 Created' },
      ],
    },
    'body.results[].id',
  ],
  [
    'a status line',
    {
      results: [
        { id: 2, status: 'HTTP/1.1 200 OK' },
        { id: 4, status: 'HTTP/1.1 201 Created' },
      ],
    },
    'body.results[].id',
  ],
  [
    'beside the body of each item',
    {
      responses: [
        { id: '1', statusCode: 201, body: { Id: 4 } },
        { id: '2', statusCode: 200, body: { Id: 2 } },
      ],
    },
    'body.responses[].body.Id',
  ],
  [
    'below the operation',
    { items: [{ index: { _id: 4, status: 201 } }, { index: { _id: 2, status: 200 } }] },
    'body.items[].index._id',
  ],
  [
    'an action',
    {
      results: [
        { id: 4, action: 'created' },
        { id: 2, action: 'updated' },
      ],
    },
    'body.results[].id',
  ],
  [
    'a flag',
    {
      results: [
        { id: 4, created: true },
        { id: 2, created: false },
      ],
    },
    'body.results[].id',
  ],
])('an item’s own status decides whether it was created: %s', async (_, body, id) => {
  expect(await seen(207, body, rule(id))).toMatchObject({ events: ['created article 4'], warnings: [] })
})

test('an item’s status that is not an HTTP status is ignored', async () => {
  const body = { results: [{ id: 4, status: 'active' }, { id: 5, status: 100 }, { id: 6 }] }
  const { events } = await seen(207, body, rule('body.results[].id'))
  expect(events).toEqual(['created article 4', 'created article 5', 'created article 6'])
})

test('an item’s own status decides without an `id` in the rule', async () => {
  const body = {
    results: [
      { id: 4, status: 201 },
      { id: 2, status: 200 },
    ],
  }
  expect((await seen(207, body, [{ create: 'POST /articles', status: [207] }])).events).toEqual(['created article 4'])
})

test('an item’s own status decides with several types', async () => {
  const body = {
    entities: {
      articles: [
        { id: 4, status: 201 },
        { id: 2, status: 200 },
      ],
      pages: [{ id: 1, status: 200 }],
    },
  }
  expect(
    (await seen(207, body, [{ create: 'POST /articles', status: [207], entities: 'body.entities' }])).events,
  ).toEqual(['created article 4'])
})

test('an item’s own status decides without a rule', async () => {
  const body = [
    { id: 4, status: 201 },
    { id: 2, status: 200 },
  ]
  expect(await seen(201, body, [], [{ name: 'a' }, { name: 'b' }])).toMatchObject({
    events: ['created article 4'],
    warnings: ['DUSTPAN_NO_ID POST /articles'],
  })
})

test('the warning says when no item was created by its own status', async () => {
  const { events, messages } = await seen(207, { results: [{ id: 2, status: 200 }] }, rule('body.results[].id'))
  expect(events).toEqual(['none no-id'])
  expect(messages).toEqual([expect.stringContaining('the items that it lists say that they were not created')])
})

test('an item of another JSON:API type is not tracked and warned about', async () => {
  const results = [{ data: { type: 'articles', id: '13' } }, {}, { data: { type: 'people', id: '99' } }]
  const { events, messages } = await seen(200, { 'atomic:results': results }, rule('body.atomic:results[].data.id'))
  expect(events).toEqual(['created article 13'])
  expect(messages).toEqual([expect.stringMatching(/not all of it is tracked.* type: 'thing'/)])
})

test('`many` assigns JSON:API items to their types and warns about others', async () => {
  const results = [{ data: { type: 'articles', id: '13' } }, { data: { type: 'people', id: '99' } }]
  const place = 'body.atomic:results[].data.id'
  const rules: HttpRule[] = [{ create: 'POST /articles', status: [200], many: { article: place, people: place } }]
  expect(await seen(200, { 'atomic:results': results }, rules)).toMatchObject({
    events: ['created article 13', 'created people 99'],
    warnings: [],
  })
  const tags = [...results, { data: { type: 'tags', id: '5' } }]
  expect(await seen(200, { 'atomic:results': tags }, rules)).toMatchObject({
    events: ['created article 13', 'created people 99'],
    warnings: ['DUSTPAN_NO_ID POST /articles'],
  })
})

test('a `type` field that is not JSON:API is ignored', async () => {
  const body = { results: [{ id: 1, type: 'draft' }] }
  expect((await seen(207, body, rule('body.results[].id'))).events).toEqual(['created article 1'])
})
