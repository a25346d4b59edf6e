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

describe('a resource created by supertest with an application', () => {
  test('is removed through the same handlers after its server has closed', async () => {
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

  test('is removed through a server, which still works afterwards', async () => {
    const server = createServer(app)
    await new Promise<void>((resolve) => server.listen(0, resolve))
    await sink.run('a', async (scope) => {
      await supertest(server).post('/users').expect(201)
      expect(await removeRecorded(scope)).toEqual(['removed 204 No Content'])
      await supertest(server).get('/users/1').expect(404)
    })
    await new Promise((resolve) => server.close(resolve))
  })

  test('has a store per application', async () => {
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
])('a removal from a mounted application with strict slashes is sent to %s', async (path, headers) => {
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

describe('a removal given as a path alone', () => {
  const byHand = () => {
    const functions = { cleaner: () => undefined, driverOption: () => undefined }
    return createHttpDriver('http', {}, { root: '/', environment: 'test', functions }).removal?.(
      { request: 'DELETE /users/{id}' },
      [1],
    ).store
  }

  test('goes to the store where the scope created something last', async () => {
    await sink.run('a', async (scope) => {
      await supertest(app).post('/users')
      await supertest(restListener(new Map())).post('/users')
      expect(byHand()).toMatchObject({ id: scope.stores[1]?.id })
    })
  })

  test('goes to the only store that was seen', async () => {
    await using api = await startApi()
    await sink.run('a', async () => {
      await (await fetch(`${api.origin}/users/1`, { method: 'PUT' })).text()
      expect(byHand()).toEqual({ id: api.origin })
    })
  })

  test('goes to one store when its host is spelled in two ways', async () => {
    await using api = await startApi()
    await sink.run('a', async () => {
      for (const host of ['127.0.0.1', 'localhost'])
        await (await fetch(`${api.origin.replace('127.0.0.1', host)}/users/1`, { method: 'PUT' })).text()
      expect(byHand()).toEqual({ id: api.origin })
    })
  })

  test('is rejected when several stores were seen', async () => {
    await using one = await startApi()
    await using two = await startApi()
    await sink.run('a', async () => {
      for (const { origin } of [one, two]) await (await fetch(`${origin}/users/1`, { method: 'PUT' })).text()
      expect(byHand).toThrow(expect.objectContaining({ code: 'DUSTPAN_INVALID_ARGUMENT' }))
    })
  })
})

test('a resource created by fetch on a free port is removed in-process after the server has closed', async () => {
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await sink.run('a', async (scope) => {
    await (await fetch(`http://localhost:${port}/users`, { method: 'POST' })).text()
    await new Promise((resolve) => server.close(resolve).closeAllConnections())
    expect(await removeRecorded(scope)).toEqual(['removed 204 No Content'])
  })
})

test('a resource created on a fixed port is not in-process', async () => {
  await using api = await startApi()
  await sink.run('a', async (scope) => {
    await (await fetch(`${api.origin}/users`, { method: 'POST' })).text()
    expect(scope.stores).toEqual([{ id: api.origin }])
  })
})

test('requests of handlers during a removal are not captured', async () => {
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
