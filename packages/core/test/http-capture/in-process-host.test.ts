/** Removals from applications in the test's own process use the same host name and the same handlers as the test. */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  request,
  Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createSecureServer, request as secureRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import { json, restListener } from '../http/api.ts'
import { removeRecorded } from '../http-removal/remove-recorded.ts'
import { type RecordingSink, recordingSink } from './recording-sink.ts'

let sink: RecordingSink

beforeEach(() => {
  sink = recordingSink()
  const capture = startHttpCapture(sink, [{ name: 'http', options: {} }])
  onTestFinished(() => capture[Symbol.dispose]())
})

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close().closeAllConnections())
  return (server.address() as { port: number }).port
}

const lookup: LookupFunction = (_host, { all }, done) =>
  all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)

/** Resolves all names to 127.0.0.1: not every system knows names below `localhost`. */
const send = (method: string, url: string): Promise<string> =>
  new Promise((resolve, reject) => {
    request(url, { method, lookup, agent: false }, async (response) => {
      resolve(Buffer.concat(await response.toArray()).toString('utf8'))
    })
      .on('error', reject)
      .end()
  })

/** Tenants by the first part of the host name, each with its own ids. */
function tenants() {
  const asked: string[] = []
  const things: Record<string, Map<string, unknown>> = {}
  const listeners: Record<string, RequestListener> = {}
  const app: RequestListener = (request, response) => {
    const tenant = (request.headers.host ?? '').replace(/(\.localhost)?:\d+$/, '')
    things[tenant] ??= new Map()
    listeners[tenant] ??= restListener(things[tenant])
    asked.push(`${request.method} ${request.url} of ${tenant}`)
    listeners[tenant](request, response)
  }
  return { app, asked }
}

test('a resource is removed through the host name that created it', async () => {
  const { app, asked } = tenants()
  const port = await portOf(createServer(app))
  await sink.run('a', async (scope) => {
    for (const host of ['acme.localhost', 'globex.localhost']) await send('POST', `http://${host}:${port}/invoices`)
    const [acme, globex] = scope.stores.map(({ id }) => id)
    expect(acme).not.toBe(globex)
    expect(await removeRecorded(scope)).toEqual(['removed 204 No Content', 'removed 204 No Content'])
  })
  expect(asked.slice(2).sort()).toEqual(['DELETE /invoices/1 of acme', 'DELETE /invoices/1 of globex'])
})

test('a DELETE through another tenant’s host does not drop the record, but one through 127.0.0.1 for localhost does', async () => {
  const port = await portOf(createServer(tenants().app))
  await send('POST', `http://globex.localhost:${port}/invoices`)
  await sink.run('a', async () => {
    await send('POST', `http://acme.localhost:${port}/invoices`)
    await send('DELETE', `http://globex.localhost:${port}/invoices/1`)
    expect(sink.struck).toEqual([])
  })
  const one = await portOf(createServer(restListener(new Map())))
  await sink.run('b', async () => {
    await send('POST', `http://localhost:${one}/notes`)
    await send('DELETE', `http://127.0.0.1:${one}/notes/1`)
    expect(sink.struck).toEqual(['note 1'])
  })
})

test.each(['http://acme.localhost:*', 'http://*.localhost:*'])(
  'an instance for %s removes a resource of acme.localhost',
  async (pattern) => {
    const port = await portOf(createServer(tenants().app))
    await sink.run('a', async (scope) => {
      await send('POST', `http://acme.localhost:${port}/invoices`)
      expect(await removeRecorded(scope, { origins: [pattern] })).toEqual(['removed 204 No Content'])
    })
  },
)

test('an application that accepts only one host name is asked by that name, even once its server is closed', async () => {
  const rest = restListener(new Map())
  const server = createServer((request, response) =>
    request.headers.host?.startsWith('localhost:') ? rest(request, response) : response.writeHead(421).end(),
  )
  const port = await portOf(server)
  await sink.run('a', async (scope) => {
    await send('POST', `http://localhost:${port}/notes`)
    await new Promise((resolve) => server.close(resolve).closeAllConnections())
    expect(await removeRecorded(scope)).toEqual(['removed 204 No Content'])
  })
})

test('a redirect to the host and port that the test used is followed', async () => {
  const rest = restListener(new Map())
  const server = createServer((request, response) => {
    if (request.method !== 'DELETE' || request.url?.startsWith('/api/')) return rest(renamed(request), response)
    response.writeHead(308, { location: `http://${request.headers.host}/api${request.url}` }).end()
  })
  const port = await portOf(server)
  await sink.run('a', async (scope) => {
    await send('POST', `http://localhost:${port}/notes`)
    expect(await removeRecorded(scope)).toEqual(['removed 204 No Content'])
  })
})

const renamed = (request: IncomingMessage) =>
  Object.assign(request, { url: request.url?.replace(/^\/api/, '') }) as IncomingMessage

test('applications with the same first listener are told apart', async () => {
  const log: RequestListener = () => {}
  const all = [new Map<string, unknown>(), new Map<string, unknown>()]
  const ports = await Promise.all(all.map((things) => portOf(createServer(log).on('request', restListener(things)))))
  await sink.run('a', async (scope) => {
    await send('POST', `http://127.0.0.1:${ports[0]}/notes`)
    await sink.run('other', () => send('POST', `http://127.0.0.1:${ports[1]}/notes`))
    expect(await removeRecorded(scope)).toEqual(['removed 204 No Content'])
  })
  expect(all.map(({ size }) => size)).toEqual([0, 1])
})

/** A server class that keeps its state in the instance. */
class Api extends Server {
  readonly things = new Set<string>()

  constructor() {
    super()
    this.on('request', this.handle)
  }

  handle({ method, url }: IncomingMessage, response: ServerResponse): void {
    if (method === 'POST') {
      this.things.add('/notes/1')
      json(response, 201, { id: 1 })
    } else response.writeHead(this.things.delete(url ?? '') ? 204 : 404).end()
  }
}

test('a server subclass handles its own removals, listening or not', async () => {
  const [one, other] = [new Api(), new Api()]
  const [port, otherPort] = [await portOf(one), await portOf(other)]
  await sink.run('a', async (scope) => {
    await send('POST', `http://127.0.0.1:${port}/notes`)
    await sink.run('other', () => send('POST', `http://127.0.0.1:${otherPort}/notes`))
    expect(await removeRecorded(scope)).toEqual(['removed 204 No Content'])
    await send('POST', `http://127.0.0.1:${port}/notes`)
    await new Promise((resolve) => one.close(resolve).closeAllConnections())
    expect(await removeRecorded(scope)).toContain('removed 204 No Content')
  })
  expect([one.things.size, other.things.size]).toEqual([0, 1])
})

test('a removal from an application that requires HTTPS has an encrypted socket', async () => {
  const psk = { psk: Buffer.from('0123456789abcdef'), identity: 'test' }
  const options = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const
  const rest = restListener(new Map())
  const server = createSecureServer({ ...options, pskCallback: () => psk.psk }, (request, response) => {
    if ('encrypted' in request.socket) return rest(request, response)
    response.writeHead(308, { location: `https://${request.headers.host}${request.url}` }).end()
  })
  const url = `https://localhost:${await portOf(server)}/notes`
  const client = { ...options, lookup, pskCallback: () => psk, checkServerIdentity: () => undefined, agent: false }
  await sink.run('a', async (scope) => {
    await new Promise<void>((resolve, reject) => {
      secureRequest(url, { ...client, method: 'POST' }, (response) => response.resume().on('end', resolve))
        .on('error', reject)
        .end()
    })
    expect(await removeRecorded(scope)).toEqual(['removed 204 No Content'])
  })
})
