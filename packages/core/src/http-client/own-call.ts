/** One of Dustpan's own requests, in flight. */
import { subscribe } from 'node:diagnostics_channel'
import type { Dispatcher } from 'undici'
import { messageOf } from '../errors/dustpan-error.ts'
import { headerOf, type RawHeaders } from './headers.ts'
import { ownWork } from './own-work.ts'
import { bytesWritten } from './socket.ts'

export interface OwnAnswer {
  readonly status: number
  /** `204 No Content` */
  readonly result: string
  readonly body: string
  /** No byte left this process: a mocking library answered. */
  readonly mocked: boolean
  header(name: string): string | undefined
}

export interface OwnCall {
  readonly stops: Stops
  /** The socket, and the bytes it had written before. */
  sent?: { readonly socket: unknown; readonly before: number }
}

/** Functions that abort the requests of one signal. */
type Stops = Set<(reason: unknown) => void>

/** A handler that collects a request's answer. `over` is called once, whatever the outcome. */
export function callOf(
  signal: AbortSignal,
  resolve: (answer: OwnAnswer) => void,
  reject: (error: unknown) => void,
  over: () => void,
): { call: OwnCall; handler: Dispatcher.DispatchHandler } {
  const call: OwnCall = { stops: stopsOf(signal) }
  let stop: (reason: unknown) => void = () => {}
  let head: Omit<OwnAnswer, 'body'> | undefined
  let body = ''
  const end = () => {
    call.stops.delete(stop)
    over()
  }
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(controller) {
      if (signal.aborted) return controller.abort(signal.reason as Error)
      stop = (reason) => controller.abort(reason as Error)
      call.stops.add(stop)
    },
    onResponseStart(_controller, status, headers, statusText) {
      head = headOf(call, status, headers as RawHeaders, statusText)
    },
    onResponseData(_controller, chunk) {
      if (body.length < 64 * 1024) body += chunk.toString()
    },
    onResponseEnd() {
      end()
      if (head) resolve({ ...head, body })
    },
    onResponseError(_controller, error) {
      end()
      if (wasRefused(call, error))
        resolve({ status: 0, result: messageOf(error), mocked: true, body: '', header: () => undefined })
      else reject(error)
    },
  }
  return { call, handler }
}

/** Only undici's channels report the socket of a request. */
export function watchOwnSockets(): void {
  if (watching) return
  watching = true
  subscribe('undici:request:create', (message) => {
    const call = ownWork.current
    if (call && 'stops' in call) calls.set((message as { request: object }).request, call as OwnCall)
  })
  subscribe('undici:client:sendHeaders', (message) => {
    const { request, socket } = message as { request: object; socket: unknown }
    const call = calls.get(request)
    if (call) call.sent = { socket, before: bytesWritten(socket) }
  })
}

const calls = new WeakMap<object, OwnCall>()
let watching = false

function headOf({ sent }: OwnCall, status: number, headers: RawHeaders, text = ''): Omit<OwnAnswer, 'body'> {
  const mocked = sent !== undefined && bytesWritten(sent.socket) <= sent.before
  return { status, result: `${status} ${text}`.trim(), mocked, header: (name) => headerOf(headers, name) }
}

/** A mocking library that forbids requests accepts them, sends nothing, and fails with an error that is neither the system's nor undici's. */
function wasRefused({ sent }: OwnCall, error: NodeJS.ErrnoException): boolean {
  if (sent === undefined || sent.before > 0 || bytesWritten(sent.socket) > 0) return false
  return error.syscall === undefined && !String(error.code).startsWith('UND_ERR')
}

const stopsBySignal = new WeakMap<AbortSignal, Stops>()

/** One listener for all requests of a signal: one per request would cost more than the rest of the request. */
function stopsOf(signal: AbortSignal): Stops {
  const known = stopsBySignal.get(signal)
  if (known) return known
  const stops: Stops = new Set()
  stopsBySignal.set(signal, stops)
  signal.addEventListener('abort', () => {
    for (const stop of stops) stop(signal.reason)
  })
  return stops
}
