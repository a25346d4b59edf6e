/** Values of the answer that a rule's removal uses, where the answer has several resources. */
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { http } from '../../src/config/http.ts'
import { answers } from '../../src/http-client/answers.ts'
import type { HttpRule } from '../../src/resource/http-options.ts'
import type { Json } from '../../src/resource/resource.ts'
import { json, startApi } from '../http/api.ts'
import { close, testRun } from '../run.ts'

beforeEach(() => answers.begin())

/** What is sent to remove the resources in an answer, and their states. */
async function removed(body: Json, rule: Omit<HttpRule, 'create'>) {
  const bodies: string[] = []
  const api = await startApi((request, response, text) => {
    if (request.url !== '/notes') bodies.push(text)
    json(response, request.url === '/notes' ? 201 : 200, request.url === '/notes' ? body : {})
  })
  onTestFinished(() => api[Symbol.asyncDispose]())
  const rules = [{ create: 'POST /notes', ...rule } as HttpRule]
  const { openTest, main, states } = await testRun({ drivers: [http({ origins: [api.origin], rules })] })
  onTestFinished(async () => void (await main.end('passed')))
  const scoped = openTest('t')
  await scoped.run(async () => (await fetch(`${api.origin}/notes`, { method: 'POST' })).text())
  await close(scoped)
  return { sent: api.requests.slice(1).sort(), bodies: bodies.sort(), states: states() }
}

const ofTenant = 'DELETE /tenants/{body.tenant}/notes/{id}'

test.each<[string, Json, Omit<HttpRule, 'create'>, string[]]>([
  [
    'a list',
    [
      { id: 6, tenant: 'a' },
      { id: 9, tenant: 'b' },
    ],
    { remove: ofTenant },
    ['DELETE /tenants/a/notes/6', 'DELETE /tenants/b/notes/9'],
  ],
  [
    'a list at the place of the ids',
    {
      notes: [
        { key: 'x', tenant: 'a' },
        { key: 'y', tenant: 'b' },
        { key: 'z', tenant: 'a' },
      ],
      by: 'me',
    },
    { id: 'body.notes[].key', remove: 'DELETE /tenants/{body.notes.tenant}/notes/{id}?by={body.by}' },
    ['DELETE /tenants/a/notes/x?by=me', 'DELETE /tenants/a/notes/z?by=me', 'DELETE /tenants/b/notes/y?by=me'],
  ],
  [
    'a list in a list',
    {
      tenants: [
        { slug: 'a', notes: [1, 2] },
        { slug: 'b', notes: [3] },
      ],
    },
    { id: 'body.tenants[].notes', remove: 'DELETE /tenants/{body.tenants.slug}/notes/{id}' },
    ['DELETE /tenants/a/notes/1', 'DELETE /tenants/a/notes/2', 'DELETE /tenants/b/notes/3'],
  ],
  [
    'a list of one of several types',
    {
      notes: [
        { id: 1, tenant: 'a' },
        { id: 2, tenant: 'b' },
      ],
    },
    {
      many: { note: 'body.notes[].id' },
      removals: { note: 'DELETE /tenants/{body.notes.tenant}/notes/{id}' },
    },
    ['DELETE /tenants/a/notes/1', 'DELETE /tenants/b/notes/2'],
  ],
])('each item of %s is removed with its own values', async (_, body, rule, expected) => {
  expect((await removed(body, rule)).sent).toEqual(expected)
})

test('each item is removed with its own revision in the body', async () => {
  const remove = { request: 'POST /purge', body: { key: '{id}', rev: '{body.rev}' } }
  const body = [
    { id: 'a', rev: '1-x' },
    { id: 'b', rev: '1-y' },
  ]
  expect((await removed(body, { id: 'body[].id', remove })).bodies).toEqual([
    '{"key":"a","rev":"1-x"}',
    '{"key":"b","rev":"1-y"}',
  ])
})

test('a condition on the answer is evaluated for each item', async () => {
  const body = [
    { id: 6, status: 'draft' },
    { id: 9, status: 'public' },
  ]
  const { sent, states } = await removed(body, { when: { answer: 'body.status = draft' } })
  expect([sent, states]).toEqual([['DELETE /notes/6'], { 'note 6': 'removed', 'note 9': 'kept' }])
})

test('a removal is not sent if a value of it differs between the items of a list without the ids', async () => {
  const body = { ids: [6, 9], notes: [{ tenant: 'a' }, { tenant: 'b' }] }
  const rule = { id: 'body.ids', remove: 'DELETE /tenants/{body.notes.tenant}/notes/{id}' }
  const { sent, states } = await removed(body, rule)
  expect([sent, states]).toEqual([[], { 'note 6': 'failed', 'note 9': 'failed' }])
})
