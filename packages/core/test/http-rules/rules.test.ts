import { afterEach, describe, expect, test } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import type { HttpRule } from '../../src/resource/http-options.ts'
import { type Api, json, startApi } from '../http/api.ts'
import { type RecordedScope, type RecordingSink, recordingSink } from '../http-capture/recording-sink.ts'

let sink: RecordingSink
let capture: Disposable
let api: Api

afterEach(async () => {
  capture[Symbol.dispose]()
  await api[Symbol.asyncDispose]()
})

/** Sends one request under one rule to a service that answers as given. */
async function send(
  rule: HttpRule,
  line: string,
  body: unknown,
  { status = 201, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): Promise<RecordedScope> {
  const [method = '', path = ''] = line.split(' ')
  sink = recordingSink()
  capture = startHttpCapture(sink, [{ name: 'http', options: { rules: [rule] } }])
  api = await startApi((_request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    json(response, status, body)
  })
  return sink.run('a', async (scope) => {
    await (await fetch(api.origin + path, { method, body: '{}' })).text()
    return scope
  })
}

const removals = ({ sets }: RecordedScope) =>
  sets.map(({ type, keys, steps }) => {
    const [step] = steps
    const args = step && 'args' in step ? (step.args as { method: string; url: string }) : { method: '', url: '' }
    return [type, keys, `${args.method} ${args.url}`]
  })

describe('a rule', () => {
  test('can accept status 200 as a creation', async () => {
    const scope = await send(
      { create: 'POST /signup', status: [200], type: 'user', id: 'body.user.id', remove: 'DELETE /users/{id}' },
      'POST /signup',
      { user: { id: 7 } },
      { status: 200 },
    )
    expect(removals(scope)).toEqual([['user', [7], 'DELETE /users/{id}']])
  })

  test('fills in encoded path parameters and fields of the response', async () => {
    const scope = await send(
      { create: 'POST /teams/{team}/users', remove: 'DELETE /teams/{team}/users/{id}?version={body.meta.version}' },
      'POST /teams/a%20b/users',
      { id: 7, meta: { version: 3 } },
    )
    expect(removals(scope)).toEqual([['user', [7], 'DELETE /teams/a%20b/users/{id}?version=3']])
  })

  test.each(['', null, '.', '..'])(
    'does not fill in %o in a URL, which would address the whole collection',
    async (slug) => {
      const rule: HttpRule = {
        create: 'POST /tags',
        remove: { request: 'DELETE /tags/{body.slug}', body: { slug: '{body.slug}' }, verify: 'GET /tags/{body.slug}' },
        fallback: 'DELETE /tags?slug={body.slug}&force={body.force}',
      }
      const scope = await send(rule, 'POST /tags', { id: 7, slug, force: true })
      expect(scope.sets[0]?.steps).toMatchObject([
        { args: { url: '/tags/{body.slug}', verify: '/tags/{body.slug}' } },
        { args: { url: '/tags?slug={body.slug}&force=true' } },
      ])
    },
  )

  test.each([
    ['body.ids', { ids: [1, 2] }, {}, [1, 2]],
    ['body.items[].id', { items: [{ id: 1 }, { id: 2 }] }, {}, [1, 2]],
    ['body[].id', [{ id: 1 }, { id: 2 }], {}, [1, 2]],
    ['body.items[]', { items: [{ id: 1 }, { id: 1 }] }, {}, [1]],
    ['header.x-id', {}, { 'x-id': 'h1' }, ['h1']],
    ['location', { id: 9 }, { location: '/admin/users/l1' }, ['l1']],
    ['path.slug', {}, {}, ['users']],
  ] as const)('finds ids in %s', async (id, body, headers, keys) => {
    const scope = await send({ create: 'POST /{slug}', id, type: 'user' }, 'POST /users', body, { headers })
    expect(scope.sets.map((set) => set.keys)).toEqual([keys])
  })

  test('can name several routes and match any rest of a path', async () => {
    const rule: HttpRule = { create: ['POST /a', 'PUT /files/*'], remove: 'DELETE /trash/{id}' }
    expect(removals(await send(rule, 'PUT /files/x/y/z', { id: 1 }))).toEqual([['file', [1], 'DELETE /trash/{id}']])
  })

  test('for PUT takes the id from the path', async () => {
    const scope = await send({ create: 'PUT /users/{id}', status: [200, 201] }, 'PUT /users/7', {}, { status: 200 })
    expect(removals(scope)).toEqual([['user', ['7'], 'DELETE /users/{id}']])
  })

  test('records verify and gone with the removal', async () => {
    const scope = await send(
      { create: 'POST /users', verify: 'GET /users/{id}?deleted=1', gone: 'body.deletedAt' },
      'POST /users',
      { id: 7 },
    )
    expect(scope.sets[0]?.steps[0]).toMatchObject({
      args: { url: '/users/{id}', verify: '/users/{id}?deleted=1', gone: 'body.deletedAt' },
    })
  })

  test('fills in fallbacks as it does the removal', async () => {
    const scope = await send(
      { create: 'POST /teams/{team}/users', fallback: ['DELETE /teams/{team}/users/{id}?force=1', 'POST /trash/{id}'] },
      'POST /teams/a/users',
      { id: 7 },
    )
    expect(scope.sets[0]?.steps.map((step) => ('args' in step ? (step.args as { url: string }).url : ''))).toEqual([
      '/teams/a/users/{id}',
      '/teams/a/users/{id}?force=1',
      '/trash/{id}',
    ])
  })

  test.each([
    ['draft', true],
    ['published', false],
  ])('evaluates `when` on the response and records only the result: %s', async (status, answer) => {
    const rule: HttpRule = {
      create: 'POST /posts',
      when: { answer: 'body.status = draft', environment: 'test' },
      fallback: { request: 'POST /posts/{id}/unpublish', when: { answer: 'body.status = published' } },
    }
    const scope = await send(rule, 'POST /posts', { id: 7, status })
    const [first, second] = scope.sets[0]?.steps ?? []
    expect(first).toMatchObject({ args: { url: '/posts/{id}' }, when: { answer, environment: 'test' } })
    expect(first).not.toHaveProperty('args.when')
    expect(second).toMatchObject({ args: { url: '/posts/{id}/unpublish' }, when: { answer: !answer } })
  })

  test('can ignore requests', async () => {
    expect((await send({ create: 'POST /search', ignore: true }, 'POST /search', { id: 7 })).events).toEqual([])
  })

  test('does not apply to other routes', async () => {
    const scope = await send({ create: 'POST /users', id: 'body.name' }, 'POST /users/7/orders', { id: 1 })
    expect(removals(scope)).toEqual([['order', [1], 'DELETE /users/7/orders/{id}']])
  })
})

describe('a response with several types', () => {
  const body = {
    users: [{ id: 1 }, { id: 2 }],
    order: { id: 'o1' },
    entities: { user: [{ id: 3 }], category: [{ id: 4 }, { id: 5 }] },
  }

  test('has its own id, record and removal per type', async () => {
    const scope = await send(
      {
        create: 'POST /api/seed',
        many: { users: 'body.users[].id', order: 'body.order.id' },
        removals: { order: 'DELETE /api/archive/{id}' },
      },
      'POST /api/seed',
      body,
    )
    expect(removals(scope)).toEqual([
      ['user', [1, 2], 'DELETE /api/users/{id}'],
      ['order', ['o1'], 'DELETE /api/archive/{id}'],
    ])
  })

  test('takes the types from an object of lists', async () => {
    const scope = await send({ create: 'POST /api/seed', entities: 'body.entities' }, 'POST /api/seed', body)
    expect(removals(scope)).toEqual([
      ['user', [3], 'DELETE /api/users/{id}'],
      ['category', [4, 5], 'DELETE /api/categories/{id}'],
    ])
  })
})

test('an instance with track: false captures nothing', async () => {
  sink = recordingSink()
  capture = startHttpCapture(sink, [{ name: 'http', options: { track: false } }])
  api = await startApi()
  await sink.run('a', async (scope) => {
    await (await fetch(`${api.origin}/users`, { method: 'POST' })).text()
    expect(scope.events).toEqual([])
  })
})

test('the rules of the instance that serves the origin apply', async () => {
  sink = recordingSink()
  api = await startApi((_request, response) => json(response, 200, { id: 1 }))
  capture = startHttpCapture(sink, [
    { name: 'other', options: { origins: ['http://localhost:1'], rules: [{ create: 'POST /users', ignore: true }] } },
    {
      name: 'api',
      options: { origins: [api.origin], rules: [{ create: 'POST /users', status: [200], type: 'person' }] },
    },
  ])
  await sink.run('a', async (scope) => {
    await (await fetch(`${api.origin}/users`, { method: 'POST' })).text()
    expect(scope.events).toEqual(['intent POST /users', 'created person 1'])
  })
})

test('a removal by another method than DELETE is recognised when the test sends it', async () => {
  const scope = await send({ create: 'POST /users', remove: 'POST /users/{id}/archive' }, 'POST /users', { id: 7 })
  await sink.run('b', async (running) => {
    running.known.push(...scope.known)
    await (await fetch(`${api.origin}/users/7/archive`, { method: 'POST' })).text()
    expect(sink.struck).toEqual(['user 7'])
    expect(running.events).toEqual([])
  })
})
