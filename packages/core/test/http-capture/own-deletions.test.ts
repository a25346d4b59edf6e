/** Requests of a test's own that look like a removal of what it created, but remove nothing or something else. */
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import type { HttpOptions } from '../../src/resource/http-options.ts'
import { type Api, json, startApi } from '../http/api.ts'
import { type RecordingSink, recordingSink } from './recording-sink.ts'

let sink: RecordingSink
let api: Api
let answer: unknown
let status: number

beforeEach(() => use())

async function use(options: HttpOptions = {}): Promise<void> {
  sink = recordingSink()
  answer = undefined
  status = 200
  api = await startApi(({ method }, response) => {
    if (method === 'POST') return json(response, 201, { id: 7 })
    return answer === undefined ? response.writeHead(204).end() : json(response, status, answer)
  })
  const started = api
  const capture = startHttpCapture(sink, [{ name: 'http', options }])
  onTestFinished(async () => {
    capture[Symbol.dispose]()
    await started[Symbol.asyncDispose]()
  })
}

/** The records dropped when the test creates a note and then sends this DELETE. */
async function struckBy(url: string, headers: Record<string, string> = {}, created: Record<string, string> = {}) {
  await sink.run('a', async () => {
    await (await fetch(`${api.origin}/notes`, { method: 'POST', headers: created })).text()
    await (await fetch(api.origin + url, { method: 'DELETE', headers })).text()
  })
  return sink.struck
}

describe('a DELETE with a query that the removal lacks', () => {
  test.each([
    'dryRun=true',
    'dry_run=1',
    'validate_only=true',
    'tagging',
    'uploadId=1',
    'tenant=b',
    'owner=7',
    'version=2',
    'fields=id',
  ])('does not drop the record if it may mean something else: ?%s', async (query) => {
    expect(await struckBy(`/notes/7?${query}`)).toEqual([])
  })

  test.each([
    ...['permanent=true', 'force=true', 'reason=x', 'hard=1', 'cascade=true', 'x-id=DeleteObject', 'api-version=3'],
    ...['confirm=yes', 'recursive=true', 'include=team&purge=true'],
  ])('drops the record if it only says how: ?%s', async (query) => {
    expect(await struckBy(`/notes/7?${query}`)).toEqual(['note 7'])
  })
})

describe('a DELETE with a header that names an owner', () => {
  test.each(['x-tenant-id', 'X-Namespace'])('not sent at the creation does not drop the record: %s', async (name) => {
    expect(await struckBy('/notes/7', { [name]: 'green' })).toEqual([])
  })

  test('sent at the creation drops the record', async () => {
    await use({
      rules: [{ create: 'POST /notes', remove: { request: 'DELETE /notes/{id}', headers: { 'x-org': 'blue' } } }],
    })
    expect(await struckBy('/notes/7', { 'x-tenant': 'blue' }, { 'X-Tenant': 'blue' })).toEqual(['note 7'])
  })

  test.each<[string, Record<string, string>]>([
    ['another header', { 'x-tenant': 'green' }],
    ['no header', {}],
  ])('other than at the creation does not drop the record: %s', async (_, headers) => {
    await use({
      rules: [{ create: 'POST /notes', remove: { request: 'DELETE /notes/{id}', headers: { 'x-tenant': 'blue' } } }],
    })
    expect(await struckBy('/notes/7', headers, { 'x-tenant': 'blue' })).toEqual([])
  })

  test('of the rule’s removal drops the record', async () => {
    await use({
      rules: [{ create: 'POST /notes', remove: { request: 'DELETE /notes/{id}', headers: { 'X-Tenant': 'b' } } }],
    })
    expect(await struckBy('/notes/7', { 'x-tenant': 'b' }, { 'x-org': 'b' })).toEqual(['note 7'])
  })

  test('filled in with the id as in the rule’s removal drops the record', async () => {
    const headers = { 'x-original-url': '/notes/{id}' }
    await use({ rules: [{ create: 'POST /notes', remove: { request: 'DELETE /notes/{id}', headers } }] })
    const created = { 'x-original-url': '/notes' }
    expect(await struckBy('/notes/7', { 'x-original-url': '/notes/8' }, created)).toEqual([])
    expect(await struckBy('/notes/7', { 'x-original-url': '/notes/7' }, created)).toEqual(['note 7'])
  })

  test('of all removals drops the record, and without it does not', async () => {
    await use({ headers: { 'x-tenant': 'b' } })
    expect(await struckBy('/notes/7', {}, { 'x-tenant': 'b' })).toEqual([])
    expect(await struckBy('/notes/7', { 'x-tenant': 'b' }, { 'x-tenant': 'b' })).toEqual(['note 7'])
  })
})

test.each<unknown>([
  { affected: 0 },
  { raw: [], affected: 0 },
  { acknowledged: true, deletedCount: 0 },
  { deleted: 0 },
  { count: 0 },
  { rowCount: 0 },
  { affectedRows: 0, message: 'ok' },
  { deleted: false, reason: 'locked' },
  { id: 7, deleted: false },
  { was_removed: false },
  { result: { success: false } },
  { result: false },
  { data: { affected: 0 } },
  { data: { deleteNote: false } },
  { data: { noteDelete: { deletedId: null, userErrors: [{ message: 'locked' }] } } },
  { data: { deleteNote: { ok: false } } },
  { result: [{ id: 7, error: 'locked' }] },
  false,
  0,
])('a DELETE answered with %j removed nothing, and keeps the record', async (body) => {
  answer = body
  expect(await struckBy('/notes/7')).toEqual([])
})

test.each<unknown>([
  { affected: 1 },
  { affected: null },
  { deleted: true },
  { deletedCount: 1 },
  { id: 7, count: 0 },
  { count: 0, items: [] },
  { remaining: 0 },
  { data: { id: 7, status: 'failed' } },
  { data: { deleteNote: null } },
  { data: { deleteNote: { id: 7 }, archived: false } },
  { result: 'ok', data: null },
  { id: 7, data: false },
  { data: { id: 7, deleteProtection: false } },
  { result: [{ id: 7 }] },
  true,
  1,
])('a DELETE answered with %j drops the record', async (body) => {
  answer = body
  expect(await struckBy('/notes/7')).toEqual(['note 7'])
})

test.each<[string, unknown]>([
  ['a failed part', { results: [{ id: 7, status: 423 }] }],
  ['no parts', { ok: true }],
  ['a part without a status', { results: [{ id: 7, status: 204 }, { id: 7 }] }],
])('a DELETE answered 207 with %s keeps the record', async (_, body) => {
  answer = body
  status = 207
  expect(await struckBy('/notes/7')).toEqual([])
})

test('a DELETE answered 207 without JSON keeps the record', async () => {
  answer = 'HTTP/1.1 423 Locked'
  status = 207
  expect(await struckBy('/notes/7')).toEqual([])
})

test('a DELETE answered 207 in which each part succeeded drops the record', async () => {
  answer = { results: [{ id: 7, status: 'HTTP/1.1 204 No Content' }] }
  status = 207
  expect(await struckBy('/notes/7')).toEqual(['note 7'])
})

test.each<[string, readonly string[]]>([
  ['true', []],
  ['1', []],
  ['false', ['note 7']],
])('a DELETE with X-Dry-Run: %s drops the records %j', async (value, struck) => {
  expect(await struckBy('/notes/7', { 'X-Dry-Run': value })).toEqual(struck)
})

test('a DELETE drops all records of a resource', async () => {
  await sink.run('a', async () => {
    for (const _ of [1, 2]) await (await fetch(`${api.origin}/notes`, { method: 'POST' })).text()
    await fetch(`${api.origin}/notes/7`, { method: 'DELETE' })
  })
  expect(sink.struck).toEqual(['note 7', 'note 7'])
})
