import { request as httpRequest } from 'node:http'
import { Readable } from 'node:stream'
import axios from 'axios'
import got from 'got'
import supertest from 'supertest'
import {
  Agent,
  getGlobalDispatcher,
  MockAgent,
  Pool,
  ProxyAgent,
  setGlobalDispatcher,
  fetch as undiciFetch,
  request as undiciRequest,
} from 'undici'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import { type Answer, type Api, json, startApi } from '../http/api.ts'
import { type RecordingSink, recordingSink } from './recording-sink.ts'

let sink: RecordingSink
let capture: Disposable
let api: Api

beforeEach(async () => {
  sink = recordingSink()
  capture = startHttpCapture(sink, [{ name: 'http', options: {} }])
  api = await startApi()
})

afterEach(async () => {
  capture[Symbol.dispose]()
  await api[Symbol.asyncDispose]()
})

async function use(answer: Answer): Promise<void> {
  await api[Symbol.asyncDispose]()
  api = await startApi(answer)
}

/** Posts a user with each client, and returns the id from the response. */
const clients: Record<string, (origin: string, name: string) => Promise<unknown>> = {
  async fetch(origin, name) {
    const response = await fetch(`${origin}/users`, { method: 'POST', body: JSON.stringify({ name }) })
    return ((await response.json()) as { id: number }).id
  },
  async 'undici request'(origin, name) {
    const { body } = await undiciRequest(`${origin}/users`, { method: 'POST', body: JSON.stringify({ name }) })
    return ((await body.json()) as { id: number }).id
  },
  async 'undici fetch'(origin, name) {
    const response = await undiciFetch(`${origin}/users`, { method: 'POST', body: JSON.stringify({ name }) })
    return ((await response.json()) as { id: number }).id
  },
  async 'an undici Agent of the test'(origin, name) {
    const dispatcher = new Agent({ connections: 1 })
    const { body } = await undiciRequest(`${origin}/users`, {
      method: 'POST',
      body: JSON.stringify({ name }),
      dispatcher,
    })
    const { id } = (await body.json()) as { id: number }
    await dispatcher.close()
    return id
  },
  async 'an undici Pool'(origin, name) {
    const pool = new Pool(origin)
    const { body } = await pool.request({ method: 'POST', path: '/users', body: JSON.stringify({ name }) })
    const { id } = (await body.json()) as { id: number }
    await pool.close()
    return id
  },
  axios: async (origin, name) => ((await axios.post(`${origin}/users`, { name })).data as { id: number }).id,
  got: async (origin, name) => ((await got.post(`${origin}/users`, { json: { name } }).json()) as { id: number }).id,
  supertest: async (origin, name) =>
    ((await supertest(origin).post('/users').send({ name }).expect(201)).body as { id: number }).id,
  'node:http': (origin, name) =>
    new Promise((resolve, reject) => {
      const request = httpRequest(`${origin}/users`, { method: 'POST' }, async (response) => {
        let body = ''
        for await (const chunk of response.setEncoding('utf8')) body += chunk
        resolve((JSON.parse(body) as { id: number }).id)
      })
      request.on('error', reject).end(JSON.stringify({ name }))
    }),
}

describe.each(Object.entries(clients))('%s', (_name, createUser) => {
  test('records the intent before the server has the request, the creation before the test has the response', async () => {
    await sink.run('a', async (scope) => {
      const seenByServer: string[][] = []
      await use((_request, response, body) => {
        seenByServer.push([...scope.events])
        json(response, 201, { id: 7, ...JSON.parse(body) })
      })
      const id = await createUser(api.origin, 'Ada').then((found) => {
        expect(scope.events).toEqual(['intent POST /users', 'created user 7'])
        return found
      })
      expect(id).toBe(7)
      expect(seenByServer).toEqual([['intent POST /users']])
    })
  })

  test('attributes the creations of 50 concurrent scopes', async () => {
    await use((_request, response, body) => {
      setTimeout(() => json(response, 201, { id: (JSON.parse(body) as { name: string }).name }), Math.random() * 5)
    })
    const found = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        sink.run(`scope ${i}`, async (scope) => {
          await createUser(api.origin, `u${i}`)
          await createUser(api.origin, `v${i}`)
          return scope.sets.flatMap(({ keys }) => keys)
        }),
      ),
    )
    expect(found).toEqual(Array.from({ length: 50 }, (_, i) => [`u${i}`, `v${i}`]))
  })

  test('sends the headers that name the test', async () => {
    sink.sentHeaders = { 'X-Test-Run-ID': 'run-1' }
    await sink.run('a', () => createUser(api.origin, 'Ada'))
    expect(api.headers[0]).toMatchObject({ 'x-test-run-id': 'run-1' })
  })

  test('refused by the server creates nothing', async () => {
    await use((_request, response) => json(response, 422, { id: 7 }))
    await sink.run('a', async (scope) => {
      await createUser(api.origin, 'Ada').catch(() => {})
      expect(scope.events).toEqual(['intent POST /users', 'none rejected'])
    })
  })

  test('without a server creates nothing', async () => {
    await api[Symbol.asyncDispose]()
    await sink.run('a', async (scope) => {
      await expect(createUser(api.origin, 'Ada')).rejects.toThrow()
      expect(scope.events).toEqual(['intent POST /users', 'none rejected'])
    })
  })
})

test('a pool of two connections used by 50 scopes attributes each creation to its scope', async () => {
  const pool = new Pool(api.origin, { connections: 2 })
  const found = await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      sink.run(`scope ${i}`, async (scope) => {
        const { body } = await pool.request({ method: 'POST', path: '/users', body: JSON.stringify({ id: `u${i}` }) })
        await body.json()
        return scope.sets.flatMap(({ keys }) => keys)
      }),
    ),
  )
  await pool.close()
  expect(found).toEqual(Array.from({ length: 50 }, (_, i) => [`u${i}`]))
})

test('a response of a MockAgent is not tracked, a request that it lets through is', async () => {
  const before = getGlobalDispatcher()
  const agent = new MockAgent()
  agent.enableNetConnect()
  agent.get(api.origin).intercept({ path: '/users', method: 'POST' }).reply(201, { id: 1 })
  setGlobalDispatcher(agent)
  try {
    await sink.run('a', async (scope) => {
      await (await fetch(`${api.origin}/users`, { method: 'POST' })).text()
      expect(scope.events).toEqual([])
      await (await fetch(`${api.origin}/users`, { method: 'POST' })).text()
      expect(scope.events).toEqual(['intent POST /users', 'created user 1'])
    })
    expect(api.requests).toEqual(['POST /users'])
  } finally {
    setGlobalDispatcher(before)
    await agent.close()
  }
})

test('the store of a request through a proxy is its target', async () => {
  await using proxy = await startApi((request, response) => {
    const onward = httpRequest(request.url as string, { method: 'POST' }, (answer) => {
      response.writeHead(answer.statusCode as number, answer.headers)
      answer.pipe(response)
    })
    onward.end()
  })
  const dispatcher = new ProxyAgent({ uri: proxy.origin, proxyTunnel: false })
  await sink.run('a', async (scope) => {
    const { body } = await undiciRequest(`${api.origin}/users`, { method: 'POST', dispatcher })
    await body.text()
    expect(scope.stores[0]).toEqual({ id: api.origin })
    expect(proxy.requests).toEqual([`POST ${api.origin}/users`])
  })
  await dispatcher.close()
})

describe('node:http', () => {
  const post = (path: string, options: object = {}) =>
    httpRequest(`${api.origin}${path}`, { method: 'POST', ...options })

  test('a response that nobody reads warns with DUSTPAN_BODY_UNREAD', async () => {
    await sink.run('a', async (scope) => {
      const request = post('/users')
      request.end()
      await new Promise((resolve) => request.on('close', resolve))
      expect(scope.events).toEqual(['intent POST /users', 'none no-id'])
      expect(sink.warnings).toEqual(['DUSTPAN_BODY_UNREAD POST /users'])
    })
  })

  test('a response that is paused and read late arrives whole', async () => {
    const text = 'x'.repeat(300_000)
    await use((_request, response) => json(response, 201, { id: 1, text }))
    await sink.run('a', async (scope) => {
      const request = post('/users')
      request.end()
      const response = await new Promise<Readable>((resolve) => request.on('response', resolve))
      response.pause()
      await new Promise((resolve) => setImmediate(resolve))
      let body = ''
      for await (const chunk of response.setEncoding('utf8')) body += chunk
      expect(JSON.parse(body)).toEqual({ id: 1, text })
      expect(scope.events.at(-1)).toBe('created user 1')
    })
  })

  test('a piped upload with headers in a list is tracked and arrives whole', async () => {
    let size = 0
    await use((_request, response, body) => {
      size = body.length
      json(response, 201, { id: 1 })
    })
    await sink.run('a', async (scope) => {
      const { host } = new URL(api.origin)
      const request = post('/files', { headers: ['Host', host, 'Transfer-Encoding', 'chunked'] })
      Readable.from(Array.from({ length: 20 }, () => 'y'.repeat(10_000))).pipe(request)
      const response = await new Promise<Readable>((resolve) => request.on('response', resolve))
      await response.toArray()
      expect(size).toBe(200_000)
      expect(scope.events).toEqual(['intent POST /files', 'created file 1'])
    })
  })

  test('a resource depends on the known resources in its request body', async () => {
    await sink.run('a', async (scope) => {
      await axios.post(`${api.origin}/users`)
      await axios.post(`${api.origin}/orders`, { userId: 1 })
      await got.post(`${api.origin}/notes`, { json: { user: '1' } }).text()
      await supertest(api.origin).post('/carts').send({ user_id: 2 })
      expect(scope.sets.map(({ type, dependsOn }) => [type, dependsOn])).toEqual([
        ['user', undefined],
        ['order', ['r1']],
        ['note', ['r1']],
        ['cart', undefined],
      ])
    })
  })
})

test('nothing is captured after capture has ended', async () => {
  capture[Symbol.dispose]()
  await sink.run('a', async (scope) => {
    for (const createUser of Object.values(clients)) await createUser(api.origin, 'Ada')
    expect(scope.events).toEqual([])
  })
})
