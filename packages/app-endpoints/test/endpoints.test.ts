/** Every operation with every guard, on every server. */
import { describe, expect, test, vi } from 'vitest'
import type { EndpointOptions } from '../src/settings.ts'
import type { Mark } from '../src/store.ts'
import { type App, createApp, key } from './app.ts'
import { type Start, servers } from './servers.ts'

const testId = (ageMinutes = 0) => {
  const at = new Date(Date.now() - ageMinutes * 60_000).toISOString()
  return `${at.slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}-k3f9x2.w1-4`
}
const runOf = (id: string) => id.split('.')[0] as string
const mark = (run: string): Mark => ({
  isTest: true,
  tags: ['test-data'],
  testId: `${run}.w1-4`,
  run,
  expiresAt: new Date(),
})

/** The rows before each call: users 1 and 2, an item of user 1, and an item without a mark. */
function stock(app: App, run: string): void {
  app.add('users', { name: 'test-Ann' }, mark(run))
  app.add('users', { name: 'Bob' })
  app.add('items', { name: 'test-cup' }, mark(run), 1)
  app.add('items', { name: 'jug' })
}

interface OperationCase {
  readonly request: (id: string) => readonly [method: string, path: string, body?: object]
  readonly answer: object
  readonly calls: (run: string) => readonly string[]
  readonly remaining: readonly string[]
}

const all = ['users 1', 'users 2', 'items 3', 'items 4']

const operations: Readonly<Record<string, OperationCase>> = {
  'verify-access': {
    request: (id) => ['POST', 'verify-access', { testId: id, scope: 'ephemeral', maxAgeMinutes: 30 }],
    answer: { success: true, environment: 'test', maxAgeMinutes: 30 },
    calls: () => [],
    remaining: all,
  },
  create: {
    request: () => ['POST', 'users', { name: 'Eve', email: 'eve@example.com' }],
    answer: { id: 5, name: 'test-Eve', email: 'test-eve@example.com' },
    calls: () => ['create users'],
    remaining: [...all, 'users 5'],
  },
  'remove by id': {
    request: () => ['DELETE', 'users/1'],
    answer: { status: 'success', deleted_count: 1, method: 'soft_delete' },
    calls: () => ['remove users'],
    remaining: ['users 2', 'items 3', 'items 4'],
  },
  'permanent delete': {
    request: () => ['DELETE', 'users/1/permanent'],
    answer: { status: 'success', deleted_count: 1, method: 'hard_delete' },
    calls: () => ['remove users'],
    remaining: ['users 2', 'items 3', 'items 4'],
  },
  'remove by list': {
    request: () => [
      'POST',
      'cleanup',
      {
        createdData: [
          { type: 'users', id: 1 },
          { type: 'items', id: '3' },
        ],
      },
    ],
    answer: { status: 'success', deleted_count: 2 },
    calls: () => ['remove items', 'remove users'],
    remaining: ['users 2', 'items 4'],
  },
  'remove by tag': {
    request: () => ['POST', 'cleanup-test-data', {}],
    answer: { status: 'success', deleted_count: 2, method: 'hard_delete', deleted: { items: 1, users: 1 } },
    calls: () => ['tag items test-data', 'tag users test-data'],
    remaining: ['users 2', 'items 4'],
  },
  'remove by tag and type': {
    request: () => ['DELETE', 'items?tags=test-data'],
    answer: { status: 'success', deleted_count: 1 },
    calls: () => ['tag items test-data'],
    remaining: ['users 1', 'users 2', 'items 4'],
  },
  'remove by run': {
    request: (id) => ['DELETE', `runs/${runOf(id)}`],
    answer: { status: 'success', deleted_count: 2 },
    calls: (run) => [`run items ${run}`, `run users ${run}`],
    remaining: ['users 2', 'items 4'],
  },
  'remove by owner': {
    request: () => ['DELETE', 'users/1/data?include_otp=false'],
    answer: { status: 'success', deleted: { items: 1, otps: 0 }, preserved: { user: true } },
    calls: () => ['data 1 {"otp":false}'],
    remaining: ['users 1', 'users 2', 'items 4'],
  },
  reset: {
    request: () => ['POST', 'reset'],
    answer: { status: 'success', data: { message: 'Test data wiped' } },
    calls: () => ['reset'],
    remaining: [],
  },
}

interface GuardCase {
  readonly options?: Partial<EndpointOptions>
  readonly key?: string | null
  readonly testId?: string
  /** Age of the test, in minutes. */
  readonly age?: number
  readonly status: number
  readonly code: string
}

const guards: Readonly<Record<string, GuardCase>> = {
  'a disabled flag': { options: { enabled: () => false }, status: 403, code: 'off' },
  production: { options: { environment: 'production' }, status: 403, code: 'production' },
  'an unknown environment': { options: { environment: 'live-2' }, status: 403, code: 'production' },
  'a missing key': { key: null, status: 401, code: 'key' },
  'a wrong key': { key: `${key}!`, status: 401, code: 'key' },
  'a test id with a wrong prefix': { testId: 'live-7', status: 400, code: 'test-id' },
  'a test that is too old': { age: 61, status: 400, code: 'too-old' },
}

/** Sends the call of one operation to a new application. */
async function send(start: Start, { request }: OperationCase, guard: Partial<GuardCase> = {}) {
  const app = createApp()
  await using server = await start(app.endpoints(guard.options))
  const id = guard.testId ?? testId(guard.age)
  stock(app, runOf(id))
  const [method, path, body] = request(id)
  const sentKey = guard.key === undefined ? key : guard.key
  const headers = {
    'x-test-id': id,
    ...(sentKey === null ? {} : { 'x-internal-key': sentKey }),
    ...(body ? { 'content-type': 'application/json' } : {}),
  }
  const sent = body ? { body: JSON.stringify(body) } : {}
  const response = await fetch(`${server.url}/api/test/${path}`, { method, headers, ...sent })
  const type = response.headers.get('content-type')
  return { app, id, status: response.status, body: await response.json(), type }
}

vi.stubEnv('DUSTPAN_ENVIRONMENT', '')

for (const [name, start] of Object.entries(servers)) {
  describe.concurrent(name, () => {
    for (const [operation, operationCase] of Object.entries(operations)) {
      for (const [reason, guard] of Object.entries(guards)) {
        test(`${operation}: ${guard.status} for ${reason}, and nothing is changed`, async () => {
          const { app, status, body, type } = await send(start, operationCase, guard)
          const { message } = body
          expect(status, message).toBe(guard.status)
          expect(body).toEqual({ status: 'error', code: guard.code, message, error: message, call: expect.any(String) })
          expect(type).toMatch(/^application\/json/)
          expect(app.calls).toEqual([])
          expect(app.remaining()).toEqual(all)
          expect(app.audit).toEqual([expect.objectContaining({ phase: 'refused', status: guard.status })])
          expect(JSON.stringify([app.audit, body])).not.toContain(key)
        })
      }
      test(`${operation}: an allowed call is carried out and audited`, async () => {
        const { app, id, status, body } = await send(start, operationCase)
        expect(body).toMatchObject(operationCase.answer)
        expect(status).toBe(operation === 'create' ? 201 : 200)
        expect(app.calls).toEqual(operationCase.calls(runOf(id)))
        expect(app.remaining()).toEqual(operationCase.remaining)
        expect(app.audit).toMatchObject([
          { phase: 'begin', testId: id },
          { phase: 'done', testId: id, status },
        ])
        expect(JSON.stringify(app.audit)).not.toContain(key)
      })
    }

    test('other paths are left to the application', async () => {
      await using server = await start(createApp().endpoints())
      expect(await (await fetch(`${server.url}/own`)).text()).toBe('own')
    })

    test('a body that is not JSON is 415, an invalid one 400, and one over the limit 413', async () => {
      const app = createApp()
      await using server = await start(app.endpoints({ bodyLimit: 1000 }))
      const send = async (type: string, body: string) => {
        const headers = { 'x-internal-key': key, 'x-test-id': testId(), 'content-type': type }
        return (await fetch(`${server.url}/api/test/users`, { method: 'POST', headers, body })).status
      }
      expect(await send('text/plain', '{"name":"Eve"}')).toBe(415)
      expect(await send('application/json', '{"name":')).toBe(400)
      expect(await send('application/json', '["Eve"]')).toBe(400)
      // The parser of the application has its own limit.
      if (!name.includes('json()'))
        expect(await send('application/json', JSON.stringify({ name: 'x'.repeat(2000) }))).toBe(413)
      expect(app.calls).toEqual([])
    })

    test('405 names the allowed methods, and 404 the types', async () => {
      await using server = await start(createApp().endpoints())
      const send = (method: string, path: string) =>
        fetch(`${server.url}/api/test/${path}`, { method, headers: { 'x-internal-key': key } })
      const wrong = await send('GET', 'users/1')
      expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'DELETE'])
      expect((await send('PUT', 'reset')).headers.get('allow')).toBe('POST')
      const unknown = await send('DELETE', 'orders/1')
      expect([unknown.status, (await unknown.json()).message]).toEqual([404, expect.stringContaining('users, items')])
    })
  })
}
