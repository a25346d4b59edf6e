/** How the operations use the application's functions. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import type { EndpointOptions } from '../src/settings.ts'
import type { Mark, TestDataType } from '../src/store.ts'
import { type App, createApp, key } from './app.ts'

vi.stubEnv('DUSTPAN_ENVIRONMENT', '')

const send = async (app: App, call: string, body?: object, options?: Partial<EndpointOptions>) => {
  const [method = '', path] = call.split(' ')
  const headers = {
    'x-internal-key': key,
    'x-test-id': 'test-one',
    ...(body ? { 'content-type': 'application/json' } : {}),
  }
  const sent = body ? { body: JSON.stringify(body) } : {}
  const response = await app
    .endpoints(options)
    .fetch(new Request(`http://app.test/api/test/${path}`, { method, headers, ...sent }))
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const withType = (type: TestDataType, audit?: EndpointOptions['audit']) => ({
  store: { types: { things: type } },
  ...(audit ? { audit } : {}),
})

test('create prefixes names and e-mail addresses once, also in lists, and drops fields of the call itself', async () => {
  const app = createApp()
  const seen: unknown[] = []
  const things = {
    create(fields: object, mark: Mark) {
      seen.push(fields, mark)
      return { id: 1 }
    },
  }
  const body = {
    name: 'Eve',
    email: 'test-eve@example.com',
    note: 'Eve',
    parts: [{ name: 'a' }, 'b'],
    testId: 'test-one',
    isTest: false,
    tags: ['smoke', 'test-data'],
    maxAgeMinutes: 30,
    testCreationTime: Date.now(),
  }
  expect((await send(app, 'POST things', body, withType(things))).status).toBe(201)
  expect(seen).toEqual([
    { name: 'test-Eve', email: 'test-eve@example.com', note: 'Eve', parts: [{ name: 'test-a' }, 'b'] },
    { isTest: true, tags: ['test-data', 'smoke'], testId: 'test-one', run: 'test-one', expiresAt: expect.any(Date) },
  ])
  const { expiresAt } = seen[1] as Mark
  expect(Math.abs(expiresAt.getTime() - Date.now() - 30 * 60_000)).toBeLessThan(60_000)
})

test('a resource without a test mark is not removed by id, nor is the data it owns', async () => {
  const app = createApp()
  app.add('users', { name: 'Bob' })
  app.add('items', { name: 'jug' }, undefined, 1)
  expect(await send(app, 'DELETE users/1')).toMatchObject({ status: 403, body: { code: 'not-test-data' } })
  expect(await send(app, 'DELETE users/1/permanent')).toMatchObject({ status: 403 })
  expect(await send(app, 'DELETE users/1/data')).toMatchObject({ status: 403 })
  expect(await send(app, 'POST cleanup', { createdData: [{ type: 'users', id: 1 }] })).toMatchObject({
    status: 500,
    body: { deleted_count: 0, results: [{ type: 'users', id: 1, outcome: 'failed' }] },
  })
  expect(app.calls).toEqual([])
})

test('an invalid id is 400, an unknown one 404, and a remove() without a result 500', async () => {
  const app = createApp()
  for (const id of ['x', '1%20OR%201=1', '1%00', '%ff']) {
    expect(await send(app, `DELETE users/${id}/data`), id).toMatchObject({ status: 400 })
  }
  expect(await send(app, 'DELETE users/9')).toMatchObject({ status: 404, body: { code: 'not-found' } })
  expect(await send(app, 'DELETE users/9/data')).toMatchObject({ status: 404, body: { code: 'not-found' } })
  const nobody = withType({ removeData: () => undefined })
  expect(await send(app, 'DELETE things/9/data', undefined, nobody)).toMatchObject({ status: 404 })
  const silent = withType({ remove: (() => undefined) as never })
  expect(await send(app, 'DELETE things/9', undefined, silent)).toMatchObject({ status: 500, body: { code: 'untold' } })
})

test('an operation that the application does not offer is 501 and named in the message', async () => {
  const app = createApp()
  const { store } = app
  expect(await send(app, 'POST otps', {})).toMatchObject({
    status: 501,
    body: { message: expect.stringContaining('create for otps') },
  })
  expect(await send(app, 'DELETE otps/1')).toMatchObject({ status: 501 })
  expect(await send(app, 'DELETE items/1/data')).toMatchObject({ status: 501 })
  expect(await send(app, 'POST cleanup-test-data', {}, withType({}))).toMatchObject({ status: 501 })
  expect(await send(app, 'POST reset', undefined, { store: { types: store.types } })).toMatchObject({ status: 501 })
})

test('a removal of many without valid filters is refused and removes nothing', async () => {
  const app = createApp()
  for (const call of [
    'DELETE users',
    'DELETE users?tags=',
    'DELETE users?tags=a&test_run_id=b',
    'DELETE users?owner=1',
  ]) {
    expect(await send(app, call), call).toMatchObject({ status: 400 })
  }
  for (const body of [{ tags: [] }, { tags: 'test-data' }, { tags: [7] }, { hard_delete: 'yes' }, { types: 'users' }]) {
    expect(await send(app, 'POST cleanup-test-data', body), JSON.stringify(body)).toMatchObject({ status: 400 })
  }
  for (const call of ['POST cleanup-test-data?tags=mine', 'POST cleanup-test-data?test_run_id=mine'])
    expect(await send(app, call), call).toMatchObject({ status: 400 })
  for (const body of [{ tag: 'mine' }, { types: ['users'], owner: 7 }])
    expect(await send(app, 'POST cleanup-test-data', body), JSON.stringify(body)).toMatchObject({ status: 400 })
  expect(await send(app, 'POST cleanup-test-data', { types: ['orders'] })).toMatchObject({ status: 404 })
  expect(await send(app, 'POST cleanup', { createdData: [{ type: 'users' }] })).toMatchObject({ status: 400 })
  expect(await send(app, 'DELETE users/1/data?include_otp=maybe')).toMatchObject({ status: 400 })
  expect(app.calls).toEqual([])
})

test('in staging soft delete is the default, a hard delete must be requested, and reset is refused', async () => {
  const app = createApp()
  const marked = {
    tags: ['test-data'],
    isTest: true,
    testId: 'test-one',
    run: 'test-one',
    expiresAt: new Date(),
  } as const
  const staging = { environment: 'staging' }
  app.add('users', { name: 'a' }, marked)
  expect(await send(app, 'POST cleanup-test-data', { types: ['users'] }, staging)).toMatchObject({
    body: { method: 'soft_delete' },
  })
  expect(app.rows).toHaveLength(1)
  expect(await send(app, 'POST cleanup-test-data', {}, staging)).toMatchObject({ body: { method: 'mixed' } })
  expect(await send(app, 'POST cleanup-test-data', { hard_delete: true }, staging)).toMatchObject({
    body: { method: 'hard_delete' },
  })
  expect(await send(app, 'POST reset', undefined, staging)).toMatchObject({ status: 403, body: { code: 'reset' } })
  expect(await send(app, 'POST reset', undefined, { environment: 'local' })).toMatchObject({ status: 403 })
  expect(app.calls).not.toContain('reset')
})

test('a type that fails does not stop the others, and removed counts are returned and audited', async () => {
  const app = createApp()
  const secret = 'postgres://admin:hunter2@db'
  const broken = () => {
    throw new Error(`cannot connect to ${secret}`)
  }
  const store = {
    types: {
      users: { removeByTag: () => 3 },
      items: { removeByTag: broken },
      otps: { removeByTag: () => '4' as never },
    },
  }
  const answer = await send(app, 'POST cleanup-test-data', {}, { store })
  expect(answer).toMatchObject({
    status: 500,
    body: { status: 'error', deleted_count: 3, deleted: { users: 3 }, failed: ['otps', 'items'] },
  })
  expect(app.audit.at(-1)).toMatchObject({ phase: 'failed', result: { deleted: { users: 3 } } })
  const one = await send(app, 'POST things', { name: 'a' }, withType({ create: broken }))
  expect(one).toMatchObject({ status: 500, body: { code: 'failed', call: app.audit.at(-1)?.call } })
  expect(JSON.stringify([answer, one])).not.toContain(secret)
})

test('an error of the application with a status is returned with that status', async () => {
  const app = createApp()
  const body = { name: 'Eve', email: 'eve@example.com' }
  await send(app, 'POST users', body)
  expect(await send(app, 'POST users', body)).toMatchObject({
    status: 409,
    body: { message: 'This e-mail address is taken' },
  })
  expect(await send(app, 'POST things', {}, withType({ create: () => undefined }))).toMatchObject({
    status: 500,
    body: { code: 'no-record' },
  })
})

test('nothing is removed when the audit log cannot be written', async () => {
  const app = createApp()
  app.add('items', { name: 'test-cup' })
  const audit = () => {
    throw new Error('disk full')
  }
  expect(await send(app, 'DELETE items/1', undefined, { audit })).toMatchObject({
    status: 503,
    body: { code: 'audit' },
  })
  expect(app.calls).toEqual([])
})

test('the audit log is a file of JSON lines with caller, time, operation and result', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dustpan-audit-'))
  const app = createApp()
  const file = join(folder, 'audit.jsonl')
  const { fetch } = app.endpoints({ audit: file })
  const headers = { 'x-internal-key': key, 'x-created-by': 'the nightly run' }
  await fetch(new Request('http://app.test/api/test/cleanup-test-data?permanent=true', { method: 'POST', headers }))
  const lines = (await readFile(file, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines).toMatchObject([
    { phase: 'begin', who: 'the nightly run', method: 'POST', path: 'cleanup-test-data', operation: 'remove-by-tag' },
    {
      phase: 'done',
      status: 200,
      result: { deleted_count: 0 },
      environment: 'test',
      at: expect.stringMatching(/^20\d\d-/),
    },
  ])
  expect(lines[0].call).toBe(lines[1].call)
  await rm(folder, { recursive: true })
})

test('the audit log has only the id of a created resource', async () => {
  const app = createApp()
  const create = (fields: object) => ({ uuid: 'u-1', ...fields })
  expect(await send(app, 'POST things', { password: 'hunter2' }, withType({ create }))).toMatchObject({ status: 201 })
  expect(app.audit.map(({ phase }) => phase)).toEqual(['begin', 'done'])
  expect(JSON.stringify(app.audit)).not.toContain('hunter2')
})

test('bigint ids and counts are returned as text, and a circular result is a 500 that is audited', async () => {
  const app = createApp()
  const big: TestDataType = { create: () => ({ id: 9007199254740993n }), removeData: () => ({ items: 3n }) as never }
  expect(await send(app, 'POST things', {}, withType(big))).toMatchObject({
    status: 201,
    body: { id: '9007199254740993' },
  })
  expect(await send(app, 'DELETE things/1/data', undefined, withType(big))).toMatchObject({
    body: { deleted: { items: '3' } },
  })
  const endless: { id: number; self?: object } = { id: 1 }
  endless.self = endless
  expect(await send(app, 'POST things', {}, withType({ create: () => endless }))).toMatchObject({
    status: 500,
    body: { code: 'no-json' },
  })
  expect(app.audit.at(-1)).toMatchObject({ phase: 'failed', status: 500, reason: expect.stringContaining('circular') })
})
