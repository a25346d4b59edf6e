/** A rule whose ids the answer does not confirm: a query makes the request another one (`PUT /bucket/key?tagging`). */
import { expect, onTestFinished, test } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import type { HttpRule } from '../../src/resource/http-options.ts'
import { startApi } from '../http/api.ts'
import { recordingSink } from './recording-sink.ts'

async function seen(line: string, rules: readonly HttpRule[], status = 200) {
  const sink = recordingSink()
  const messages: string[] = []
  const warn = sink.warn.bind(sink)
  sink.warn = (code, subject, message) => {
    messages.push(message)
    warn(code, subject, message)
  }
  const api = await startApi((_request, response) => response.writeHead(status).end())
  const capture = startHttpCapture(sink, [{ name: 'http', options: { rules } }])
  onTestFinished(async () => {
    capture[Symbol.dispose]()
    await api[Symbol.asyncDispose]()
  })
  const [method = '', path = ''] = line.split(' ')
  return sink.run('a', async ({ events }) => {
    await (await fetch(api.origin + path, { method })).text()
    return { events: events.slice(1), warnings: sink.warnings, messages }
  })
}

const objects: HttpRule = { create: 'PUT /bucket/{id}', type: 'object', status: [200] }

test.each(['tagging', 'acl', 'partNumber=1&uploadId=u1'])('a request with ?%s is none of the rule’s', async (query) => {
  const { events, warnings } = await seen(`PUT /bucket/a.txt?${query}`, [objects])
  expect(events).toEqual([])
  expect(warnings).toEqual(['DUSTPAN_NO_ID PUT /bucket/{id}'])
})

test.each(['x-id=PutObject', 'fields=id', 'include=team', 'X-Amz-Signature=abc&X-Amz-Date=1'])(
  'a request with ?%s is',
  async (query) => {
    const { events, warnings } = await seen(`PUT /bucket/a.txt?${query}`, [objects])
    expect(events).toEqual(['created object a.txt'])
    expect(warnings).toEqual([])
  },
)

test('201 says by itself that it has created', async () => {
  const { events } = await seen('PUT /bucket/a.txt?notify=false', [{ ...objects, status: [201] }], 201)
  expect(events).toEqual(['created object a.txt'])
})

test.each<[string, HttpRule]>([
  ['its route', { ...objects, create: 'PUT /bucket/{id}?part' }],
  ['its removal', { ...objects, remove: 'DELETE /bucket/{id}?part=b' }],
])('a query that %s names is the rule’s', async (_, rule) => {
  const { events } = await seen('PUT /bucket/a.txt?part=b', [rule])
  expect(events).toEqual(['created object a.txt'])
})

test('a route with a query is that of requests that have it', async () => {
  const rules: HttpRule[] = [{ create: 'PUT /bucket/{id}?tagging', ignore: true }, objects]
  expect(await seen('PUT /bucket/a.txt?tagging', rules)).toEqual({ events: [], warnings: [], messages: [] })
  expect((await seen('PUT /bucket/a.txt', rules)).events).toEqual(['created object a.txt'])
})

test.each<[string, HttpRule, string]>([
  [
    'POST /trpc/user.create?batch=1',
    { create: 'POST /trpc/user.create', status: [200] },
    'POST /trpc/user.create?batch',
  ],
  ['PUT /bucket/a.txt?tagging&x-id=1', objects, 'PUT /bucket/{id}?tagging'],
  ['PUT /bucket/a.txt?tenant=b&acl', { ...objects, create: 'PUT /bucket/{id}?tenant' }, 'PUT /bucket/{id}?tenant&acl'],
])('the warning for %s has the route to write', async (line, rule, route) => {
  const { messages } = await seen(line, [rule])
  expect(messages).toEqual([expect.stringContaining(`as by create: '${route}'.`)])
  expect((await seen(line, [{ ...rule, create: route, id: 'header.x-id' }])).messages).not.toEqual(messages)
})

test('what is to be ignored is, whatever its query', async () => {
  const rules: HttpRule[] = [{ create: 'PUT /bucket/{id}', ignore: true }]
  expect(await seen('PUT /bucket/a.txt?x=1', rules, 201)).toEqual({ events: [], warnings: [], messages: [] })
})
