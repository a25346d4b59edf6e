/** Answers that tell of several things, each by itself: which of them were created. */
import { expect, onTestFinished, test } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import type { HttpRule } from '../../src/resource/http-options.ts'
import { json, startApi } from '../http/api.ts'
import { type RecordingSink, recordingSink } from './recording-sink.ts'

/** What is recorded of one request, and told. */
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
    'a text',
    {
      results: [
        { id: 2, status: '200 OK' },
        { id: 4, status: '201 Created' },
      ],
    },
    'body.results[].id',
  ],
  [
    'a line of HTTP',
    {
      results: [
        { id: 2, status: 'HTTP/1.1 200 OK' },
        { id: 4, status: 'HTTP/1.1 201 Created' },
      ],
    },
    'body.results[].id',
  ],
  [
    'beside the body of each',
    {
      responses: [
        { id: '1', statusCode: 201, body: { Id: 4 } },
        { id: '2', statusCode: 200, body: { Id: 2 } },
      ],
    },
    'body.responses[].body.Id',
  ],
  [
    'below what was done',
    { items: [{ index: { _id: 4, status: 201 } }, { index: { _id: 2, status: 200 } }] },
    'body.items[].index._id',
  ],
  [
    'in words',
    {
      results: [
        { id: 4, action: 'created' },
        { id: 2, action: 'updated' },
      ],
    },
    'body.results[].id',
  ],
  [
    'by a flag',
    {
      results: [
        { id: 4, created: true },
        { id: 2, created: false },
      ],
    },
    'body.results[].id',
  ],
])('what an item says of itself counts: %s', async (_, body, id) => {
  expect(await seen(207, body, rule(id))).toMatchObject({ events: ['created article 4'], warnings: [] })
})

test('a status of its own that is no number of HTTP says nothing', async () => {
  const body = { results: [{ id: 4, status: 'active' }, { id: 5, status: 100 }, { id: 6 }] }
  const { events } = await seen(207, body, rule('body.results[].id'))
  expect(events).toEqual(['created article 4', 'created article 5', 'created article 6'])
})

test('the same holds where the rule does not say where the ids are', async () => {
  const body = {
    results: [
      { id: 4, status: 201 },
      { id: 2, status: 200 },
    ],
  }
  expect((await seen(207, body, [{ create: 'POST /articles', status: [207] }])).events).toEqual(['created article 4'])
})

test('and for several types', async () => {
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

test('and without a rule', async () => {
  const body = [
    { id: 4, status: 201 },
    { id: 2, status: 200 },
  ]
  expect(await seen(201, body, [], [{ name: 'a' }, { name: 'b' }])).toMatchObject({
    events: ['created article 4'],
    warnings: ['DUSTPAN_NO_ID POST /articles'],
  })
})

test('where none is created by its own status, a warning tells why', async () => {
  const { events, messages } = await seen(207, { results: [{ id: 2, status: 200 }] }, rule('body.results[].id'))
  expect(events).toEqual(['none no-id'])
  expect(messages).toEqual([expect.stringContaining('the items that it lists say that they were not created')])
})

test('an item of another JSON:API type is none of the rule’s, and a warning tells of it', async () => {
  const results = [{ data: { type: 'articles', id: '13' } }, {}, { data: { type: 'people', id: '99' } }]
  const { events, messages } = await seen(200, { 'atomic:results': results }, rule('body.atomic:results[].data.id'))
  expect(events).toEqual(['created article 13'])
  expect(messages).toEqual([expect.stringMatching(/not all of it is tracked.* type: 'thing'/)])
})

test('of several types each takes its own', async () => {
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

test('a type that is no JSON:API is a field like others', async () => {
  const body = { results: [{ id: 1, type: 'draft' }] }
  expect((await seen(207, body, rule('body.results[].id'))).events).toEqual(['created article 1'])
})
