/** A resource returned twice: for a repeated idempotency key, or by a service that repeats its response. */
import { expect, onTestFinished, test } from 'vitest'
import { http } from '../../src/config/http.ts'
import type { HttpRule } from '../../src/resource/http-options.ts'
import { type Api, json, startApi } from '../http/api.ts'
import { close, type TestRun, testRun } from '../run.ts'

/** Repeats the response for a known key, with the header `replay`. Payment 7 was created by somebody else with the
 * key `known`. */
async function payments(replay?: string): Promise<Api> {
  const made = new Map<string, unknown>([['known', { id: 7 }]])
  let last = 100
  const api = await startApi((request, response) => {
    if (request.method !== 'POST') return response.writeHead(204).end()
    const key = String(request.headers['idempotency-key'])
    const before = made.get(key)
    if (before && replay !== undefined) response.setHeader(replay, 'true')
    const answer = before ?? { id: ++last }
    made.set(key, answer)
    json(response, 201, answer)
  })
  onTestFinished(() => api[Symbol.asyncDispose]())
  return api
}

async function runOf({ origin }: Api, rules: readonly HttpRule[] = []): Promise<TestRun> {
  return testRun({ drivers: [http({ origins: [origin], rules })] })
}

const pay = async ({ origin }: Api, key: string, path = '/payments') =>
  (await fetch(origin + path, { method: 'POST', headers: { 'idempotency-key': key }, body: '{}' })).text()

const deletions = ({ requests }: Api) => requests.filter((line) => line.startsWith('DELETE'))

test.each(['Idempotent-Replayed', 'Idempotency-Replayed', 'X-Idempotent-Replay', 'X-Idempotency-Replayed'])(
  'a response with %s is not tracked, even under a rule',
  async (header) => {
    for (const rules of [[], [{ create: 'POST /payments', id: 'body.id' }]]) {
      const api = await payments(header)
      const { openTest, main, states } = await runOf(api, rules)
      const scope = openTest('pays')
      await scope.run(() => pay(api, 'known'))
      await close(scope)
      expect([states(), deletions(api)]).toEqual([{}, []])
      const report = await main.end('passed')
      expect(report?.warnings).toMatchObject([{ code: 'DUSTPAN_NO_ID', message: expect.stringContaining('replay') }])
    }
  },
)

test.each([undefined, 'idempotent-replayed'])(
  'a resource of the file stays the file’s when a test gets the same response (%s)',
  async (header) => {
    const api = await payments(header)
    const { openTest, file, main, states } = await runOf(api)
    await file.run(() => pay(api, 'once'))
    const scope = openTest('pays with the same key')
    await scope.run(() => pay(api, 'once'))
    await close(scope)
    expect([states(), deletions(api)]).toEqual([{ 'payment 101': 'live' }, []])
    await close(file)
    expect([states(), deletions(api)]).toEqual([{ 'payment 101': 'removed' }, ['DELETE /payments/101']])
    expect((await main.end('passed'))?.warnings).toEqual([])
  },
)

test('a resource stays the first test’s when a concurrent test gets the same response', async () => {
  const api = await payments()
  const { openTest } = await runOf(api)
  const [first, second] = [openTest('one'), openTest('two')]
  await first.run(() => pay(api, 'once'))
  await second.run(() => pay(api, 'once'))
  await close(second)
  expect(deletions(api)).toEqual([])
  await close(first)
  expect(deletions(api)).toEqual(['DELETE /payments/101'])
})

test('resources with the same key below different paths are distinct', async () => {
  const api = await startApi((request, response) =>
    request.method === 'POST' ? json(response, 201, { id: 1 }) : response.writeHead(204).end(),
  )
  onTestFinished(() => api[Symbol.asyncDispose]())
  const { openTest } = await runOf(api)
  const scope = openTest('adds')
  await scope.run(async () => {
    await pay(api, '', '/carts/8/items')
    await pay(api, '', '/orders/9/items')
  })
  await close(scope)
  expect(deletions(api).sort()).toEqual(['DELETE /carts/8/items/1', 'DELETE /orders/9/items/1'])
})

test('a resource created again after its deletion is recorded again', async () => {
  const api = await startApi((request, response) =>
    request.method === 'POST' ? json(response, 201, { id: 'demo' }) : response.writeHead(204).end(),
  )
  onTestFinished(() => api[Symbol.asyncDispose]())
  const { openTest, folded } = await runOf(api)
  const scope = openTest('makes twice')
  await scope.run(async () => {
    await pay(api, '', '/slugs')
    await fetch(`${api.origin}/slugs/demo`, { method: 'DELETE' })
    await pay(api, '', '/slugs')
  })
  await close(scope)
  expect([...folded().resources.values()].map(({ state }) => state)).toEqual(['gone', 'removed'])
})

test('a resource returned twice is recorded once, and dropped when the test deletes it', async () => {
  const api = await payments()
  const { openTest, folded } = await runOf(api)
  const scope = openTest('pays twice')
  await scope.run(async () => {
    await pay(api, 'once')
    await pay(api, 'once')
    await fetch(`${api.origin}/payments/101`, { method: 'DELETE' })
  })
  await close(scope)
  expect([...folded().resources.values()].map(({ key, state }) => [key, state])).toEqual([[101, 'gone']])
  expect(deletions(api)).toEqual(['DELETE /payments/101'])
})
