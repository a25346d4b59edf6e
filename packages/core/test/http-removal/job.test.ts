import { expect, test } from 'vitest'
import { http } from '../../src/config/http.ts'
import { openLedgerRun } from '../../src/recovery/ledger-run.ts'
import { track } from '../../src/tracking/facade.ts'
import { json, startApi } from '../http/api.ts'
import { close, testRun } from '../run.ts'

/** The service's answer for its only job; undefined: it never answers. */
let status: string | undefined

async function service(timeout: string) {
  const api = await startApi((request, response) => {
    if (request.method === 'POST') json(response, 200, { job: 'j1' })
    else if (status !== undefined) json(response, 200, { status, failed: [{ id: 'b' }] })
  })
  const run = await testRun({
    drivers: [http({ origins: [api.origin] })],
    cleanup: { timeout, retry: { attempts: 1 } },
  })
  const remove = {
    ...{ request: `POST ${api.origin}/bulk`, body: { ids: '{ids}' } },
    ...{ job: 'body.job', poll: 'GET /jobs/{job}', done: 'body.status = completed', failed: 'body.failed' },
  }
  const scoped = run.openTest('t')
  scoped.run(() => track({ type: 'item', ids: ['a', 'b', 'c'], remove }))
  const begun = () => api.requests.filter((line) => line.startsWith('POST')).length
  return { ...run, api, scoped, begun, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() }
}

test('an unfinished job is pending, and the main process polls it instead of starting another', async () => {
  status = 'running'
  await using used = await service('1500ms')
  const { scoped, main, states, begun } = used
  const report = await close(scoped)
  expect(report?.scopes[0]?.resources[0]).toMatchObject({ state: 'pending', why: 'job' })
  status = 'completed'
  await main.end('passed')
  expect(states()).toEqual({ 'item a': 'removed', 'item b': 'failed', 'item c': 'removed' })
  expect(begun()).toBe(1)
})

test('a job of a dead process is polled by the process that cleans up', async () => {
  status = undefined
  await using used = await service('30s')
  const { scoped, session, main, states, begun, folded } = used
  void close(scoped)
  await expect
    .poll(() => [...folded().resources.values()].map(({ note }) => note))
    .toEqual(Array(3).fill({ job: 'j1' }))
  expect(states()).toEqual({ 'item a': 'live', 'item b': 'live', 'item c': 'live' })
  // The first cleanup never settles; the next one only has the ledger.
  status = 'completed'
  const run = await openLedgerRun(session.settings, main.ticket, 'cli')
  await run?.remove([...(run?.folded().resources.values() ?? [])])
  await run?.[Symbol.asyncDispose]()
  expect(states()).toEqual({ 'item a': 'removed', 'item b': 'failed', 'item c': 'removed' })
  expect(begun()).toBe(1)
})

test('a resource that a job failed to remove is in a new job next time', async () => {
  await using used = await service('30s')
  const { scoped, file, main, begun } = used
  status = 'completed'
  await close(scoped)
  expect(begun()).toBe(1)
  await close(file)
  await main.end('passed')
  expect(begun()).toBe(2)
})
