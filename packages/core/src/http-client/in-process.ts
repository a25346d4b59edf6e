/**
 * Servers that a test starts for itself, on a port that the system picks (supertest): nobody reaches them there again, so what they
 * hold is removed by listening once more with the same handlers.
 */
import type { RequestListener, Server } from 'node:http'
import { isLoopback } from '../http-rules/origins.ts'
import type { StoreSeen } from '../resource/capture.ts'
import { ownWork } from './own-work.ts'
import { subscriptions } from './subscriptions.ts'

const prefix = 'in-process:'
const byPort = new Map<number, WeakRef<Server>>()
const ids = new WeakMap<RequestListener, string>()
const handlers = new Map<string, readonly RequestListener[]>()
/** Which server each store was seen behind last. */
const servers = new Map<string, WeakRef<Server>>()
const states = new WeakMap<Server, 'open' | 'closed' | 'closed again'>()

export const isInProcess = (store: string): boolean => store.startsWith(prefix)

/** Sees servers begin to listen, from now on. */
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

/** supertest closes after each request what it opened itself. Who then closes it again has done with the application. */
function followCloses(server: Server): void {
  if (!states.has(server))
    server.on('close', () => states.set(server, states.get(server) === 'open' ? 'closed' : 'closed again'))
  states.set(server, 'open')
}

interface ListenOptions {
  readonly port?: unknown
  readonly path?: unknown
}

/** Where requests to an origin end up: this process's own server, or the origin itself. */
export function storeAt(origin: string): StoreSeen {
  const server = isLoopback(origin) ? byPort.get(Number(new URL(origin).port))?.deref() : undefined
  const listeners = server?.listeners('request') as RequestListener[] | undefined
  const [first] = listeners ?? []
  if (!first || !server || !listensAt(server, origin)) return { id: origin }
  const id = idOf(first, listeners as RequestListener[])
  servers.set(id, new WeakRef(server))
  return { id, inProcess: true }
}

/** Whether a server with a store's handlers is listening, as the test has it. */
export const isListening = (store: string): boolean => servers.get(store)?.deref()?.listening === true

/** Whether the test has certainly closed it for good. Its handlers may work all the same. */
export function isClosed(store: string): boolean {
  const server = servers.get(store)?.deref()
  return server !== undefined && states.get(server) === 'closed again'
}

/** Listens again with a store's handlers; undefined when the store was not in this process. */
export async function serveAgain(store: string): Promise<(AsyncDisposable & { readonly origin: string }) | undefined> {
  const listeners = handlers.get(store)
  if (!listeners) return undefined
  const server = process.getBuiltinModule('node:http').createServer()
  for (const listener of listeners) server.on('request', listener)
  await ownWork.run(
    server,
    () => new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve)),
  )
  const { port } = server.address() as { port: number }
  return {
    origin: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function picksPort({ port, path }: ListenOptions): boolean {
  return path === undefined && (port === undefined || port === null || Number(port) === 0)
}

function listensAt(server: Server, origin: string): boolean {
  const address = server.address()
  return typeof address === 'object' && address?.port === Number(new URL(origin).port)
}

/** supertest makes a server of its own for each request to one application: the handler tells that it is the same. */
function idOf(first: RequestListener, listeners: readonly RequestListener[]): string {
  const id = ids.get(first) ?? `${prefix}${handlers.size + 1}`
  ids.set(first, id)
  handlers.set(id, listeners)
  return id
}
