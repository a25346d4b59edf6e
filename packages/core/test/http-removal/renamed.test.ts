/** Resources that a test renames after creating them: the old id may belong to somebody else by cleanup time. */
import { expect, onTestFinished, test } from 'vitest'
import { http } from '../../src/config/http.ts'
import { json, startApi } from '../http/api.ts'
import { close, testRun } from '../run.ts'

/** Creates a slug, sends the request that renames it, and cleans up. */
async function renamed(line: string, sent: object, answer: object, created: object = { id: 'demo' }) {
  const api = await startApi(({ method }, response) => {
    if (method === 'DELETE') response.writeHead(204).end()
    else json(response, method === 'POST' ? 201 : 200, method === 'POST' ? created : answer)
  })
  onTestFinished(() => api[Symbol.asyncDispose]())
  const { openTest, main, states } = await testRun({ drivers: [http({ origins: [api.origin] })] })
  const scope = openTest('renames')
  const [method = '', path = ''] = line.split(' ')
  await scope.run(async () => {
    await (await fetch(`${api.origin}/slugs`, { method: 'POST', body: '{}' })).text()
    await (await fetch(api.origin + path, { method, body: JSON.stringify(sent) })).text()
  })
  await close(scope)
  const deleted = api.requests.filter((one) => one.startsWith('DELETE'))
  const warnings = (await main.end('passed'))?.warnings.map(({ code, message }) => `${code} ${message}`)
  return { deleted, states: states(), warnings }
}

test.each<[string, object, object, object?]>([
  ['PATCH /slugs/demo', { id: 'new' }, { id: 'new' }],
  ['PUT /slugs/demo', { id: 'new' }, { id: 'new', title: 'x' }],
  ['PATCH /slugs/demo', { slug: 'new' }, { data: { slug: 'new' } }],
  ['PATCH /slugs/7', { id: 8 }, { id: 8 }, { id: 7 }],
])('%s with %j answered %j drops the record with a DUSTPAN_NO_ID warning', async (...[line, sent, answer, made]) => {
  const { deleted, states, warnings } = await renamed(line, sent, answer, made)
  expect(deleted).toEqual([])
  expect(Object.values(states)).toEqual(['gone'])
  expect(warnings).toEqual([expect.stringMatching(/^DUSTPAN_NO_ID .*changed the id or name/)])
})

test.each<[string, object, object, object?]>([
  ['PATCH /slugs/demo', { title: 'new' }, { id: 'demo', title: 'new' }],
  ['PATCH /slugs/demo', { title: 'new' }, { title: 'new' }],
  ['PATCH /slugs/demo', { name: 'new' }, { name: 'new' }],
  ['PATCH /slugs/demo', { slug: 'new' }, { id: 'demo', slug: 'new' }],
  ['PATCH /slugs/demo', { id: 'new' }, { operation: 'queued' }],
  ['PATCH /slugs/demo', { title: 'new' }, { id: 'operation-1' }],
  ['PATCH /slugs/usr_7', { username: 'new' }, { username: 'new' }, { id: 'usr_7' }],
  ['PATCH /slugs/demo/parts', { id: 'new' }, { id: 'new' }],
])('%s with %j answered %j is not a renaming, and the resource is removed', async (...[line, sent, answer, made]) => {
  const { deleted, warnings } = await renamed(line, sent, answer, made)
  expect(deleted).toHaveLength(1)
  expect(warnings).toEqual([])
})
