/** What a test declares with track() also applies to the row that is collected from the log later. */
import { once as event } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resources } from '@dustpan/conformance'
import type { StartedRun, Worker } from '@dustpan/conformance/run'
import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import { type TrackInput, track } from '@dustpan/core'
import { expect, onTestFinished, test } from 'vitest'
import { application, loggedDatabase } from './database.ts'
import { startRun } from './run.ts'

const server = await testServer()
const shop = `
CREATE TABLE users (id serial PRIMARY KEY, email text);
CREATE TABLE "user" (id int PRIMARY KEY);
INSERT INTO users (email) VALUES ('seed')`
const noRetry = { willRetry: false } as const

const users = async (url: string) => (await once(url, 'SELECT count(*)::int AS n FROM users')).rows[0]?.n
const byTable: Spec = { type: 'users', remove: { table: 'users', store: 'main' } }
const byTableAsUser: Spec = { type: 'user', remove: { table: 'users', store: 'main' } }

type Spec = Omit<TrackInput, 'id' | 'ids'>

/** A removal by a request to an application that does not delete the row. */
async function byRequest(): Promise<Spec> {
  const api = createServer((_, answer) => answer.writeHead(204).end()).listen(0)
  await event(api, 'listening')
  onTestFinished(() => void api.close())
  const { port } = api.address() as AddressInfo
  return { type: 'user', remove: `DELETE http://localhost:${port}/api/users/{id}` }
}

interface Clicked {
  readonly url: string
  readonly run: StartedRun
  readonly worker: Worker
  /** Closes the test in which a user was inserted and tracked. */
  close(): Promise<Awaited<ReturnType<Worker['file']['close']>>>
}

async function clicked(inputs: readonly TrackInput[], then?: (tracked: readonly ReturnType<typeof track>[]) => void) {
  const url = await loggedDatabase(server, shop)
  const run = await startRun(url)
  const worker = await run.worker()
  const scope = worker.openTest('t')
  await scope.ready()
  await (await application(url)).as(run.id, scope.id, `INSERT INTO users (email) VALUES ('a')`)
  await scope.run(async () => then?.(inputs.map((input) => track(input))))
  return { url, run, worker, close: () => scope.close('passed', noRetry) } satisfies Clicked
}

test.each([
  ['its table', () => byTable],
  ['its table, under another type', () => byTableAsUser],
  ['a request', byRequest],
])('a row tracked by %s with the lifetime `run` is removed at the end of the run', async (_, spec) => {
  const { url, run, worker, close } = await clicked([{ ...(await spec()), id: 2, lifetime: 'run' }], () => {})
  await close()
  await worker.file.close('passed', noRetry)
  expect(await users(url)).toBe(2)
  await worker.session[Symbol.asyncDispose]()
  const report = await run.main.end('passed')
  expect(report?.warnings).toEqual([])
  expect(await users(url)).toBe(1)
})

const staying: readonly (readonly [string, object])[] = [
  ['persistent', { lifetime: 'persistent' }],
  ['shared', { shared: true }],
]
const ways: readonly (readonly [string, () => Spec | Promise<Spec>])[] = [
  ['its table', () => byTable],
  ['its table, under another type', () => byTableAsUser],
  ['a request', byRequest],
]

test.each(staying.flatMap(([how, more]) => ways.map(([by, spec]) => [how, by, spec, more] as const)))(
  'a row tracked as %s by %s is not removed',
  async (_, _by, spec, more) => {
    const { url, run, worker, close } = await clicked([{ ...(await spec()), id: 2, ...more }], () => {})
    await close()
    await worker.file.close('passed', noRetry)
    await worker.session[Symbol.asyncDispose]()
    await run.main.end('passed')
    expect(await users(url)).toBe(2)
  },
)

test.each(['users', 'user'])(
  'a row tracked as shared, without a removal, under the type %s is not removed',
  async (type) => {
    const { url, run, worker, close } = await clicked([{ type, id: 2, shared: true }], () => {})
    await close()
    await worker.file.close('passed', noRetry)
    await run.main.end('passed')
    expect(await users(url)).toBe(2)
  },
)

test.each(ways)('a row tracked by %s and forgotten is not removed, not even at the end of the run', async (_, spec) => {
  const { url, run, worker, close } = await clicked([{ ...(await spec()), id: 2 }], ([tracked]) => tracked?.forget())
  expect(await close()).toBeUndefined()
  await worker.file.close('passed', noRetry)
  await worker.session[Symbol.asyncDispose]()
  await run.main.end('passed')
  expect(await users(url)).toBe(2)
})

test('a row that a worker tracked as shared before it died is not removed', async () => {
  const { url, run } = await clicked([{ type: 'user', id: 2, shared: true }], () => {})
  await run.main.end('failed')
  expect(await users(url)).toBe(2)
})

test('a row that a worker tracked and forgot before it died is not removed', async () => {
  const { url, run } = await clicked([{ ...byTable, id: 2 }], ([tracked]) => tracked?.forget())
  await run.main.end('failed')
  expect(await users(url)).toBe(2)
})

test('a row is removed if only another table, id or type was tracked as shared', async () => {
  const said: readonly TrackInput[] = [
    { type: 'user', id: 2, shared: true, remove: { table: 'user', store: 'main' } },
    { type: 'users', id: 3, shared: true },
    { type: 'order', id: 2, shared: true },
  ]
  const { url, close } = await clicked(said, () => {})
  await close()
  expect(await users(url)).toBe(1)
})

test('a row that is inserted again after its removal is collected and removed', async () => {
  const { url, run, worker, close } = await clicked([{ ...byTable, id: 2, lifetime: 'test' }], () => {})
  expect(resources(await close())).toMatchObject([{ type: 'users', origin: 'tracked', state: 'removed' }])
  const scope = worker.openTest('u')
  await scope.ready()
  await (await application(url)).as(run.id, scope.id, `INSERT INTO users VALUES (2, 'b')`)
  expect(resources(await scope.close('passed', noRetry))).toMatchObject([{ origin: 'collected', state: 'removed' }])
  expect(await users(url)).toBe(1)
})

test('a row that is tracked as shared after it was collected is not removed', async () => {
  const url = await loggedDatabase(server, shop)
  const run = await startRun(url, { cleanup: { strategy: 'conditional', when: 'after-file', retry: { attempts: 1 } } })
  const worker = await run.worker()
  const scope = worker.openTest('t')
  await scope.ready()
  await (await application(url)).as(run.id, scope.id, `INSERT INTO users (email) VALUES ('a')`)
  await scope.close('passed', noRetry)
  worker.openTest('u').run(() => track({ ...byTable, id: 2, shared: true }))
  await worker.file.close('passed', noRetry)
  expect(await users(url)).toBe(2)
})

test.each([
  ['is gone with its row', 'user', 'gone'],
  ['fails if its type is not that of the row', 'order', 'failed'],
])('a tracked resource whose removal request is answered 404 %s', async (_, type, state) => {
  const api = createServer((_, answer) => answer.writeHead(404).end()).listen(0)
  await event(api, 'listening')
  onTestFinished(() => void api.close())
  const { port } = api.address() as AddressInfo
  const { url, close } = await clicked(
    [{ type, id: 2, remove: `DELETE http://localhost:${port}/${type}s/{id}` }],
    () => {},
  )
  const states = resources(await close()).map((one) => [one.type, one.state])
  expect(states.toSorted()).toEqual(
    [
      [type, state],
      ['users', 'removed'],
    ].toSorted(),
  )
  expect(await users(url)).toBe(1)
})
