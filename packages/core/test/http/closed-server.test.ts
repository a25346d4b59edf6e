import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import supertest from 'supertest'
import { describe, expect, test } from 'vitest'
import type { DustpanConfig } from '../../src/config/config.ts'
import { close, type TestRun, testRun } from '../run.ts'
import { removal } from '../scripted-store.ts'
import { restListener } from './api.ts'

interface App {
  readonly server: Server
  readonly requests: string[]
  readonly things: Map<string, unknown>
  /** What it is without `server.close()`: from now on it answers 500. */
  end(how?: 'answers' | 'hangs up'): void
  close(): Promise<unknown>
}

/** An application in the test's own process. `leaves`: what it does beside creating. */
function application(leaves: () => unknown = () => {}): App {
  const requests: string[] = []
  const things = new Map<string, unknown>()
  const rest = restListener(things)
  let isOver: string | undefined
  const listener: RequestListener = (request, response) => {
    requests.push(`${request.method} ${request.url}`)
    if (isOver === 'hangs up') return response.destroy()
    if (isOver) return response.writeHead(500).end('{"message":"Driver not Connected"}')
    if (request.method === 'POST') leaves()
    rest(request, response)
  }
  const server = createServer(listener)
  return {
    ...{ server, requests, things },
    end(how = 'answers') {
      isOver = how
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

const started = (config: DustpanConfig = {}): Promise<TestRun> =>
  testRun({
    drivers: [{ use: 'http', name: 'http', options: {} }],
    cleanup: { retry: { attempts: 3, delay: 1 }, ...config.cleanup },
  })

/** It is sent when it is awaited. */
async function createsUser({ server }: App): Promise<void> {
  await supertest(server).post('/users').expect(201)
}

/** The test's own server, on a port that the system picks. */
async function createsUserByFetch({ server }: App): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const response = await fetch(`http://127.0.0.1:${port}/users`, { method: 'POST', headers: { connection: 'close' } })
  await response.text()
}

/** What a database's driver records, in the process in which the application writes. */
function writesRow({ sink, store }: TestRun, type = 'users', id = 1, inProcess = false): void {
  store.rows.set(`${type} ${id}`, {})
  sink
    .begin({
      kind: join(import.meta.dirname, '../scripted-store.ts'),
      ...{ store: { id: store.id, inProcess }, type, via: `INSERT INTO ${type}` },
    })
    ?.created([{ type, keys: [id], steps: [removal(type)], proof: { strength: 'key-only' } }])
}

/** What the ledger tells apart. */
function nextMillisecond(): void {
  for (const now = Date.now(); Date.now() === now; );
}

const errorOf = (run: TestRun) =>
  run
    .folded()
    .resources.values()
    .find(({ set }) => set.type === 'user')?.error
const deletes = ({ requests }: App) => requests.filter((line) => line.startsWith('DELETE'))

describe('data outside of the process, and nobody else who removes it', () => {
  test('what an application that the test has closed could not remove stays failed, and says what to do', async () => {
    const run = await started()
    const app = application()
    const one = run.openTest('one')
    await one.run(() => createsUser(app))
    app.end()
    await app.close()
    await close(one)
    expect(run.states()).toEqual({ 'user 1': 'failed' })
    await close(run.file)
    const report = await run.main.end('passed')
    expect([run.states(), deletes(app), app.things.size]).toEqual([{ 'user 1': 'failed' }, ['DELETE /users/1'], 1])
    expect(errorOf(run)).toEqual({
      code: 'DUSTPAN_REMOVAL_FAILED',
      message: 'DELETE /users/1 was answered 500 Internal Server Error, after the test had closed its server.',
      hint: expect.stringContaining('afterAll'),
    })
    expect(report?.totals).toMatchObject({ failed: 1, gone: 0 })
  })

  test('an application that answers nothing but errors is asked once at a time', async () => {
    const run = await started()
    const app = application()
    const one = run.openTest('one')
    await one.run(() => createsUser(app))
    app.end()
    await close(one)
    expect([run.states(), deletes(app)]).toEqual([{ 'user 1': 'failed' }, ['DELETE /users/1']])
    expect(errorOf(run)?.message).toBe('DELETE /users/1 was answered 500 Internal Server Error.')
    expect(errorOf(run)?.hint).toMatch(/^If the test closes/)
  })

  test.each(['answers', 'hangs up'] as const)(
    'a server that the test had listen, and has closed, is asked once at a time: it %s',
    async (how) => {
      const run = await started()
      const app = application()
      const one = run.openTest('one')
      await one.run(() => createsUserByFetch(app))
      app.end(how)
      await app.close()
      await close(one)
      expect([run.states(), deletes(app)]).toEqual([{ 'user 1': 'failed' }, ['DELETE /users/1']])
      await close(run.file)
      await run.main.end('passed')
      expect([run.states(), errorOf(run)?.code]).toEqual([{ 'user 1': 'failed' }, 'DUSTPAN_REMOVAL_FAILED'])
    },
  )

  test('while it listens, it is tried again like any other', async () => {
    const run = await started()
    const app = application()
    const one = run.openTest('one')
    await one.run(() => createsUserByFetch(app))
    app.end()
    await close(one)
    expect([run.states(), deletes(app).length]).toEqual([{ 'user 1': 'failed' }, 3])
    await app.close()
  })

  test('one that works, and is not listening, is asked again for what was in the way', async () => {
    const run = await started()
    const things = new Map<string, unknown>()
    const rest = restListener(things)
    const orders = () => [...things.keys()].some((path) => path.startsWith('/orders'))
    let busy = true
    const app: RequestListener = (request, response) => {
      if (request.url === '/users/1' && request.method === 'DELETE' && (busy || orders())) {
        busy = false
        return response.writeHead(500).end()
      }
      rest(request, response)
    }
    const one = run.openTest('one')
    await one.run(async () => {
      await supertest(app).post('/users').expect(201)
      await supertest(app).post('/orders').expect(201)
    })
    await close(one)
    expect(run.states()).toEqual({ 'user 1': 'removed', 'order 2': 'removed' })
  })

  test('a route that is not there does not become one: it stays failed', async () => {
    const run = await started()
    const app: RequestListener = (request, response) => {
      if (request.method === 'POST') return response.writeHead(201).end('{"id":1}')
      response.writeHead(404).end(`Cannot ${request.method} ${request.url}`)
    }
    const one = run.openTest('one')
    await one.run(async () => {
      await supertest(app).post('/users').expect(201)
    })
    await close(one)
    await close(run.file)
    await run.main.end('passed')
    expect([run.states(), errorOf(run)?.code]).toEqual([{ 'user 1': 'failed' }, 'DUSTPAN_GONE_UNPROVEN'])
  })

  test('without being asked, its process over, it is lost, with DUSTPAN_STORE_GONE', async () => {
    const run = await started()
    const app = application()
    await run.openTest('one').run(() => createsUser(app))
    await run.main.end('passed')
    expect([run.states(), deletes(app), app.things.size]).toEqual([{ 'user 1': 'lost' }, [], 1])
    expect(errorOf(run)).toMatchObject({ code: 'DUSTPAN_STORE_GONE', hint: expect.stringContaining('dustpan forget') })
  })
})

describe('data inside of the process', () => {
  test.each([
    ['supertest, closed', createsUser, true],
    ['supertest, not closed', createsUser, false],
    ['fetch, closed', createsUserByFetch, true],
    ['fetch, not closed', createsUserByFetch, false],
  ])('is removed through the handlers: %s', async (_, creates, closes) => {
    const run = await started()
    const app = application()
    const one = run.openTest('one')
    await one.run(() => creates(app))
    if (closes) await app.close()
    await close(one)
    expect([run.states(), deletes(app), app.things.size]).toEqual([{ 'user 1': 'removed' }, ['DELETE /users/1'], 0])
    await app.close()
  })
})

describe('a row that a driver recorded while the request was under way', () => {
  test('settles it where the test has closed the application, which is not asked', async () => {
    const run = await started({ cleanup: { onCleanupFailure: 'fail' } })
    const app = application(() => writesRow(run))
    const one = run.openTest('one')
    await one.run(() => createsUser(app))
    app.end()
    await app.close()
    await close(one)
    expect([run.states(), deletes(app)]).toEqual([{ 'users 1': 'removed', 'user 1': 'gone' }, []])
    await close(run.file)
    await run.main.end('passed')
    expect(
      run
        .folded()
        .resources.values()
        .find(({ set }) => set.type === 'user')?.why,
    ).toBe('with-row')
  })

  test('settles it where the application answered with an error', async () => {
    const run = await started({ cleanup: { onCleanupFailure: 'fail' } })
    const app = application(() => writesRow(run))
    const one = run.openTest('one')
    await one.run(() => createsUser(app))
    app.end()
    await close(one, 'failed', { willRetry: true })
    expect([run.states(), deletes(app)]).toEqual([{ 'users 1': 'removed', 'user 1': 'gone' }, ['DELETE /users/1']])
    expect(errorOf(run)).toBeUndefined()
  })

  test('settles it at the end of a run whose process is over', async () => {
    const run = await started()
    const app = application(() => writesRow(run))
    await run.openTest('one').run(() => createsUser(app))
    await run.main.end('passed')
    expect([run.states(), deletes(app)]).toEqual([{ 'users 1': 'removed', 'user 1': 'gone' }, []])
  })

  test('settles it with its database, which was in the memory of a process that is over', async () => {
    const run = await started()
    const app = application(() => writesRow(run, 'users', 1, true))
    await run.openTest('one').run(() => createsUser(app))
    await run.main.end('passed')
    expect([run.states(), deletes(app)]).toEqual([{ 'users 1': 'gone', 'user 1': 'gone' }, []])
  })

  test('that could not be removed settles nothing: the application is asked, once', async () => {
    const run = await started()
    const app = application(() => writesRow(run))
    run.store.script.answer = () => ({ state: 'refused', why: 'not-ours', detail: null })
    const one = run.openTest('one')
    await one.run(() => createsUser(app))
    app.end()
    await app.close()
    await close(one)
    expect([run.states(), deletes(app)]).toEqual([{ 'users 1': 'refused', 'user 1': 'failed' }, ['DELETE /users/1']])
  })

  test.each<[string, (run: TestRun) => unknown, (run: TestRun) => unknown]>([
    ['before it', (run) => writesRow(run), () => {}],
    ['of another kind', () => {}, (run) => writesRow(run, 'audits')],
    ['by another key', () => {}, (run) => writesRow(run, 'users', 2)],
  ])('settles nothing that is another thing: %s', async (_, before, within) => {
    const run = await started()
    const app = application(() => within(run))
    const one = run.openTest('one')
    await one.run(async () => {
      before(run)
      nextMillisecond()
      await createsUser(app)
    })
    app.end()
    await app.close()
    await close(one)
    expect(run.states()).toMatchObject({ 'user 1': 'failed' })
  })

  test('is no hindrance to an application that works: it removes its own first', async () => {
    const run = await started()
    const app = application(() => writesRow(run))
    const one = run.openTest('one')
    await one.run(() => createsUser(app))
    await close(one)
    expect([run.states(), deletes(app)]).toEqual([{ 'users 1': 'removed', 'user 1': 'removed' }, ['DELETE /users/1']])
  })
})
