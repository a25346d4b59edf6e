/**
 * Captures the requests of every copy of undici, including the one behind Node's `fetch`, through its diagnostics channels.
 * Answers arrive in the async context of a pooled connection, so they are matched by the request object, never by context.
 */

import type { Exchange } from '../http-answers/exchange.ts'
import { headerOf, headerPairs, type RawHeaders } from '../http-client/headers.ts'
import { bytesWritten } from '../http-client/socket.ts'
import { subscriptions } from '../http-client/subscriptions.ts'
import { leadsElsewhere } from './peer.ts'
import { tap } from './tap.ts'
import { targetOf } from './target.ts'
import type { Watch } from './watch.ts'

/** The part of undici's request that is used; `onData` until version 7, after that `bodyChunkReceived` is published. */
interface UndiciRequest {
  readonly origin: string | URL
  readonly method: string
  readonly path: string
  readonly headers: RawHeaders
  /** A Host header set by the caller is not among `headers`. */
  readonly host?: string | null
  addHeader(name: string, value: string): void
  onBodySent?(chunk: unknown): unknown
  onData?(chunk: Uint8Array): unknown
}

interface Message {
  readonly request: UndiciRequest
  readonly socket: object
  readonly chunk: Uint8Array
  readonly response: { readonly statusCode: number; readonly headers: RawHeaders }
}

interface Underway {
  readonly exchange: Exchange
  /** Undefined through a proxy, where the peer cannot be checked. */
  readonly origin: string | undefined
  /** The socket, and the bytes it had written before this request. */
  sent?: { readonly socket: object; readonly before: number }
  wanted?: boolean
}

export function captureUndici(watch: Watch): Disposable {
  const underway = new WeakMap<UndiciRequest, Underway>()
  const tunnels = new WeakSet<object>()
  return subscriptions<Message>(
    {
      'undici:request:create': ({ request }) => {
        const begun = begin(watch, request)
        if (begun) underway.set(request, begun)
      },
      'undici:client:sendHeaders': ({ request, socket }) => {
        const found = underway.get(request)
        if (found) found.sent = { socket, before: bytesWritten(socket) }
        if (request.method === 'CONNECT') tunnels.add(socket)
      },
      'undici:request:headers': ({ request, response }) => {
        const found = underway.get(request)
        if (found && response.statusCode >= 200) answered(found, request, response, tunnels)
      },
      'undici:request:bodyChunkReceived': ({ request, chunk }) => {
        if (!request.onData) underway.get(request)?.exchange.receives(chunk)
      },
      'undici:request:trailers': ({ request }) => underway.get(request)?.exchange.ended(),
      'undici:request:error': ({ request }) => {
        const found = underway.get(request)
        if (found) failed(found)
      },
    },
    watch.failed,
  )
}

function begin(watch: Watch, request: UndiciRequest): Underway | undefined {
  const target = targetOf(String(request.origin), request.path)
  if (!watch.watches(target.origin)) return undefined
  const present = headerPairs(request.headers)
  for (const [name, value] of Object.entries(watch.sink.headers())) {
    if (!present.some(([other]) => other === name.toLowerCase())) request.addHeader(name, value)
  }
  const headers = request.host ? [...present, ['host', request.host] as const] : present
  const exchange = watch.begin({ method: request.method, ...target, headers: () => headers })
  if (exchange?.sends) tap(request, 'onBodySent', exchange.sends)
  return exchange && { exchange, origin: target.path === request.path ? target.origin : undefined }
}

function answered(
  found: Underway,
  request: UndiciRequest,
  { statusCode, headers }: Message['response'],
  tunnels: WeakSet<object>,
): void {
  const { exchange, origin, sent } = found
  const real = sent === undefined || bytesWritten(sent.socket) > sent.before
  const isDirect = origin !== undefined && sent !== undefined && !isTunnelled(sent.socket, tunnels)
  const isElsewhere = isDirect && leadsElsewhere(sent.socket, origin)
  const header = (name: string) => headerOf(headers, name)
  const wanted = exchange.answered({ status: statusCode, header, real, isElsewhere })
  found.wanted = wanted
  if (wanted && request.onData) tap(request, 'onData', exchange.receives)
}

/** TLS runs over the socket that the proxy has opened. */
function isTunnelled(socket: object, tunnels: WeakSet<object>): boolean {
  const { _parent: below } = socket as { readonly _parent?: object }
  return tunnels.has(socket) || (below !== undefined && below !== null && tunnels.has(below))
}

function failed({ exchange, sent, wanted }: Underway): void {
  if (wanted === undefined) exchange.failed(sent !== undefined)
  else exchange.cutOff()
}
