import nock from 'nock'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import { answers } from '../../src/http-client/answers.ts'
import type { HttpOptions } from '../../src/resource/http-options.ts'
import type { Json } from '../../src/resource/resource.ts'
import type { Target } from '../../src/resource/target.ts'
import { type Answer, type Api, json, startApi } from '../http/api.ts'
import { recordingSink } from '../http-capture/recording-sink.ts'
import { connectTo, httpDriver, range, removalContext, summary, tallied, targets } from './driver-calls.ts'

beforeEach(() => answers.begin())

async function api(answer: Answer): Promise<Api> {
  const started = await startApi(answer)
  onTestFinished(() => started[Symbol.asyncDispose]())
  return started
}

const bulk = {
  ...{ method: 'POST', url: '/bulk-operations', body: { operation: 'delete', itemIds: '{ids}' } },
  verify: 'GET /items/{id}',
} as const

/** A service with bulk jobs: a job finishes after `polls` polls and does not remove the ids in `notRemoved`. */
function jobs({
  notRemoved = [],
  polls = 2,
  result,
}: {
  notRemoved?: readonly number[]
  polls?: number
  result: (ids: number[]) => Json
}) {
  const begun: number[][] = []
  const asked = new Map<string, number>()
  const answer: Answer = (request, response, body) => {
    if (request.method === 'POST') {
      begun.push(JSON.parse(body).itemIds)
      return json(response, 202, { status: 'success', job_id: `j${begun.length}` })
    }
    const [, kind, id = ''] = /^\/([\w-]+)\/(.+)$/.exec(request.url ?? '') ?? []
    if (kind === 'items') return json(response, notRemoved.includes(Number(id)) ? 200 : 404, {})
    const times = (asked.get(id) ?? 0) + 1
    asked.set(id, times)
    const ids = begun[Number(id.slice(1)) - 1] ?? []
    json(response, 200, {
      data: times < polls ? { status: 'running' } : { status: 'completed', ...(result(ids) as object) },
    })
  }
  return { answer, begun }
}

const job = {
  ...bulk,
  ...{ job: 'body.job_id', poll: 'GET /bulk-operations/{job}', done: 'body.data.status = completed' },
  ...{ failed: 'body.data.failed', skipped: 'body.data.skipped' },
} as const

describe('a bulk removal', () => {
  test('sends up to 50 ids per request, with their types', async () => {
    const bodies: { itemIds: Json[] }[] = []
    const { origin, requests } = await api((_request, response, body) => {
      bodies.push(JSON.parse(body))
      json(response, 200, {})
    })
    const connection = await connectTo(origin)
    const spec = { ...bulk, verify: false }
    const outcomes = await connection.remove(targets(origin, [...range(119), 'a'], spec), removalContext())
    expect(tallied(outcomes)).toEqual({ 'removed 200 OK': 120 })
    expect(requests).toEqual(Array(3).fill('POST /bulk-operations'))
    expect(bodies.map(({ itemIds }) => itemIds.length)).toEqual([50, 50, 20])
    expect(bodies.flatMap(({ itemIds }) => itemIds)).toEqual([...range(119), 'a'])
  })

  test('sends as many ids per request as `batch` allows, across several creations', async () => {
    const { origin, requests } = await api((_request, response) => json(response, 200, {}))
    const spec = { ...bulk, verify: false, batch: 4 }
    const each = range(10).flatMap((key) => targets(origin, [key], spec))
    expect(tallied(await (await connectTo(origin)).remove(each, removalContext()))).toEqual({ 'removed 200 OK': 10 })
    expect(requests).toHaveLength(3)
  })

  test('can have the ids in its URL, encoded', async () => {
    const { origin, requests } = await api((_request, response) => response.writeHead(204).end())
    const spec = { url: '/items?ids={ids}&why=test' }
    const found = targets(origin, ['a b', 2, 'x/../y&all=1'], spec)
    expect(tallied(await (await connectTo(origin)).remove(found, removalContext()))).toEqual({
      'removed 204 No Content': 3,
    })
    expect(requests).toEqual(['DELETE /items?ids=a%20b,2,x%2F..%2Fy%26all%3D1&why=test'])
  })

  test.each([
    ['by id', { failed: [2, { id: 3, reason: 'in use' }] }, [], 0],
    ['by number', { failed: 2 }, [2, 3], 5],
    ['by an unknown id', { failed: [{ sku: 'b' }, { sku: 'c' }] }, [2, 3], 5],
  ])('that reports failures %s removes the others', async (_, body, notRemoved, probes) => {
    const { origin, requests } = await api((request, response) => {
      const isThere = notRemoved.some((id) => request.url === `/items/${id}`)
      json(response, request.method === 'POST' || isThere ? 200 : 404, body)
    })
    const spec = { ...bulk, failed: 'body.failed' }
    const outcomes = await (await connectTo(origin)).remove(targets(origin, range(5), spec), removalContext())
    expect([...outcomes.values()].map(summary)).toEqual([
      'removed 200 OK',
      'failed DUSTPAN_REMOVAL_FAILED',
      'failed DUSTPAN_REMOVAL_FAILED',
      'removed 200 OK',
      'removed 200 OK',
    ])
    expect(requests).toHaveLength(1 + probes)
    if (probes === 0)
      expect(outcomes.get('set.3')).toMatchObject({ error: { message: expect.stringContaining('in use') }, retry: {} })
  })

  test('that reports no single result has each resource verified', async () => {
    const { origin, requests } = await api((request, response) =>
      json(response, request.method === 'POST' || request.url === '/items/2' ? 200 : 404, {}),
    )
    const outcomes = await (await connectTo(origin)).remove(targets(origin, range(3), bulk), removalContext())
    expect(tallied(outcomes)).toEqual({ 'removed 200 OK': 2, 'failed DUSTPAN_STILL_THERE': 1 })
    expect(requests).toHaveLength(4)
  })

  test('that reports a number of failures fails for all if they cannot be verified', async () => {
    const { origin } = await api((_request, response) => json(response, 200, { failed: 1 }))
    const spec = { ...bulk, verify: false, failed: 'body.failed' }
    const outcomes = await (await connectTo(origin)).remove(targets(origin, range(3), spec), removalContext())
    expect(tallied(outcomes)).toEqual({ 'failed DUSTPAN_REMOVAL_FAILED': 3 })
  })

  test.each([
    [409, 'failed DUSTPAN_REMOVAL_FAILED', {}],
    [400, 'failed DUSTPAN_REMOVAL_FAILED', false],
    [503, 'failed DUSTPAN_REMOVAL_FAILED', {}],
  ])('answered %i fails for all its resources', async (status, expected, retry) => {
    const { origin } = await api((_request, response) => json(response, status, {}))
    const outcomes = await (await connectTo(origin)).remove(targets(origin, range(2), bulk), removalContext())
    expect(tallied(outcomes)).toEqual({ [expected]: 2 })
    expect(outcomes.get('set.1')).toMatchObject({ retry })
  })

  test('answered 404 counts as already gone for an interrupted removal whose list is readable', async () => {
    const { origin } = await api((request, response) => json(response, request.url === '/items' ? 200 : 404, {}))
    const [first, second] = targets(origin, range(2), bulk) as [Target, Target]
    const all = [{ ...first, interrupted: true as const }, second]
    const outcomes = await (await connectTo(origin)).remove(all, removalContext())
    expect([...outcomes.values()].map(summary)).toEqual(['already-gone 404 Not Found', 'failed DUSTPAN_GONE_UNPROVEN'])
  })

  test('answered 404 checks each resource, unless the route is missing', async () => {
    const { origin } = await api((request, response) => {
      if (request.url === '/items/1') return json(response, 200, {})
      return json(response, 404, {})
    })
    const outcomes = await (await connectTo(origin)).remove(targets(origin, range(2), bulk), removalContext())
    expect([...outcomes.values()].map(summary)).toEqual(['failed DUSTPAN_GONE_UNPROVEN', 'already-gone 404 Not Found'])
    const other = await api((_request, response) => response.writeHead(404).end('Cannot POST /bulk-operations'))
    const none = await (await connectTo(other.origin)).remove(targets(other.origin, [1], bulk), removalContext())
    expect([...none.values()].map(summary)).toEqual(['failed DUSTPAN_GONE_UNPROVEN'])
    expect(other.requests).toHaveLength(1)
  })

  test('answered by a mocking library fails with DUSTPAN_REMOVAL_MOCKED', async () => {
    const { origin, requests } = await api((_request, response) => json(response, 200, {}))
    if (!nock.isActive()) nock.activate()
    onTestFinished(() => {
      nock.cleanAll()
      nock.restore()
    })
    nock(origin).post('/bulk-operations').reply(200)
    const outcomes = await (await connectTo(origin)).remove(targets(origin, range(2), bulk), removalContext())
    expect(tallied(outcomes)).toEqual({ 'failed DUSTPAN_REMOVAL_MOCKED': 2 })
    expect(requests).toEqual([])
  })

  test('is probed resource by resource', async () => {
    const { origin } = await api((request, response) => json(response, request.url === '/items/2' ? 200 : 404, {}))
    const connection = await connectTo(origin)
    const looked = (spec: { [part: string]: Json }) =>
      connection.probe?.(targets(origin, [1, 2], spec), removalContext()).then((seen) => Object.fromEntries(seen))
    expect(await looked(bulk)).toEqual({ 'set.1': 'absent', 'set.2': 'present' })
    expect(await looked({ url: '/items?ids={ids}' })).toEqual({ 'set.1': 'unknown', 'set.2': 'unknown' })
  })
})

describe('a removal job', () => {
  test('is polled until it ends, and each resource of a batch with failures is verified', async () => {
    const notRemoved = [7, 8, 60]
    const { answer, begun } = jobs({
      notRemoved,
      result: (ids) => ({ failed: ids.filter((id) => notRemoved.includes(id)).length, skipped: 0 }),
    })
    const { origin, requests } = await api(answer)
    const outcomes = await (await connectTo(origin)).remove(targets(origin, range(100), job), removalContext())
    expect(tallied(outcomes)).toEqual({ 'removed job completed': 97, 'failed DUSTPAN_REMOVAL_FAILED': 3 })
    for (const id of notRemoved) expect(summary(outcomes.get(`set.${id}`))).toBe('failed DUSTPAN_REMOVAL_FAILED')
    expect(begun.map(({ length }) => length)).toEqual([50, 50])
    expect(requests.filter((line) => line.startsWith('GET /items/'))).toHaveLength(100)
  })

  test('without failures costs fewer requests than resources', async () => {
    const { answer } = jobs({ result: () => ({ failed: 0, skipped: 0 }) })
    const { origin, requests } = await api(answer)
    const outcomes = await (await connectTo(origin)).remove(targets(origin, range(100), job), removalContext())
    expect(tallied(outcomes)).toEqual({ 'removed job completed': 100 })
    expect(requests).toHaveLength(6)
  })

  test('reports failed and skipped ids; a skipped resource counts as gone only when verified', async () => {
    const { answer } = jobs({
      notRemoved: [4],
      result: () => ({ failed: [{ id: 1, reason: 'in use' }], skipped: [3, 4] }),
    })
    const { origin, requests } = await api(answer)
    const outcomes = await (await connectTo(origin)).remove(targets(origin, range(4), job), removalContext())
    expect([...outcomes.values()].map(summary)).toEqual([
      'failed DUSTPAN_REMOVAL_FAILED',
      'removed job completed',
      'already-gone skipped',
      'failed DUSTPAN_REMOVAL_FAILED',
    ])
    expect(requests.filter((line) => line.startsWith('GET /items/')).sort()).toEqual(['GET /items/3', 'GET /items/4'])
  })

  test('that never ends is pending, takes at most half of the time, and is noted', async () => {
    const { answer } = jobs({ polls: Number.POSITIVE_INFINITY, result: () => ({}) })
    const { origin } = await api(answer)
    const notes: unknown[] = []
    const deadline = Date.now() + 600
    const outcomes = await (await connectTo(origin)).remove(
      targets(origin, range(2), job),
      removalContext({ deadline, note: (ids, note) => void notes.push([ids, note]) }),
    )
    expect(Date.now()).toBeLessThan(deadline)
    expect(tallied(outcomes)).toEqual({ 'pending job': 2 })
    expect(notes).toEqual([[['set.1', 'set.2'], { job: 'j1' }]])
  })

  test('that an earlier cleanup started is polled and not started again', async () => {
    const { answer, begun } = jobs({ polls: 1, result: () => ({ failed: [{ id: 2 }] }) })
    const { origin, requests } = await api(answer)
    const notes: unknown[] = []
    const noted = targets(origin, range(3), job).map((target) => ({ ...target, note: { job: 'j9' } }))
    const outcomes = await (await connectTo(origin)).remove(
      noted,
      removalContext({ note: (_, note) => void notes.push(note) }),
    )
    expect(tallied(outcomes)).toEqual({ 'removed job completed': 2, 'failed DUSTPAN_REMOVAL_FAILED': 1 })
    expect(begun).toEqual([])
    expect(requests).toEqual(['GET /bulk-operations/j9'])
    expect(notes).toEqual([null])
  })

  test.each([
    ['that the service no longer knows', (path: string) => (path.startsWith('/bulk') ? 404 : undefined), {}],
    ['that ended as cancelled', () => undefined, { data: { status: 'cancelled' } }],
  ])('%s has each resource verified', async (_, statusOf, body) => {
    const { origin } = await api((request, response) => {
      const path = request.url ?? ''
      if (request.method === 'POST') return json(response, 200, { job_id: 'j1' })
      if (path.startsWith('/items/')) return json(response, path === '/items/1' ? 404 : 200, {})
      return json(response, statusOf(path) ?? 200, body)
    })
    const spec = { ...job, done: ['body.data.status = completed', 'body.data.status = cancelled'] }
    const outcomes = await (await connectTo(origin)).remove(targets(origin, [1, 2], spec), removalContext())
    expect([...outcomes.values()].map(summary)).toEqual(['removed job completed', 'failed DUSTPAN_REMOVAL_FAILED'])
  })

  test('that may not be polled fails, and a 503 to a poll is retried', async () => {
    let asked = 0
    const { origin } = await api((request, response) => {
      if (request.method === 'POST') return json(response, 200, { job_id: 'j1' })
      if (++asked === 1) return json(response, 503, {})
      return json(response, asked === 2 ? 200 : 403, { data: { status: 'completed', failed: 0 } })
    })
    const connection = await connectTo(origin)
    const context = removalContext()
    expect(tallied(await connection.remove(targets(origin, [1], job), context))).toEqual({ 'removed job completed': 1 })
    expect(tallied(await connection.remove(targets(origin, [2], job), context))).toEqual({
      'failed DUSTPAN_REMOVAL_FAILED': 1,
    })
  })

  test('whose id is missing in the response fails', async () => {
    const { origin, requests } = await api((_request, response) => json(response, 202, { id: 'j1' }))
    const outcomes = await (await connectTo(origin)).remove(targets(origin, [1, 2], job), removalContext())
    expect(outcomes.get('set.1')).toMatchObject({
      error: { message: expect.stringContaining('body.job_id') },
      retry: false,
    })
    expect(requests).toHaveLength(1)
  })

  test('whose Location has a token is polled, and the token is not noted', async () => {
    const { origin } = await api((request, response) => {
      if (request.method !== 'DELETE') return json(response, 200, { state: 'ok' })
      response.writeHead(202, { location: '/jobs/5?token=planted-secret' }).end()
    })
    const spec = { url: '/exports/{id}', job: 'location', done: 'body.state = ok' }
    const notes: unknown[] = []
    const outcomes = await (await connectTo(origin)).remove(
      targets(origin, [1], spec),
      removalContext({ note: (_, note) => void notes.push(note) }),
    )
    expect(tallied(outcomes)).toEqual({ 'removed job completed': 1 })
    expect(JSON.stringify(notes)).not.toContain('planted')
  })

  test('at the URL in Location can remove a single resource', async () => {
    const { origin, requests } = await api((request, response) => {
      if (request.method !== 'DELETE') return json(response, 200, { state: 'ok' })
      response.writeHead(202, { location: `http://elsewhere.example/jobs/5?x=1` }).end()
    })
    const spec = { url: '/exports/{id}', job: 'location', done: 'body.state = ok' }
    const outcomes = await (await connectTo(origin)).remove(targets(origin, [1], spec), removalContext())
    expect(tallied(outcomes)).toEqual({ 'removed job completed': 1 })
    expect(requests).toEqual(['DELETE /exports/1', 'GET /jobs/5?x=1'])
  })
})

test('a test’s own request to a bulk removal endpoint drops no record, but its DELETE of the resource does', async () => {
  const { origin } = await api((request, response) => json(response, request.method === 'POST' ? 201 : 200, { id: 7 }))
  const rules: HttpOptions['rules'] = [
    { create: ['POST /bulk-operations', 'POST /mails/purge'], ignore: true },
    {
      create: 'POST /items',
      remove: { request: 'POST /bulk-operations', body: { ids: '{ids}' }, verify: 'GET /items/{id}' },
    },
    {
      create: 'POST /mails',
      remove: { request: 'POST /mails/purge', body: { ids: ['{id}'] } },
    },
  ]
  const sink = recordingSink()
  using _capture = startHttpCapture(sink, [{ name: 'http', options: { rules } }])
  const ask = async (line: string) => {
    const [method = '', path = ''] = line.split(' ')
    await (await fetch(origin + path, { method, ...(method === 'POST' ? { body: '{"ids":[9]}' } : {}) })).text()
  }
  await sink.run('a', async ({ sets }) => {
    for (const line of ['POST /items', 'POST /mails', 'POST /mails/purge', 'POST /bulk-operations']) await ask(line)
    expect(sets.map(({ type }) => type)).toEqual(['item', 'mail'])
    expect(sink.struck).toEqual([])
    await ask('DELETE /items/7')
    expect(sink.struck).toEqual(['item 7'])
  })
})

test('the description of a bulk removal names a single id', () => {
  const { removal } = httpDriver().removal?.({ url: 'http://localhost:1/items?ids={ids}' }, [7]) ?? {}
  expect(removal && httpDriver().describe(removal, 7)).toBe('DELETE /items?ids=7')
})

test.each([
  ['{id} beside {ids}', { body: { ids: '{ids}', one: '{id}' } }, 'expected {ids}'],
  ['batch without {ids}', { batch: 10 }, 'expected {ids}'],
  ['first with {ids}', { body: '{ids}', first: 'DELETE /x' }, 'neither {id} nor first'],
  ['a batch of 0', { body: '{ids}', batch: 0 }, 'batch expected a whole number above 0, got 0'],
  ['a job without poll', { job: 'body.id', done: 'body.done' }, "poll expected a request like 'GET"],
  ['a poll without {job}', { job: 'body.id', poll: 'GET /jobs', done: 'body.done' }, 'a request with {job} in it'],
  ['a job without done', { job: 'body.id', poll: 'GET /jobs/{job}' }, 'done expected'],
  ['a poll without a job', { poll: 'GET /jobs/{job}', done: 'body.done' }, 'job expected a place in the answer'],
  ['failures in a header', { failed: 'header.x-failed' }, 'failed expected a place in the answer'],
  ['an unknown part', { pol: 'GET /jobs/{job}' }, 'got "pol"'],
  ['a token in poll', { job: 'body.id', poll: 'GET /jobs/{job}?token=abc', done: 'body.done' }, 'authenticates'],
])('%s in a removal is rejected', (_, parts, message) => {
  const spec = { method: 'POST', url: 'http://localhost:1/bulk', ...parts } as { [part: string]: Json }
  expect(() => httpDriver().removal?.(spec, [1])).toThrow(
    expect.objectContaining({ code: 'DUSTPAN_INVALID_ARGUMENT', message: expect.stringContaining(message) }),
  )
})
