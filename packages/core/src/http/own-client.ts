/** Sends Dustpan's own requests: few connections, nothing captured, and sure that a server answered. */
import { subscribe } from 'node:diagnostics_channel'
import { createRequire } from 'node:module'
import type { Dispatcher, Pool as UndiciPool } from 'undici'
import { headerOf, type RawHeaders } from './headers.ts'
import { ownWork } from './own-work.ts'
import { bytesWritten } from './socket.ts'

export interface OwnRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface OwnAnswer {
  readonly status: number
  /** `204 No Content` */
  readonly result: string
  readonly body: string
  /** No byte left this process: a mocking library answered. */
  readonly mocked: boolean
  header(name: string): string | undefined
}

export interface OwnClient extends AsyncDisposable {
  /** Rejects when no answer came. */
  send(request: OwnRequest, signal: AbortSignal): Promise<OwnAnswer>
}

export interface OwnClientOptions {
  readonly connections: number
  readonly timeoutMs: number
}

/** undici's pool alone: its main module would take over the global dispatcher, and takes three times as long to load. */
const loadPool = () => createRequire(import.meta.url)('undici/lib/dispatcher/pool.js') as typeof UndiciPool

export function ownClient(origin: string, { connections, timeoutMs }: OwnClientOptions): OwnClient {
  watchOwnSockets()
  const Pool = loadPool()
  const pool = new Pool(origin, {
    connections,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: { timeout: timeoutMs },
  })
  return {
    send: (request, signal) =>
      new Promise((resolve, reject) => {
        const call: Call = { signal }
        const handler = answerHandler(call, resolve, reject)
        ownWork.run(call, () =>
          pool.dispatch({ ...request, body: request.body ?? null } as Dispatcher.DispatchOptions, handler),
        )
      }),
    [Symbol.asyncDispose]: () => pool.destroy(),
  }
}

/** What is known of one request while it is under way. */
interface Call {
  readonly signal: AbortSignal
  sent?: { readonly socket: unknown; readonly before: number }
}

function answerHandler(
  call: Call,
  resolve: (answer: OwnAnswer) => void,
  reject: (error: unknown) => void,
): Dispatcher.DispatchHandler {
  let head: Omit<OwnAnswer, 'body'> | undefined
  let body = ''
  let stop = () => {}
  return {
    onRequestStart(controller) {
      const abort = () => controller.abort(call.signal.reason as Error)
      if (call.signal.aborted) return abort()
      call.signal.addEventListener('abort', abort, { once: true })
      stop = () => call.signal.removeEventListener('abort', abort)
    },
    onResponseStart(_controller, status, headers, statusText) {
      const mocked = call.sent !== undefined && bytesWritten(call.sent.socket) <= call.sent.before
      head = {
        status,
        result: `${status} ${statusText ?? ''}`.trim(),
        mocked,
        header: (name) => headerOf(headers as RawHeaders, name),
      }
    },
    onResponseData(_controller, chunk) {
      if (body.length < 64 * 1024) body += chunk.toString()
    },
    onResponseEnd() {
      stop()
      if (head) resolve({ ...head, body })
    },
    onResponseError(_controller, error) {
      stop()
      reject(error)
    },
  }
}

const calls = new WeakMap<object, Call>()
let watching = false

/** Which socket a request went to is told by undici's channels only. */
function watchOwnSockets(): void {
  if (watching) return
  watching = true
  subscribe('undici:request:create', (message) => {
    const call = ownWork.current
    if (call && 'signal' in call) calls.set((message as { request: object }).request, call as Call)
  })
  subscribe('undici:client:sendHeaders', (message) => {
    const { request, socket } = message as { request: object; socket: unknown }
    const call = calls.get(request)
    if (call) call.sent = { socket, before: bytesWritten(socket) }
  })
}
