/** Rules without ids in the response: a query may turn the request into another (`PUT /bucket/key?tagging`). */
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

test.each(['tagging', 'acl', 'partNumber=1&uploadId=u1'])(
  'a request with ?%s does not match the rule',
  async (query) => {
    const { events, warnings } = await seen(`PUT /bucket/a.txt?${query}`, [objects])
    expect(events).toEqual(['none no-id'])
    expect(warnings).toEqual(['DUSTPAN_NO_ID PUT /bucket/{id}'])
  },
)

test.each(['x-id=PutObject', 'fields=id', 'include=team', 'X-Amz-Signature=abc&X-Amz-Date=1'])(
  'a request with ?%s matches the rule',
  async (query) => {
    const { events, warnings } = await seen(`PUT /bucket/a.txt?${query}`, [objects])
    expect(events).toEqual(['created object a.txt'])
    expect(warnings).toEqual([])
  },
)

test('a request answered 201 matches the rule despite its query', async () => {
  const { events } = await seen('PUT /bucket/a.txt?notify=false', [{ ...objects, status: [201] }], 201)
  expect(events).toEqual(['created object a.txt'])
})

test('a version of a resource does not match a rule that does not name ?version, even answered 201', async () => {
  const rule: HttpRule = { create: 'PUT /models/{id}' }
  const { events, warnings } = await seen('PUT /models/fraud?version=2', [rule], 201)
  expect(events).toEqual(['none no-id'])
  expect(warnings).toEqual(['DUSTPAN_NO_ID PUT /models/{id}'])
  const named: HttpRule = { ...rule, remove: 'DELETE /models/{id}?version=2' }
  expect((await seen('PUT /models/fraud?version=2', [named], 201)).events).toEqual(['created model fraud'])
})

test.each<[string, HttpRule]>([
  ['the route', { ...objects, create: 'PUT /bucket/{id}?part' }],
  ['the removal', { ...objects, remove: 'DELETE /bucket/{id}?part=b' }],
])('a query named in %s matches the rule', async (_, rule) => {
  const { events } = await seen('PUT /bucket/a.txt?part=b', [rule])
  expect(events).toEqual(['created object a.txt'])
})

test('a route with a query applies only to requests with that query', async () => {
  const rules: HttpRule[] = [{ create: 'PUT /bucket/{id}?tagging', ignore: true }, objects]
  expect(await seen('PUT /bucket/a.txt?tagging', rules)).toEqual({ events: [], warnings: [], messages: [] })
  expect((await seen('PUT /bucket/a.txt', rules)).events).toEqual(['created object a.txt'])
})

test.each<[string, HttpRule, string, boolean]>([
  [
    'POST /trpc/user.create?batch=1',
    { create: 'POST /trpc/user.create', status: [200] },
    'POST /trpc/user.create?batch',
    true,
  ],
  ['PUT /bucket/a.txt?tagging&x-id=1', objects, 'PUT /bucket/{id}?tagging', false],
  ['PUT /bucket/a.txt?cors', objects, 'PUT /bucket/{id}?cors', false],
  [
    'PUT /bucket/a.txt?tenant=b&acl',
    { ...objects, create: 'PUT /bucket/{id}?tenant' },
    'PUT /bucket/{id}?tenant&acl',
    false,
  ],
  ['PUT /bucket/a.txt?partNumber=1&uploadId=u&x-id=UploadPart', objects, 'PUT /bucket/{id}?partNumber&uploadId', false],
])(
  'the warning for %s suggests a rule to ignore it, and one to track it if it may create',
  async (line, rule, route, mayCreate) => {
    const { messages } = await seen(line, [rule])
    expect(messages).toEqual([expect.stringContaining(`{ create: '${route}', ignore: true }`)])
    expect(messages[0]?.includes(`: create: ['${route}', '`)).toBe(mayCreate)
    expect((await seen(line, [{ create: route, ignore: true }, rule])).messages).toEqual([])
  },
)

test.each(['comp=block&blockid=MQ%3D%3D', 'comp=blocklist', 'partNumber=1&uploadId=u', 'uploads', 'tagging'])(
  'a request for a part of an object is not tracked, even answered 201: ?%s',
  async (query) => {
    const rule: HttpRule = { create: 'PUT /account/uploads/{id}' }
    const { events, warnings } = await seen(`PUT /account/uploads/keep.txt?${query}`, [rule], 201)
    expect(events).toEqual(['none no-id'])
    expect(warnings).toHaveLength(1)
    expect((await seen(`PUT /account/uploads/keep.txt?${query}`, [], 201)).messages).toEqual([
      expect.stringContaining('ignore: true'),
    ])
  },
)

test('a rule with ignore applies whatever the query', async () => {
  const rules: HttpRule[] = [{ create: 'PUT /bucket/{id}', ignore: true }]
  expect(await seen('PUT /bucket/a.txt?x=1', rules, 201)).toEqual({ events: [], warnings: [], messages: [] })
})

test('the advice for a query that the rule does not name also keeps requests without it', async () => {
  const { messages } = await seen('POST /trpc/user.create?batch=1', [
    { create: 'POST /trpc/user.create', status: [200] },
  ])
  const [, list = ''] = /create: (\[.+\])\.$/.exec(messages[0] ?? '') ?? []
  const create = JSON.parse(list.replaceAll("'", '"')) as string[]
  expect(create).toEqual(['POST /trpc/user.create?batch', 'POST /trpc/user.create'])
  for (const line of ['POST /trpc/user.create?batch=1', 'POST /trpc/user.create'])
    expect((await seen(line, [{ create, status: [200] }])).messages).toEqual([
      expect.stringContaining('no id was found'),
    ])
})
