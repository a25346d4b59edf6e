/** A resource that a test deletes and then restores, in a service with soft deletes. */
import { expect, onTestFinished, test } from 'vitest'
import { http } from '../../src/config/http.ts'
import type { HttpRule } from '../../src/resource/http-options.ts'
import { type Api, json, startApi } from '../http/api.ts'
import { close, testRun } from '../run.ts'

/** A service with user 4. Any request except POST /users, GET and DELETE restores it, or is answered with `answer`. */
async function users(answer = 200): Promise<Api & { isThere(): boolean }> {
  let there = false
  const api = await startApi((request, response) => {
    const { method, url } = request
    if (method === 'POST' && url === '/users') {
      there = true
      return json(response, 201, { id: 4 })
    }
    if (method === 'DELETE') {
      const status = there ? 204 : 404
      there = false
      return response.writeHead(status).end()
    }
    if (method === 'GET') return json(response, there ? 200 : 404, {})
    there ||= answer < 300
    json(response, answer, { id: 4 })
  })
  onTestFinished(() => api[Symbol.asyncDispose]())
  return { ...api, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](), isThere: () => there }
}

async function sent(api: Api, ...lines: readonly string[]): Promise<void> {
  for (const line of lines) {
    const [method = '', path = ''] = line.split(' ')
    await (await fetch(api.origin + path, { method })).text()
  }
}

const runOf = ({ origin }: Api, rules: readonly HttpRule[] = []) =>
  testRun({ drivers: [http({ origins: [origin], rules })] })

const withRestore: HttpRule = { create: 'POST /users', restore: 'PATCH /users/{id}/activate' }

test.each<[string, readonly HttpRule[]]>([
  ['POST /users/4/restore', []],
  ['PUT /users/4/undelete', []],
  ['PATCH /users/4/unarchive/', []],
  ['POST /users/4:undelete', []],
  ['POST /users/4/recover?notify=false', []],
  ['POST /users/4/reactivate', [{ create: 'POST /users/*/reactivate', ignore: true }]],
  ['PATCH /users/4', []],
  ['PUT /users/4', []],
  ['PATCH /users/4/activate', [withRestore]],
])('a resource restored by %s is removed at the end', async (line, rules) => {
  const api = await users()
  const { openTest, folded, main } = await runOf(api, rules)
  const scope = openTest('restores')
  await scope.run(() => sent(api, 'POST /users', 'DELETE /users/4', line))
  expect(api.isThere()).toBe(true)
  await close(scope)
  expect(api.isThere()).toBe(false)
  expect([...folded().resources.values()].map(({ key, state }) => [key, state])).toEqual([
    [4, 'gone'],
    [4, 'removed'],
  ])
  expect((await main.end('passed'))?.warnings).toEqual([])
})

test.each<[string, number]>([
  ['POST /users/4/restore', 404],
  ['PATCH /users/4', 410],
  ['POST /users/4/notes', 200],
  ['POST /users/5/restore', 200],
  ['PATCH /users/4/activate', 200],
])('%s answered %i restores nothing', async (line, status) => {
  const api = await users(status)
  const { openTest, states } = await runOf(api)
  const scope = openTest('does not')
  await scope.run(() => sent(api, 'POST /users', 'DELETE /users/4', line))
  await close(scope)
  expect(states()).toEqual({ 'user 4': 'gone' })
})

test('a restore answered 201 creates no other resource', async () => {
  const api = await users(201)
  const { openTest, folded, main } = await runOf(api)
  const scope = openTest('restores')
  await scope.run(() => sent(api, 'POST /users', 'DELETE /users/4', 'POST /users/4/restore'))
  await close(scope)
  expect([...folded().resources.values()].map(({ state }) => state)).toEqual(['gone', 'removed'])
  expect((await main.end('passed'))?.warnings).toEqual([])
})

test('a resource created again by PUT after its deletion is tracked once', async () => {
  const api = await users(201)
  const { openTest, folded } = await runOf(api)
  const scope = openTest('makes it anew')
  await scope.run(() => sent(api, 'POST /users', 'DELETE /users/4', 'PUT /users/4'))
  await close(scope)
  expect([...folded().resources.values()].map(({ state }) => state)).toEqual(['gone', 'removed'])
})

test('a resource of the file that a test deleted and restored belongs to the file', async () => {
  const api = await users()
  const { openTest, file } = await runOf(api)
  await file.run(() => sent(api, 'POST /users'))
  const scope = openTest('restores')
  await scope.run(() => sent(api, 'DELETE /users/4', 'POST /users/4/restore'))
  await close(scope)
  expect(api.isThere()).toBe(true)
  await close(file)
  expect(api.isThere()).toBe(false)
})

test('a resource deleted and restored several times is removed at the end', async () => {
  const api = await users()
  const { openTest, folded } = await runOf(api)
  const scope = openTest('restores')
  await scope.run(() =>
    sent(api, 'POST /users', 'DELETE /users/4', 'POST /users/4/restore', 'DELETE /users/4', 'POST /users/4/restore'),
  )
  await close(scope)
  expect([...folded().resources.values()].map(({ state }) => state)).toEqual(['gone', 'gone', 'removed'])
  expect(api.isThere()).toBe(false)
})
