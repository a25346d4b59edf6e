/** Requests whose path does not name the owner or the service: a removal could hit somebody else's resource. */
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

/** What is tracked, the warnings and the stores. */
const seen = (fn: () => Promise<unknown>) =>
  sink.run('a', async (scope) => {
    await fn()
    return [...scope.events.slice(1), ...sink.warnings, ...scope.stores.map(({ id }) => id)]
  })

const notTracked = (line: string, origin = api.origin) => ['none no-id', `DUSTPAN_NO_ID ${line}`, origin]
const tracked = () => ['created user 5', api.origin]

describe('the tenant', () => {
  test('in a query that the removal lacks: the resource is not tracked', async () => {
    expect(await seen(() => post('/users?tenant=b'))).toEqual(notTracked('POST /users'))
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
    'X-Original-URL',
    'X-Original-URI',
    'X-Rewrite-URL',
    'X-Forwarded-Prefix',
    'X-Forwarded-Uri',
    'X-Forwarded-Path',
    'X-Forwarded-Server',
    'X-HTTP-Host-Override',
    'X-Host',
    'X-Script-Name',
    'MF-Route-Override',
  ])('in the header %s: the resource is not tracked', async (name) => {
    expect(await seen(() => post('/users', { [name]: 'b' }))).toEqual(notTracked('POST /users'))
    expect(await seen(() => axios.post(`${api.origin}/users`, {}, { headers: { [name]: 'b' } }))).toEqual(
      notTracked('POST /users'),
    )
  })

  test.each([
    ...['x-request-id', 'sec-fetch-site', 'x-client-version', 'accept-language', 'x-forwarded-for', 'origin'],
    ...['x-app-version', 'x-client-name', 'x-amz-meta-project'],
  ])('is not chosen by the header %s: the resource is tracked', async (name) => {
    expect(await seen(() => post('/users', { [name]: 'b' }))).toEqual(tracked())
  })

  test.each([
    ['mf-original-url', 'http://b.shop.test/users'],
    ['mf-original-url', 'http://b.localhost/users'],
    ['forwarded', 'for=10.0.0.1;host="b.shop.test"'],
  ])('on another host, by the header %s: %s: the resource is not tracked', async (name, value) => {
    expect(await seen(() => post('/users', { [name]: value }))).toEqual(notTracked('POST /users'))
  })

  test.each([
    ['mf-original-url', 'http://localhost/users'],
    ['forwarded', 'for=10.0.0.1;proto=https'],
  ])('is not chosen by the header %s without another host: %s', async (name, value) => {
    expect(await seen(() => post('/users', { [name]: value }))).toEqual(tracked())
  })

  test('in the original URL of a request and of its rule’s removal: the resource is tracked', async () => {
    const headers = { 'mf-original-url': 'http://b.shop.test/users/{id}' }
    await use({ rules: [{ create: 'POST /users', remove: { request: 'DELETE /users/{id}', headers } }] })
    expect(await seen(() => post('/users', { 'MF-Original-URL': 'http://b.shop.test/users' }))).toEqual(tracked())
    expect(await seen(() => post('/users', { 'MF-Original-URL': 'http://c.shop.test/users' }))).toContain('none no-id')
    expect(await seen(() => post('/users'))).toContain('none no-id')
  })

  test.each(['mf-original-url', 'x-original-url', 'x-rewrite-url', 'x-forwarded-uri'])(
    'in the header %s, whose value would make the removal one of the collection: the resource is not tracked',
    async (name) => {
      const headers = { [name]: 'http://b.shop.test/users' }
      await use({ headers })
      expect(await seen(() => post('/users', headers))).toEqual(notTracked('POST /users'))
      await use({ rules: [{ create: 'POST /users', remove: { request: 'DELETE /users/{id}', headers } }] })
      expect(await seen(() => post('/users', headers))).toEqual(notTracked('POST /users'))
    },
  )

  test('in a header that the removal sends too: the resource is tracked', async () => {
    await use({ headers: { 'X-Tenant': 'b' } })
    expect(await seen(() => post('/users', { 'x-tenant': 'b' }))).toEqual(tracked())
    expect(await seen(() => post('/users', { 'x-tenant': 'c' }))).toContain('DUSTPAN_NO_ID POST /users')
  })

  test('in a header that only the removal sends: the resource is not tracked', async () => {
    await use({ headers: { 'X-Tenant': 'b' } })
    expect(await seen(() => post('/users'))).toEqual(notTracked('POST /users'))
    await use({ headers: { 'X-Tenant': '' } })
    expect(await seen(() => post('/users'))).toEqual(tracked())
  })

  test('in a Host header other than the address: the resource is not tracked', async () => {
    const host = 'b.shop.test'
    expect(await seen(() => send({ host: '127.0.0.1', port: port(), headers: { host } }))).toEqual(
      notTracked('POST /users'),
    )
    const asked = () => undiciRequest(`${api.origin}/users`, { method: 'POST', headers: { host } })
    expect(await seen(async () => (await asked()).body.text())).toEqual(notTracked('POST /users'))
    expect(await seen(() => send({ host: '127.0.0.1', port: port(), headers: { host: '127.0.0.1:1' } }))).toEqual(
      notTracked('POST /users'),
    )
  })

  test('is not chosen by a Host header with another name of this machine', async () => {
    const headers = { host: `localhost:${port()}` }
    expect(await seen(() => send({ host: '127.0.0.1', port: port(), headers }))).toEqual(tracked())
  })

  test('in the query of a rule’s removal: the resource is tracked', async () => {
    await use({ rules: [{ create: 'POST /users', remove: 'DELETE /users/{id}?tenant=b' }] })
    expect(await seen(() => post('/users?tenant=b', { 'x-tenant': 'b' }))).toEqual(tracked())
  })
})

describe('the owner of a nested resource', () => {
  test.each(['/basket/items', '/api/cart/items', '/user/keys', '/session/carts'])(
    'depends on the user in a path without the owner’s id, which is not tracked: %s',
    async (path) => {
      expect(await seen(() => post(path, { authorization: 'Bearer bob' }))).toEqual(notTracked(`POST ${path}`))
      expect(await seen(() => post(path))).toContain(api.origin)
    },
  )

  test.each(['/api/users', '/user/7/users', '/carts/bob/users', '/shop/users'])(
    'is in the path, or there is none: the resource is tracked: %s',
    async (path) => {
      expect(await seen(() => post(path, { authorization: 'Bearer bob' }))).toEqual(tracked())
    },
  )
})

describe('the service', () => {
  const other = async (): Promise<Api> => {
    const started = await startApi((_request, response) => json(response, 201, { id: 5 }))
    onTestFinished(() => started[Symbol.asyncDispose]())
    return started
  }

  test('of a connection made elsewhere is in doubt even under a rule: the resource is not tracked', async () => {
    await use({ rules: [{ create: 'POST /users' }] })
    const elsewhere = await other()
    const createConnection = () => connect(Number(new URL(elsewhere.origin).port), '127.0.0.1')
    expect(await seen(() => send({ host: '127.0.0.1', port: port(), createConnection }))).toEqual(
      notTracked('POST /users'),
    )
    expect(api.requests).toEqual([])
  })

  test('of an undici Agent that connects elsewhere or to a Unix socket is in doubt: the resource is not tracked', async () => {
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
      expect(await seen(async () => (await asked()).body.text())).toEqual(notTracked('POST /users'))
      await dispatcher.close()
    }
    expect(api.requests).toEqual([])
  })

  test('behind a proxy is the target', async () => {
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

  test('behind a proxy tunnel is the target', async () => {
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
