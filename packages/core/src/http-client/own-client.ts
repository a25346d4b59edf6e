/** Sends Dustpan's own requests: over few connections, never captured, and aware of mocked answers. */
import { createRequire } from 'node:module'
import type { Client, Dispatcher } from 'undici'
import { lookupFor } from './localhost.ts'
import { callOf, type OwnAnswer, watchOwnSockets } from './own-call.ts'
import { ownWork } from './own-work.ts'
import { withRealImmediate } from './real-immediate.ts'

export interface OwnRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface OwnClient extends AsyncDisposable {
  /** Rejects if no answer arrives. */
  send(request: OwnRequest, signal: AbortSignal): Promise<OwnAnswer>
}

export interface OwnClientOptions {
  /** Maximum number. */
  readonly connections: number
  readonly timeoutMs: number
}

export function ownClient(origin: string, { connections, timeoutMs }: OwnClientOptions): OwnClient {
  watchOwnSockets()
  const clients: Client[] = []
  const idle: Client[] = []
  const waiting: ((client: Client) => void)[] = []
  const take = (use: (client: Client) => void) => {
    const client = idle.pop() ?? (clients.length < connections ? newClient(origin, timeoutMs, clients) : undefined)
    if (client) use(client)
    else waiting.push(use)
  }
  const give = (client: Client) => {
    const next = waiting.shift()
    if (next) next(client)
    else idle.push(client)
  }
  return {
    send: (request, signal) =>
      new Promise<OwnAnswer>((resolve, reject) => {
        take((client) => {
          const { call, handler } = callOf(signal, resolve, reject, () => give(client))
          const options = { ...request, body: request.body ?? null, idempotent: false } as Dispatcher.DispatchOptions
          ownWork.run(call, () => withRealImmediate(() => client.dispatch(options, handler)))
        })
      }),
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.destroy()))
    },
  }
}

/**
 * Loads only undici's client: the main module would replace the global dispatcher, and takes three times as
 * long to load. Nothing is pipelined, as each client has one request at a time; with `pipelining: 1` it would
 * wait for a `setImmediate` after each answer.
 */
function newClient(origin: string, timeoutMs: number, clients: Client[]): Client {
  const UndiciClient = createRequire(import.meta.url)('undici/lib/dispatcher/client.js') as typeof Client
  const lookup = lookupFor(origin)
  const connect = { timeout: timeoutMs, ...(lookup ? { lookup } : {}) }
  const timeouts = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs }
  const client = new UndiciClient(origin, { ...timeouts, connect, pipelining: 2, allowH2: false })
  clients.push(client)
  return client
}
