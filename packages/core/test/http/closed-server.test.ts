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
  /** Ends the application without `server.close()`: from now on it answers 500, or hangs up. */
  end(how?: 'answers' | 'hangs up'): void
  close(): Promise<unknown>
}

/** An application in the test's own process. `leaves` runs with each creation. */
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

/** The request is sent when it is awaited. */
async function createsUser({ server }: App): Promise<void> {
  await supertest(server).post('/users').expect(201)
}

/** Sends a request to the test's own server, on a free port. */
async function createsUserByFetch({ server }: App): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const response = await fetch(`http://127.0.0.1:${port}/users`, { method: 'POST', headers: { connection: 'close' } })
  await response.text()
}

/** Records a row as a database driver does that runs in the application's process. */
function writesRow({ sink, store }: TestRun, type = 'users', id = 1, inProcess = false): void {
  store.rows.set(`${type} ${id}`, {})
  sink
    .begin({
      kind: join(import.meta.dirname, '../scripted-store.ts'),
      ...{ store: { id: store.id, inProcess }, type, via: `INSERT INTO ${type}` },
    })
    ?.created([{ type, keys: [id], steps: [removal(type)], proof: { strength: 'key-only' } }])
}

/** Waits for the next millisecond: the ledger orders by time. */
function nextMillisecond(): void {
  for (const now = Date.now(); Date.now() === now; );
}

const errorOf = (run: TestRun) =>
  run
    .folded()
    .resources.values()
    .find(({ set }) => set.type === 'user')?.error
const deletes = ({ requests }: App) => requests.filter((line) => line.startsWith('DELETE'))

describe('data outside the process without a row on record', () => {
  test('a resource of an application that the test has closed stays failed, with a hint', async () => {
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

  test('a removal from an application that answers 500 is not retried within a cleanup', async () => {
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
    'a removal from a closed server that the test started is not retried within a cleanup: it %s',
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

  test('a removal from a server that still listens is retried as configured', async () => {
    const run = await started()
    const app = application()
    const one = run.openTest('one')
    await one.run(() => createsUserByFetch(app))
    app.end()
    await close(one)
    expect([run.states(), deletes(app).length]).toEqual([{ 'user 1': 'failed' }, 3])
    await app.close()
  })

  test('a handler that is not listening is asked again: a busy parent is removed after its child', async () => {
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

  test('a removal without a route stays failed with DUSTPAN_GONE_UNPROVEN', async () => {
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

  test('a resource whose process is over is lost with DUSTPAN_STORE_GONE, without a request', async () => {
    const run = await started()
    const app = application()
    await run.openTest('one').run(() => createsUser(app))
    await run.main.end('passed')
    expect([run.states(), deletes(app), app.things.size]).toEqual([{ 'user 1': 'lost' }, [], 1])
    expect(errorOf(run)).toMatchObject({ code: 'DUSTPAN_STORE_GONE', hint: expect.stringContaining('dustpan forget') })
  })
})

describe('data inside the process', () => {
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

describe('a row recorded by a driver during the request', () => {
  test('settles the resource of a closed application without a request', async () => {
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

  test('settles the resource when the application answers with an error', async () => {
    const run = await started({ cleanup: { onCleanupFailure: 'fail' } })
    const app = application(() => writesRow(run))
    const one = run.openTest('one')
    await one.run(() => createsUser(app))
    app.end()
    await close(one, 'failed', { willRetry: true })
    expect([run.states(), deletes(app)]).toEqual([{ 'users 1': 'removed', 'user 1': 'gone' }, ['DELETE /users/1']])
    expect(errorOf(run)).toBeUndefined()
  })

  test('settles the resource at the end of a run whose process is over', async () => {
    const run = await started()
    const app = application(() => writesRow(run))
    await run.openTest('one').run(() => createsUser(app))
    await run.main.end('passed')
    expect([run.states(), deletes(app)]).toEqual([{ 'users 1': 'removed', 'user 1': 'gone' }, []])
  })

  test('settles the resource with a database in the memory of a dead process', async () => {
    const run = await started()
    const app = application(() => writesRow(run, 'users', 1, true))
    await run.openTest('one').run(() => createsUser(app))
    await run.main.end('passed')
    expect([run.states(), deletes(app)]).toEqual([{ 'users 1': 'gone', 'user 1': 'gone' }, []])
  })

  test('that could not be removed settles nothing: the application is asked once', async () => {
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
    ['a row recorded before the request', (run) => writesRow(run), () => {}],
    ['a row of another type', () => {}, (run) => writesRow(run, 'audits')],
    ['a row with another key', () => {}, (run) => writesRow(run, 'users', 2)],
  ])('does not settle an unrelated resource: %s', async (_, before, within) => {
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

  test('does not keep a working application from removing its own resource first', async () => {
    const run = await started()
    const app = application(() => writesRow(run))
    const one = run.openTest('one')
    await one.run(() => createsUser(app))
    await close(one)
    expect([run.states(), deletes(app)]).toEqual([{ 'users 1': 'removed', 'user 1': 'removed' }, ['DELETE /users/1']])
  })
})
