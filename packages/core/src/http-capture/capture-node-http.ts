/** Captures the requests of `node:http` and `node:https`: axios, got, superagent and everything else built on them. */
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Exchange } from '../http-answers/exchange.ts'
import { headerPairs } from '../http-client/headers.ts'
import { bytesWritten } from '../http-client/socket.ts'
import { subscriptions } from '../http-client/subscriptions.ts'
import { leadsElsewhere } from './peer.ts'
import { tap } from './tap.ts'
import { type HttpTarget, targetOf } from './target.ts'
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
        if (exchange) answered(exchange, { request, response }, real)
      },
      'http.client.request.error': ({ request }) => {
        // Nothing was sent without a connection.
        if (!(request as { res?: unknown }).res) underway.get(request)?.failed(bytesWritten(request.socket) > 0)
      },
    },
    watch.failed,
  )
}

function begin(watch: Watch, request: ClientRequest): Exchange | undefined {
  const target = requestTarget(request)
  if (target === undefined || !watch.watches(target.origin)) return undefined
  if (!request.headersSent) addHeaders(request, watch.sink.headers())
  // Read late: superagent sets its headers after creating the request.
  const headers = () => headersOf(request)
  const exchange = watch.begin({ method: request.method, ...target, headers })
  if (exchange?.sends) {
    tap(request, 'write', exchange.sends)
    tap(request, 'end', exchange.sends)
  }
  return exchange
}

/** Undefined for a Unix socket. */
function requestTarget(request: ClientRequest): HttpTarget | undefined {
  if ((request as { socketPath?: string }).socketPath) return undefined
  return targetOf(`${request.protocol}//${authorityOf(request)}`, request.path)
}

/** Host and port of the address. In older versions of Node only a Host header for the same host shows the port. */
function authorityOf(request: ClientRequest): string {
  const authority = (request as unknown as { readonly [key: symbol]: unknown })[authoritySymbol(request)]
  if (typeof authority === 'string') return authority
  const { host } = request
  const bracketed = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  const [, name, port] = /^(.*?)(:\d+)?$/.exec(hostHeader(request)) ?? []
  return name === bracketed && port !== undefined ? bracketed + port : bracketed
}

let authorityKey: symbol | undefined

/** The same symbol for all requests of a process. */
function authoritySymbol(request: ClientRequest): symbol {
  authorityKey ??= Object.getOwnPropertySymbols(request).find(({ description }) => description === 'kAuthority')
  return authorityKey ?? Symbol.for('kAuthority')
}

/** Headers passed as a list are rendered at once, and available only in that form. */
function headersOf(request: ClientRequest): readonly (readonly [name: string, value: string])[] {
  const pairs = headerPairs(request.getHeaders())
  return pairs.length > 0 ? pairs : headerPairs(rendered(request))
}

function hostHeader(request: ClientRequest): string {
  return headersOf(request).find(([name]) => name === 'host')?.[1] ?? ''
}

const rendered = (request: ClientRequest): string => (request as { _header?: string | null })._header ?? ''

function addHeaders(request: ClientRequest, headers: Record<string, string>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!request.hasHeader(name)) request.setHeader(name, value)
  }
}

function answered(exchange: Exchange, { request, response }: Message, real: boolean): void {
  const header = (name: string) => text(response.headers[name])
  const isElsewhere =
    !isProxied(request) && leadsElsewhere(response.socket, `${request.protocol}//${authorityOf(request)}`)
  if (!exchange.answered({ status: response.statusCode ?? 0, header, real, isElsewhere })) return
  tap(response, 'push', (chunk: Buffer | null) => {
    if (chunk !== null) exchange.receives(chunk)
    else if (wasDumped(response)) exchange.cutOff()
    else exchange.ended()
  })
  response.once('close', exchange.cutOff)
}

/** Recognised by its path, or by an agent whose names mention a proxy. */
function isProxied({ path, agent }: ClientRequest & { readonly agent?: object | null }): boolean {
  if (!path.startsWith('/')) return true
  const { options } = (agent ?? {}) as { readonly options?: object }
  const names = [agent?.constructor.name ?? '', ...Object.keys(agent ?? {}), ...Object.keys(options ?? {})]
  return names.some((name) => /prox|socks|tunnel/i.test(name))
}

/** Between two answers on one socket, bytes must have been written. */
function wroteSince(socket: object, written: WeakMap<object, number>): boolean {
  const now = bytesWritten(socket)
  const wrote = now > (written.get(socket) ?? 0)
  written.set(socket, now)
  return wrote
}

/** The response had no listener, so Node discards its body. */
function wasDumped(response: IncomingMessage): boolean {
  return (response as { _dumped?: boolean })._dumped === true
}

function text(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value
}
