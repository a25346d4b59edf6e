/** For node:http, and servers built on it: Express, Connect. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Answer, answerHeaders, type Call, type Respond, under } from '../call.ts'
import { readNodeBody } from './node-body.ts'

/** What is not under the base goes on to `next`, or is answered with 404. Never throws. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void) => void

export function nodeHandler(respond: Respond, base: string): NodeHandler {
  return (request, response, next) => {
    const url = urlOf(request)
    const [path = ''] = url.split('?', 1)
    const rest = under(base, path)
    if (rest === undefined) return next ? next() : void response.writeHead(404).end()
    void respond(callOf(request, rest, url.slice(path.length))).then((answer) => send(answer, response))
  }
}

function send({ status, body, headers }: Answer, response: ServerResponse): void {
  // A time-out of the application's has answered meanwhile.
  if (response.headersSent) return
  // What is left of a body that is too long is not waited for.
  if (status === 413) response.setHeader('connection', 'close')
  response.writeHead(status, answerHeaders(headers)).end(JSON.stringify(body))
}

/** Express takes off the front of `url` what it was mounted under. */
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
