/** Requests that look like the restore of a resource that the test removed: only a real one records it again. */
import { expect, onTestFinished, test } from 'vitest'
import { http } from '../../src/config/http.ts'
import type { HttpRule } from '../../src/resource/http-options.ts'
import { json, startApi } from '../http/api.ts'
import { close, testRun } from '../run.ts'

type Line = readonly [line: string, body?: unknown]

/** The records at the end, and the requests that Dustpan sent, after the test sent these. */
async function after(rules: readonly HttpRule[], lines: readonly Line[], answers: Record<string, number> = {}) {
  const seen: string[] = []
  const api = await startApi(({ method, url }, response, body) => {
    const line = `${method} ${url}`
    seen.push(body === '' ? line : `${line} ${body}`)
    const status =
      answers[line] ?? (method === 'PUT' && seen.filter((one) => one.startsWith(line)).length === 1 ? 201 : 200)
    json(response, status, url === '/graphql' ? { data: { done: { id: 100 } } } : { id: 100 })
  })
  onTestFinished(() => api[Symbol.asyncDispose]())
  const { openTest, folded } = await testRun({ drivers: [http({ origins: [api.origin], rules })] })
  const scope = openTest('restores')
  await scope.run(async () => {
    for (const [line, body] of lines) {
      const [method = '', path = ''] = line.split(' ')
      await (await fetch(api.origin + path, { method, ...(body ? { body: JSON.stringify(body) } : {}) })).text()
    }
  })
  const sent = seen.length
  await close(scope)
  const states = [...folded().resources.values()].map(({ key, state }) => `${key} ${state}`)
  return { sent: seen.slice(sent), states, warnings: folded().warnings.map(({ code }) => code) }
}

const restoreUser = 'mutation ($id: ID!) { restoreUser(id: $id) { id } }'
const rules: readonly HttpRule[] = [
  {
    create: 'POST /users',
    status: [200],
    restore: { method: 'POST', url: '/graphql', body: { query: restoreUser, variables: { id: '{id}' } } } as never,
  },
  { create: 'POST /graphql', status: [200], type: 'post', id: 'body.data.done.id', remove: 'DELETE /posts/{id}' },
]
const removed: readonly Line[] = [['POST /users', {}], ['DELETE /users/100']]

test('another GraphQL request than the rule’s restore restores nothing, and is captured as a creation', async () => {
  const { sent, states } = await after(rules, [
    ...removed,
    ['POST /graphql', { query: 'mutation { done: createPost { id } }' }],
  ])
  expect(sent).toEqual(['DELETE /posts/100'])
  expect(states).toEqual(['100 gone', '100 removed'])
})

test('a GraphQL restore of another resource restores nothing', async () => {
  const { sent } = await after(rules, [...removed, ['POST /graphql', { query: restoreUser, variables: { id: 101 } }]])
  expect(sent).not.toContain('DELETE /users/100')
})

test('the rule’s GraphQL restore records the resource again', async () => {
  const { sent } = await after(rules, [...removed, ['POST /graphql', { query: restoreUser, variables: { id: 100 } }]])
  expect(sent).toEqual(['DELETE /users/100'])
})

test('a PUT answered 200 after the deletion of what a PUT had created restores nothing, and warns with DUSTPAN_NO_ID', async () => {
  const { sent, warnings } = await after(
    [{ create: 'PUT /users/{id}' }],
    [['PUT /users/zed', {}], ['DELETE /users/zed'], ['PUT /users/zed', {}]],
  )
  expect(sent).toEqual([])
  expect(warnings).toEqual(['DUSTPAN_NO_ID'])
})

test('a PUT answered 200 restores nothing, without a warning, if the test has created the resource again', async () => {
  const lines: readonly Line[] = [
    ['PUT /docs/zed', {}],
    ['DELETE /docs/zed'],
    ['PUT /docs/zed?again', {}],
    ['PUT /docs/zed', {}],
  ]
  const { sent, warnings } = await after([{ create: 'PUT /docs/{id}' }], lines, { 'PUT /docs/zed?again': 201 })
  expect({ sent, warnings }).toEqual({ sent: ['DELETE /docs/zed'], warnings: [] })
})

test('any change at the path of a removed resource records it again, beside a restore with a body', async () => {
  const restore = { request: 'PATCH /users/{id}', body: { deleted: false } } as never
  const { sent } = await after(
    [{ create: 'POST /users', status: [200], restore }],
    [...removed, ['PATCH /users/100', { name: 'Ada' }]],
  )
  expect(sent).toEqual(['DELETE /users/100'])
})
