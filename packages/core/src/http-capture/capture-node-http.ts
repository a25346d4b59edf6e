/** Sees the requests of `node:http` and `node:https`: axios, got, superagent and whatever else is built on them. */
import type { ClientRequest, IncomingMessage } from 'node:http'
import { headerPairs } from '../http-client/headers.ts'
import { bytesWritten } from '../http-client/socket.ts'
import { subscriptions } from '../http-client/subscriptions.ts'
import type { Exchange } from './exchange.ts'
import { tap } from './tap.ts'
import type { Watch } from './watch.ts'

interface Message {
  readonly request: ClientRequest
  readonly response: IncomingMessage
}

export function captureNodeHttp(watch: Watch): Disposable {
  const underway = new WeakMap<ClientRequest, Exchange>()
  const written = new WeakMap<object, number>()
  return subscriptions<Message>(
    {
      'http.client.request.created': ({ request }) => {
        const exchange = begin(watch, request)
        if (exchange) underway.set(request, exchange)
      },
      'http.client.response.finish': ({ request, response }) => {
        const exchange = underway.get(request)
        const real = wroteSince(response.socket, written)
        if (exchange) answered(exchange, response, real)
      },
      'http.client.request.error': ({ request }) => {
        // Without a connection nothing was sent.
        if (!(request as { res?: unknown }).res) underway.get(request)?.failed(bytesWritten(request.socket) > 0)
      },
    },
    watch.failed,
  )
}

function begin(watch: Watch, request: ClientRequest): Exchange | undefined {
  const origin = originOf(request)
  if (origin === undefined || !watch.watches(origin)) return undefined
  if (!request.headersSent) addHeaders(request, watch.sink.headers())
  // Read late: superagent sets its headers after it made the request.
  const headers = () => headerPairs(request.getHeaders())
  const exchange = watch.begin({ method: request.method, origin, path: request.path, headers })
  if (exchange?.sends) {
    tap(request, 'write', exchange.sends)
    tap(request, 'end', exchange.sends)
  }
  return exchange
}

/** Undefined for a socket in the file system, and where the port cannot be told. */
function originOf(request: ClientRequest): string | undefined {
  const { protocol, host } = request
  if ((request as { socketPath?: string }).socketPath) return undefined
  const [, name, port] = /^(.*?)(:\d+)?$/.exec(hostHeader(request)) as unknown as [string, string, string | undefined]
  const bracketed = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  return name === bracketed ? `${protocol}//${name}${port ?? ''}` : undefined
}

/** The only place where a request shows its port. Headers given as a list are rendered at once. */
function hostHeader(request: ClientRequest): string {
  const rendered = () => /\r\nhost: *([^\r\n]+)/i.exec((request as { _header?: string })._header ?? '')?.[1]
  return String(request.getHeader('host') ?? rendered() ?? '')
}

function addHeaders(request: ClientRequest, headers: Record<string, string>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!request.hasHeader(name)) request.setHeader(name, value)
  }
}

function answered(exchange: Exchange, response: IncomingMessage, real: boolean): void {
  const head = { status: response.statusCode ?? 0, header: (name: string) => text(response.headers[name]), real }
  if (!exchange.answered(head)) return
  tap(response, 'push', (chunk: Buffer | null) => {
    if (chunk !== null) exchange.receives(chunk)
    else if (wasDumped(response)) exchange.cutOff()
    else exchange.ended()
  })
  response.once('close', exchange.cutOff)
}

/** Between two answers on one socket, something must have been written. */
function wroteSince(socket: object, written: WeakMap<object, number>): boolean {
  const now = bytesWritten(socket)
  const wrote = now > (written.get(socket) ?? 0)
  written.set(socket, now)
  return wrote
}

/** Nobody listened for the response, so that Node throws its body away. */
function wasDumped(response: IncomingMessage): boolean {
  return (response as { _dumped?: boolean })._dumped === true
}

function text(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value
}
