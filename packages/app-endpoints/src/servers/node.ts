/** For node:http, and servers built on it: Express, Connect. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Answer, answerHeaders, type Call, pathBelow, type Respond } from '../call.ts'
import { readNodeBody } from './node-body.ts'

/** Passes paths outside the base on to `next`, or answers them with 404. Never throws. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void) => void

export function nodeHandler(respond: Respond, base: string): NodeHandler {
  return (request, response, next) => {
    const url = urlOf(request)
    const [path = ''] = url.split('?', 1)
    const rest = pathBelow(base, path)
    if (rest === undefined) return next ? next() : void response.writeHead(404).end()
    void respond(callOf(request, rest, url.slice(path.length))).then((answer) => send(answer, response))
  }
}

function send({ status, body, headers }: Answer, response: ServerResponse): void {
  // The application has already responded, for example with a timeout.
  if (response.headersSent) return
  // Do not wait for the rest of a body that is too long.
  if (status === 413) response.setHeader('connection', 'close')
  response.writeHead(status, answerHeaders(headers)).end(JSON.stringify(body))
}

/** Express strips the mount path from `url`. */
function urlOf(request: IncomingMessage): string {
  return (request as { originalUrl?: string }).originalUrl ?? request.url ?? '/'
}

function callOf(request: IncomingMessage, path: string, query: string): Call {
  return {
    method: request.method ?? 'GET',
    path,
    query: new URLSearchParams(query),
    header: (name) => request.headers[name]?.toString(),
    body: (limit) => readNodeBody(request, limit),
    from: request.socket.remoteAddress,
  }
}
