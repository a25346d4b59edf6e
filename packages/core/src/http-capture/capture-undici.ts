/**
 * Sees the requests of every copy of undici, the one behind Node's `fetch` included, by its diagnostics channels. Answers come in
 * whatever async context a pooled connection is in, so that they are matched by the request object, never by context.
 */

import { headerOf, headerPairs, type RawHeaders } from '../http-client/headers.ts'
import { bytesWritten } from '../http-client/socket.ts'
import { subscriptions } from '../http-client/subscriptions.ts'
import type { Exchange } from './exchange.ts'
import { tap } from './tap.ts'
import type { Watch } from './watch.ts'

/** undici's request as far as it is used; `onData` until version 7, after that `bodyChunkReceived` is published. */
interface UndiciRequest {
  readonly origin: string | URL
  readonly method: string
  readonly path: string
  readonly headers: RawHeaders
  addHeader(name: string, value: string): void
  onBodySent?(chunk: unknown): unknown
  onData?(chunk: Uint8Array): unknown
}

interface Message {
  readonly request: UndiciRequest
  readonly socket: unknown
  readonly chunk: Uint8Array
  readonly response: { readonly statusCode: number; readonly headers: RawHeaders }
}

interface Underway {
  readonly exchange: Exchange
  /** The socket, and what it had written before this request. */
  sent?: { readonly socket: unknown; readonly before: number }
  wanted?: boolean
}

export function captureUndici(watch: Watch): Disposable {
  const underway = new WeakMap<UndiciRequest, Underway>()
  return subscriptions<Message>(
    {
      'undici:request:create': ({ request }) => {
        const exchange = begin(watch, request)
        if (exchange) underway.set(request, { exchange })
      },
      'undici:client:sendHeaders': ({ request, socket }) => {
        const found = underway.get(request)
        if (found) found.sent = { socket, before: bytesWritten(socket) }
      },
      'undici:request:headers': ({ request, response }) => {
        const found = underway.get(request)
        if (found && response.statusCode >= 200) answered(found, request, response)
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

function begin(watch: Watch, request: UndiciRequest): Exchange | undefined {
  const target = targetOf(request)
  if (!watch.watches(target.origin)) return undefined
  const present = headerPairs(request.headers)
  for (const [name, value] of Object.entries(watch.sink.headers())) {
    if (!present.some(([other]) => other === name.toLowerCase())) request.addHeader(name, value)
  }
  const exchange = watch.begin({ method: request.method, ...target, headers: () => present })
  if (exchange?.sends) tap(request, 'onBodySent', exchange.sends)
  return exchange
}

/** Through a proxy the path is a full URL. */
function targetOf({ origin, path }: UndiciRequest): { origin: string; path: string } {
  if (!path.startsWith('http')) return { origin: String(origin), path }
  const url = new URL(path)
  return { origin: url.origin, path: url.pathname + url.search }
}

function answered(found: Underway, request: UndiciRequest, { statusCode, headers }: Message['response']): void {
  const { exchange, sent } = found
  const real = sent === undefined || bytesWritten(sent.socket) > sent.before
  const wanted = exchange.answered({ status: statusCode, header: (name) => headerOf(headers, name), real })
  found.wanted = wanted
  if (wanted && request.onData) tap(request, 'onData', exchange.receives)
}

function failed({ exchange, sent, wanted }: Underway): void {
  if (wanted === undefined) exchange.failed(sent !== undefined)
  else exchange.cutOff()
}
