/** Whose a new thing is, and which service has it, is not always said by its path: the removal would be for somebody else. */
import { createServer, request as httpRequest, type RequestOptions } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axios from 'axios'
import { Agent, ProxyAgent, request as undiciRequest } from 'undici'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import type { HttpOptions } from '../../src/resource/http-options.ts'
import { type Api, json, startApi } from '../http/api.ts'
import { type RecordingSink, recordingSink } from './recording-sink.ts'

let sink: RecordingSink
let api: Api

beforeEach(() => use())

async function use(options: HttpOptions = {}): Promise<void> {
  sink = recordingSink()
  api = await startApi((_request, response) => json(response, 201, { id: 5 }))
  const started = api
  const capture = startHttpCapture(sink, [{ name: 'http', options }])
  onTestFinished(async () => {
    capture[Symbol.dispose]()
    await started[Symbol.asyncDispose]()
  })
}

const post = async (path: string, headers: Record<string, string> = {}): Promise<string> =>
  (await fetch(api.origin + path, { method: 'POST', headers })).text()

const send = (options: RequestOptions): Promise<string> =>
  new Promise((resolve, reject) => {
    const request = httpRequest({ method: 'POST', path: '/users', ...options }, async (response) => {
      resolve(Buffer.concat(await response.toArray()).toString('utf8'))
    })
    request.on('error', reject).end('{}')
  })

const port = () => new URL(api.origin).port

/** What is tracked, and what is told. */
const seen = (fn: () => Promise<unknown>) =>
  sink.run('a', async (scope) => {
    await fn()
    return [...scope.events.slice(1), ...sink.warnings, ...scope.stores.map(({ id }) => id)]
  })

const doubted = (line: string, origin = api.origin) => ['none no-id', `DUSTPAN_NO_ID ${line}`, origin]
const tracked = () => ['created user 5', api.origin]

describe('which tenant', () => {
  test('a query that the removal would not have is in doubt', async () => {
    expect(await seen(() => post('/users?tenant=b'))).toEqual(doubted('POST /users'))
  })

  test.each([
    'x-tenant',
    'X-Tenant-ID',
    'x-tenantid',
    'x-org',
    'x-organization-id',
    'X-Account',
    'x-workspace-slug',
    'x-company',
    'stripe-account',
    'x-shop-domain',
    'content-profile',
    'x-forwarded-host',
    'X-Namespace',
    'x-environment',
    'X-Project-Id',
    'X-Client-ID',
    'x-region',
    'X-Brand-Id',
    'x-domain',
    'X-App-Id',
    'X-Parse-Application-Id',
    'x-group',
    'X-On-Behalf-Of',
    'Impersonate-User',
  ])('the header %s is in doubt', async (name) => {
    expect(await seen(() => post('/users', { [name]: 'b' }))).toEqual(doubted('POST /users'))
    expect(await seen(() => axios.post(`${api.origin}/users`, {}, { headers: { [name]: 'b' } }))).toEqual(
      doubted('POST /users'),
    )
  })

  test.each([
    ...['x-request-id', 'sec-fetch-site', 'x-client-version', 'accept-language', 'x-forwarded-for', 'origin'],
    ...['x-app-version', 'x-client-name', 'x-amz-meta-project'],
  ])('the header %s chooses nothing', async (name) => {
    expect(await seen(() => post('/users', { [name]: 'b' }))).toEqual(tracked())
  })

  test('a header that goes with the removal too is in no doubt', async () => {
    await use({ headers: { 'X-Tenant': 'b' } })
    expect(await seen(() => post('/users', { 'x-tenant': 'b' }))).toEqual(tracked())
    expect(await seen(() => post('/users', { 'x-tenant': 'c' }))).toContain('DUSTPAN_NO_ID POST /users')
  })

  test('a header that goes with the removal only is in doubt', async () => {
    await use({ headers: { 'X-Tenant': 'b' } })
    expect(await seen(() => post('/users'))).toEqual(doubted('POST /users'))
    await use({ headers: { 'X-Tenant': '' } })
    expect(await seen(() => post('/users'))).toEqual(tracked())
  })

  test('a Host header that is not of the address is in doubt, and not another address', async () => {
    const host = 'b.shop.test'
    expect(await seen(() => send({ host: '127.0.0.1', port: port(), headers: { host } }))).toEqual(
      doubted('POST /users'),
    )
    const asked = () => undiciRequest(`${api.origin}/users`, { method: 'POST', headers: { host } })
    expect(await seen(async () => (await asked()).body.text())).toEqual(doubted('POST /users'))
    expect(await seen(() => send({ host: '127.0.0.1', port: port(), headers: { host: '127.0.0.1:1' } }))).toEqual(
      doubted('POST /users'),
    )
  })

  test('a Host header with another name of this machine is of the address', async () => {
    const headers = { host: `localhost:${port()}` }
    expect(await seen(() => send({ host: '127.0.0.1', port: port(), headers }))).toEqual(tracked())
  })

  test('a rule whose removal names the same owner vouches for it', async () => {
    await use({ rules: [{ create: 'POST /users', remove: 'DELETE /users/{id}?tenant=b' }] })
    expect(await seen(() => post('/users?tenant=b', { 'x-tenant': 'b' }))).toEqual(tracked())
  })
})

describe('whose basket', () => {
  test.each(['/basket/items', '/api/cart/items', '/user/keys', '/session/carts'])(
    'a path without an id of its owner means whoever asks: %s',
    async (path) => {
      expect(await seen(() => post(path, { authorization: 'Bearer bob' }))).toEqual(doubted(`POST ${path}`))
      expect(await seen(() => post(path))).toContain(api.origin)
    },
  )

  test.each(['/api/users', '/user/7/users', '/carts/bob/users', '/shop/users'])(
    'one that has an id, or is no one’s, does not: %s',
    async (path) => {
      expect(await seen(() => post(path, { authorization: 'Bearer bob' }))).toEqual(tracked())
    },
  )
})

describe('which service', () => {
  const other = async (): Promise<Api> => {
    const started = await startApi((_request, response) => json(response, 201, { id: 5 }))
    onTestFinished(() => started[Symbol.asyncDispose]())
    return started
  }

  test('a connection of one’s own that leads elsewhere is in doubt, also under a rule', async () => {
    await use({ rules: [{ create: 'POST /users' }] })
    const elsewhere = await other()
    const createConnection = () => connect(Number(new URL(elsewhere.origin).port), '127.0.0.1')
    expect(await seen(() => send({ host: '127.0.0.1', port: port(), createConnection }))).toEqual(
      doubted('POST /users'),
    )
    expect(api.requests).toEqual([])
  })

  test('an undici Agent that leads elsewhere, or to a Unix socket, is in doubt', async () => {
    const elsewhere = await other()
    const socketPath = join(tmpdir(), `dustpan-${crypto.randomUUID()}.sock`)
    const server = createServer((_request, response) => json(response, 201, { id: 5 }))
    await new Promise<void>((resolve) => server.listen(socketPath, resolve))
    onTestFinished(() => void server.close())
    const { port: wrong } = new URL(elsewhere.origin)
    for (const to of [
      { socketPath },
      (_options: unknown, done: (error: null, socket: ReturnType<typeof connect>) => void) => {
        const socket = connect(Number(wrong), '127.0.0.1', () => done(null, socket))
      },
    ]) {
      const dispatcher = new Agent({ connect: to as object })
      const asked = () => undiciRequest(`${api.origin}/users`, { method: 'POST', dispatcher })
      expect(await seen(async () => (await asked()).body.text())).toEqual(doubted('POST /users'))
      await dispatcher.close()
    }
    expect(api.requests).toEqual([])
  })

  test('through a proxy the target is what counts', async () => {
    const proxy = await other()
    const { hostname, port: proxyPort } = new URL(proxy.origin)
    const asAxios = () =>
      axios.post(
        `http://localhost:${port()}/users`,
        {},
        { proxy: { protocol: 'http', host: hostname, port: Number(proxyPort) } },
      )
    expect(await seen(asAxios)).toEqual(['created user 5', `http://localhost:${port()}`])
    expect(proxy.requests).toEqual([`POST http://localhost:${port()}/users`])
  })

  test('through the tunnel of a proxy too', async () => {
    const proxy = createServer().on('connect', (request, socket) => {
      const onward = connect(Number((request.url as string).split(':')[1]), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        onward.pipe(socket).pipe(onward)
      })
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void proxy.close())
    const { port: proxyPort } = proxy.address() as { port: number }
    const dispatcher = new ProxyAgent({ uri: `http://127.0.0.1:${proxyPort}`, proxyTunnel: true })
    const asked = () => undiciRequest(`${api.origin}/users`, { method: 'POST', dispatcher })
    expect(await seen(async () => (await asked()).body.text())).toEqual(tracked())
    await dispatcher.close()
  })
})
