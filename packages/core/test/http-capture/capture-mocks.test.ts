/** Mocked responses never reached a server: nothing was created. */
import axios from 'axios'
import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import { HttpResponse as HttpResponse2, http as http2 } from 'msw2'
import { setupServer as setupServer2 } from 'msw2/node'
import nock from 'nock'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import { type Api, startApi } from '../http/api.ts'
import { type RecordingSink, recordingSink } from './recording-sink.ts'

interface Mock {
  start(origin: string): void
  stop(): void
}

const libraries: Record<string, () => Mock> = {
  'msw 2'() {
    const server = setupServer2()
    return {
      start(origin) {
        server.use(http2.post(`${origin}/mocked`, () => HttpResponse2.json({ id: 1 }, { status: 201 })))
        server.listen({ onUnhandledRequest: 'bypass' })
      },
      stop: () => server.close(),
    }
  },
  'msw 3'() {
    const server = setupServer()
    return {
      start(origin) {
        server.use(http.post(`${origin}/mocked`, () => HttpResponse.json({ id: 1 }, { status: 201 })))
        server.listen({ onUnhandledFrame: 'bypass' })
      },
      stop: () => server.close(),
    }
  },
  'nock 15': () => ({
    start(origin) {
      if (!nock.isActive()) nock.activate()
      nock(origin, { allowUnmocked: true }).persist().post('/mocked').reply(201, { id: 1 })
    },
    stop() {
      nock.cleanAll()
      nock.restore()
    },
  }),
  'a stub of fetch': () => ({
    start() {
      const real = globalThis.fetch
      vi.stubGlobal('fetch', (url: string, init: RequestInit) =>
        url.endsWith('/mocked') ? Promise.resolve(Response.json({ id: 1 }, { status: 201 })) : real(url, init),
      )
    },
    stop: () => void vi.unstubAllGlobals(),
  }),
}

const clients: Record<string, (url: string) => Promise<unknown>> = {
  fetch: async (url) => (await fetch(url, { method: 'POST', body: '{}' })).json(),
  axios: async (url) => (await axios.post(url, {})).data,
}

let sink: RecordingSink
let capture: Disposable
let api: Api

beforeAll(() => nock.restore())

beforeEach(async () => {
  sink = recordingSink()
  capture = startHttpCapture(sink, [{ name: 'http', options: {} }])
  api = await startApi()
})

afterEach(async () => {
  capture[Symbol.dispose]()
  await api[Symbol.asyncDispose]()
})

describe.each(Object.entries(libraries))('%s', (library, makeMock) => {
  let mock: Mock
  beforeEach(() => {
    mock = makeMock()
    mock.start(api.origin)
  })
  afterEach(() => mock.stop())

  const applicable = Object.entries(clients).filter(([client]) => library !== 'a stub of fetch' || client === 'fetch')

  test.each(applicable)('%s: a mocked response is not tracked', async (_client, post) => {
    await sink.run('a', async (scope) => {
      expect(await post(`${api.origin}/mocked`)).toEqual({ id: 1 })
      expect(scope.sets).toEqual([])
      expect(scope.events.filter((event) => event !== 'intent POST /mocked' && event !== 'none mocked')).toEqual([])
      expect(api.requests).toEqual([])
    })
  })

  test.each(applicable)('%s: a request that passes through is tracked', async (_client, post) => {
    await sink.run('a', async (scope) => {
      await post(`${api.origin}/users`)
      await post(`${api.origin}/users`)
      expect(scope.events).toEqual(['intent POST /users', 'created user 1', 'intent POST /users', 'created user 2'])
    })
  })
})

afterAll(() => nock.restore())
