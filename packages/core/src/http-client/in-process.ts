/**
 * Servers that a test starts in its own process, on a port picked by the system (supertest). They are no longer reachable at
 * cleanup, so their resources are removed by listening again with the same handlers, which see requests for the same host name.
 */
import type { RequestListener, Server } from 'node:http'
import { isLoopback } from '../http-rules/origins.ts'
import type { StoreSeen } from '../resource/capture.ts'
import { ownWork } from './own-work.ts'
import { subscriptions } from './subscriptions.ts'

const prefix = 'in-process:'
const byPort = new Map<number, WeakRef<Server>>()
/** Keyed by the first listener; for a server of a custom class, by the server. */
const applications = new WeakMap<object, Application[]>()
let serials = 0
const stores = new Map<string, Store>()
const states = new WeakMap<Server, 'open' | 'closed' | 'closed again'>()

interface Application {
  readonly serial: number
  /** The request listeners; two applications may share some. */
  readonly listeners: readonly RequestListener[]
}

/** An application under one of this machine's host names: below `localhost` each name may be another tenant's. */
interface Store {
  readonly application: Application
  /** The origin of the last request. */
  readonly origin: string
  server(): Server | undefined
}

export const isInProcess = (store: string): boolean => store.startsWith(prefix)

/** `http://acme.localhost:1` for a store of this process: a port that no client could use. */
export function originLike(store: string): string {
  const [, origin = 'http://localhost'] = /^in-process:(https?:\/\/.+):\d+$/.exec(store) ?? []
  return `${origin}:1`
}

/** Watches servers start to listen, from now on. */
export function watchServers(failed: (error: unknown) => void): Disposable {
  const picked = new WeakSet<Server>()
  return subscriptions<{ server: Server; options: ListenOptions }>(
    {
      'tracing:net.server.listen:asyncStart': ({ server, options }) => {
        if (picksPort(options)) picked.add(server)
        else picked.delete(server)
      },
      'tracing:net.server.listen:asyncEnd': ({ server }) => {
        const address = server.address()
        if (!picked.has(server) || typeof address !== 'object' || !address) return
        byPort.set(address.port, new WeakRef(server))
        followCloses(server)
      },
    },
    failed,
  )
}

/** supertest closes the server that it opened after each request. A second close comes from the test, which is done with the application. */
function followCloses(server: Server): void {
  if (!states.has(server))
    server.on('close', () => states.set(server, states.get(server) === 'open' ? 'closed' : 'closed again'))
  states.set(server, 'open')
}

interface ListenOptions {
  readonly port?: unknown
  readonly path?: unknown
}

/** Where requests to an origin end up: a server of this process, or the origin itself. */
export function storeAt(origin: string): StoreSeen {
  const server = isLoopback(origin) ? byPort.get(Number(new URL(origin).port))?.deref() : undefined
  const application = server && listensAt(server, origin) ? applicationOf(server) : undefined
  if (!application || !server) return { id: origin }
  const { protocol, hostname } = new URL(origin)
  const id = `${prefix}${protocol}//${hostname}:${application.serial}`
  const known = new WeakRef(server)
  stores.set(id, { application, origin, server: isPlain(server) ? () => known.deref() : () => server })
  return { id, inProcess: true }
}

/** Whether the test itself has a server listening with a store's handlers. */
export const isListening = (store: string): boolean => stores.get(store)?.server()?.listening === true

/** Whether the test has certainly closed it for good. Its handlers may still work. */
export function isClosed(store: string): boolean {
  const server = stores.get(store)?.server()
  return server !== undefined && states.get(server) === 'closed again'
}

export interface ServedAgain extends AsyncDisposable {
  /** The origin at which it listens. */
  readonly origin: string
  /** The origin that its application is to see. */
  readonly as: string
}

/** Listens again with a store's handlers; undefined if the store was not in this process. */
export async function serveAgain(store: string): Promise<ServedAgain | undefined> {
  const found = stores.get(store)
  if (!found) return undefined
  const server = serverLike(found)
  await ownWork.run(
    server,
    () => new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve)),
  )
  const { port } = server.address() as { port: number }
  return {
    origin: `http://127.0.0.1:${port}`,
    as: found.origin,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** The listeners get their original server as `this`, and connections marked as encrypted if theirs were. */
function serverLike({ application: { listeners }, origin, server: original }: Store): Server {
  const server = process.getBuiltinModule('node:http').createServer()
  const self = original() ?? server
  for (const listener of listeners) server.on('request', (request, response) => listener.call(self, request, response))
  if (origin.startsWith('https:')) server.on('connection', (socket) => void Object.assign(socket, { encrypted: true }))
  return server
}

function picksPort({ port, path }: ListenOptions): boolean {
  return path === undefined && (port === undefined || port === null || Number(port) === 0)
}

function listensAt(server: Server, origin: string): boolean {
  const address = server.address()
  return typeof address === 'object' && address?.port === Number(new URL(origin).port)
}

/** supertest creates a server for each request to one application, which is recognised by its handlers. */
function applicationOf(server: Server): Application | undefined {
  const listeners = server.listeners('request') as RequestListener[]
  const [first] = listeners
  if (!first) return undefined
  const key = isPlain(server) ? first : server
  const known = applications.get(key) ?? []
  const found = known.find((one) => isSameList(one.listeners, listeners))
  if (found) return found
  const application = { serial: ++serials, listeners }
  applications.set(key, [...known, application])
  return application
}

const isSameList = (one: readonly RequestListener[], other: readonly RequestListener[]): boolean =>
  one.length === other.length && one.every((listener, i) => listener === other[i])

/** A server of a custom class may have its handlers from the class, and keep its data in itself. */
function isPlain(server: Server): boolean {
  const prototype = Object.getPrototypeOf(server)
  return ['node:http', 'node:https'].some((name) => prototype === serverIn(name)?.prototype)
}

const serverIn = (name: string): typeof Server | undefined =>
  (process.getBuiltinModule(name) as { readonly Server?: typeof Server } | undefined)?.Server
