import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import supertest from 'supertest'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createHttpDriver } from '../../src/http/driver.ts'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import { restListener, startApi } from '../http/api.ts'
import { removeRecorded } from '../http-removal/remove-recorded.ts'
import { type RecordingSink, recordingSink } from './recording-sink.ts'

let sink: RecordingSink
let capture: Disposable
let things: Map<string, unknown>
let app: RequestListener

beforeEach(() => {
  sink = recordingSink()
  capture = startHttpCapture(sink, [{ name: 'http', options: {} }])
  things = new Map()
  app = restListener(things)
})

afterEach(() => capture[Symbol.dispose]())

describe('supertest with an application', () => {
  test('is removed through the same handlers, though its server is closed', async () => {
    await sink.run('a', async (scope) => {
      await supertest(app).post('/users').send({ name: 'Ada' }).expect(201)
      await supertest(app).post('/users').send({ name: 'Bob' }).expect(201)
      expect(scope.stores).toEqual([
        { id: expect.stringMatching(/^in-process:http:\/\/127\.0\.0\.1:\d+$/), inProcess: true },
        { id: scope.stores[0]?.id, inProcess: true },
      ])
      expect(things.size).toBe(2)
      expect(await removeRecorded(scope)).toEqual(['removed 204 No Content', 'removed 204 No Content'])
      expect(things.size).toBe(0)
    })
  })

  test('as a server keeps working beside it, listening or not', async () => {
    const server = createServer(app)
    await new Promise<void>((resolve) => server.listen(0, resolve))
    await sink.run('a', async (scope) => {
      await supertest(server).post('/users').expect(201)
      expect(await removeRecorded(scope)).toEqual(['removed 204 No Content'])
      await supertest(server).get('/users/1').expect(404)
    })
    await new Promise((resolve) => server.close(resolve))
  })

  test('knows two applications apart', async () => {
    const others = new Map<string, unknown>()
    await sink.run('a', async (scope) => {
      await supertest(app).post('/users')
      await supertest(restListener(others)).post('/users')
      expect(new Set(scope.stores.map(({ id }) => id)).size).toBe(2)
    })
  })
})

test.each<[string, Record<string, string>]>([
  ['/notes/1/', {}],
  ['/notes/1', { location: '/api/notes/1' }],
])('an application that is mounted, and strict with slashes, is asked for %s', async (path, headers) => {
  const requests: string[] = []
  const mounted: RequestListener = (request, response) => {
    requests.push(`${request.method} ${request.url}`)
    if (request.method === 'POST') return response.writeHead(201, headers).end('{"id":1}')
    response.writeHead(request.url === path ? 204 : 404).end()
  }
  await sink.run('a', async (scope) => {
    await supertest((request: IncomingMessage, response: ServerResponse) => {
      request.url = request.url?.replace(/^\/api/, '')
      mounted(request, response)
    })
      .post('/api/notes/')
      .expect(201)
    expect(await removeRecorded(scope)).toEqual(['removed 204 No Content'])
    expect(requests).toEqual(['POST /notes/', `DELETE ${path}`])
  })
})

describe('a path alone', () => {
  const byHand = () => {
    const functions = { cleaner: () => undefined, driverOption: () => undefined }
    return createHttpDriver('http', {}, { root: '/', environment: 'test', functions }).removal?.(
      { request: 'DELETE /users/{id}' },
      [1],
    ).store
  }

  test('is meant for where the scope created something last', async () => {
    await sink.run('a', async (scope) => {
      await supertest(app).post('/users')
      await supertest(restListener(new Map())).post('/users')
      expect(byHand()).toMatchObject({ id: scope.stores[1]?.id })
    })
  })

  test('is meant for the only store that was seen', async () => {
    await using api = await startApi()
    await sink.run('a', async () => {
      await (await fetch(`${api.origin}/users/1`, { method: 'PUT' })).text()
      expect(byHand()).toEqual({ id: api.origin })
    })
  })

  test('is meant for one store, however its host is spelled', async () => {
    await using api = await startApi()
    await sink.run('a', async () => {
      for (const host of ['127.0.0.1', 'localhost'])
        await (await fetch(`${api.origin.replace('127.0.0.1', host)}/users/1`, { method: 'PUT' })).text()
      expect(byHand()).toEqual({ id: api.origin })
    })
  })

  test('is refused when several could be meant', async () => {
    await using one = await startApi()
    await using two = await startApi()
    await sink.run('a', async () => {
      for (const { origin } of [one, two]) await (await fetch(`${origin}/users/1`, { method: 'PUT' })).text()
      expect(byHand).toThrow(expect.objectContaining({ code: 'DUSTPAN_INVALID_ARGUMENT' }))
    })
  })
})

test('fetch to a server of the test on a port that the system picked is in-process', async () => {
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await sink.run('a', async (scope) => {
    await (await fetch(`http://localhost:${port}/users`, { method: 'POST' })).text()
    await new Promise((resolve) => server.close(resolve).closeAllConnections())
    expect(await removeRecorded(scope)).toEqual(['removed 204 No Content'])
  })
})

test('a server on a port of its own choice is reached there by other processes too', async () => {
  await using api = await startApi()
  await sink.run('a', async (scope) => {
    await (await fetch(`${api.origin}/users`, { method: 'POST' })).text()
    expect(scope.stores).toEqual([{ id: api.origin }])
  })
})

test('what handlers send while Dustpan removes is not captured', async () => {
  await using other = await startApi()
  const chatty: RequestListener = async (request, response) => {
    if (request.method === 'DELETE') await (await fetch(`${other.origin}/audit`, { method: 'POST' })).text()
    app(request, response)
  }
  await sink.run('a', async (scope) => {
    await supertest(chatty).post('/users')
    expect(await removeRecorded(scope)).toEqual(['removed 204 No Content'])
    expect(other.requests).toEqual(['POST /audit'])
    expect(scope.events).toEqual(['intent POST /users', 'created user 1'])
  })
})
