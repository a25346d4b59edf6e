/** Requests that refer to an existing resource by `If-Match` or by its revision. */
import { expect, onTestFinished, test } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import type { HttpRule } from '../../src/resource/http-options.ts'
import { json, startApi } from '../http/api.ts'
import { recordingSink } from '../http-capture/recording-sink.ts'

interface Sent {
  readonly line?: string
  readonly headers?: Record<string, string>
  readonly body?: unknown
  readonly rules?: readonly HttpRule[]
  readonly status?: number
}

async function seen({ line = 'PUT /docs/2', headers = {}, body = { name: 'x' }, rules = [], status = 201 }: Sent) {
  const sink = recordingSink()
  const api = await startApi((_request, response) => json(response, status, { ok: true, id: '2' }))
  const capture = startHttpCapture(sink, [{ name: 'http', options: { rules } }])
  onTestFinished(async () => {
    capture[Symbol.dispose]()
    await api[Symbol.asyncDispose]()
  })
  const [method = '', path = ''] = line.split(' ')
  return sink.run('a', async ({ events }) => {
    await (await fetch(api.origin + path, { method, headers, body: JSON.stringify(body) })).text()
    return [...events.slice(1), ...sink.warnings]
  })
}

const upsert: HttpRule = { create: 'PUT /docs/{id}', status: [200, 201] }

test.each<[string, Sent]>([
  ['If-Match', { headers: { 'If-Match': '"abc"' } }],
  ['If-Match: *', { headers: { 'if-match': '*' } }],
  ['If-Match under a rule', { headers: { 'If-Match': '"abc"' }, rules: [upsert], status: 200 }],
  [
    'If-Match on PATCH',
    { line: 'PATCH /docs/2', headers: { 'If-Match': 'W/"1"' }, rules: [{ create: 'PATCH /docs/{id}' }] },
  ],
  ['_rev', { body: { name: 'x', _rev: '1-967a00dff5e02add41819138abb3284d' } }],
  ['_rev and a list', { body: { name: 'x', tags: ['a'], _rev: '1-967a' } }],
  ['_rev of a posted document', { line: 'POST /docs', body: { _id: '2', _rev: '1-967a' } }],
  ['?rev=', { line: 'PUT /docs/2?rev=1-967a00dff5e02add41819138abb3284d' }],
])('a request with %s is an update and is not tracked', async (_, sent) => {
  expect(await seen(sent)).toEqual(['none updated-existing'])
})

test.each<[string, Sent]>([
  ['If-None-Match', { headers: { 'If-None-Match': '*' } }],
  ['an empty If-Match', { headers: { 'If-Match': '' } }],
  ['an empty _rev', { body: { _rev: '' } }],
  ['_rev in a list that is not one of documents', { body: { members: [{ _id: 'a', _rev: '1-967a' }] } }],
  ['_rev without _id', { line: 'POST /docs', body: { _rev: '1-967a' } }],
  ['If-Match on POST', { line: 'POST /docs', headers: { 'If-Match': '"abc"' } }],
])('a request with %s is a creation', async (_, sent) => {
  expect(await seen(sent)).toEqual(['created doc 2'])
})

test.each(['true', '1'])('a request with X-Dry-Run: %s creates nothing', async (value) => {
  expect(await seen({ line: 'POST /docs', headers: { 'X-Dry-Run': value } })).toEqual(['none not-a-creation'])
})

test('a request with X-Dry-Run: false is a creation', async () => {
  expect(await seen({ line: 'POST /docs', headers: { 'X-Dry-Run': 'false' } })).toEqual(['created doc 2'])
})

test('an update whose earlier attempt may have created the resource warns with DUSTPAN_NO_ID', async () => {
  const sink = recordingSink()
  let answers = 0
  const api = await startApi((_request, response) => json(response, answers++ === 0 ? 503 : 201, {}))
  const capture = startHttpCapture(sink, [{ name: 'http', options: {} }])
  onTestFinished(async () => {
    capture[Symbol.dispose]()
    await api[Symbol.asyncDispose]()
  })
  await sink.run('a', async ({ events }) => {
    await (await fetch(`${api.origin}/docs/2`, { method: 'PUT' })).text()
    await (await fetch(`${api.origin}/docs/2`, { method: 'PUT', headers: { 'If-Match': '"abc"' } })).text()
    expect(events).toEqual(['intent PUT /docs/{id}', 'intent PUT /docs/{id}', 'none updated-existing'])
  })
  expect(sink.warnings).toEqual(['DUSTPAN_NO_ID PUT /docs/{id}'])
})
