import type { IncomingMessage, ServerResponse } from 'node:http'
import { readBytes, readJson } from './body.ts'
import { HttpError, notFound, statusOf } from './http-error.ts'
import { type Access, type Answer, type Call, findRoute, type Route, type User } from './route.ts'

/** Finds the user of a bearer token. */
export type Authenticate = (token: string) => Promise<User | undefined>

export function shopListener(routes: readonly Route[], authenticate: Authenticate) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      send(response, await answer(routes, authenticate, request))
    } catch (error) {
      send(response, failure(error))
    }
  }
}

async function answer(routes: readonly Route[], authenticate: Authenticate, request: IncomingMessage): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://shop')
  const { found, methods } = findRoute(routes, request.method ?? 'GET', url.pathname)
  if (found === undefined) throw methods.length > 0 ? new HttpError(405, `Only ${methods.join(', ')}`) : notFound()
  const token = request.headers.authorization?.match(/^Bearer (.+)$/)?.[1]
  const user = token === undefined ? undefined : await authenticate(token)
  admit(found.route.access, user)
  return found.route.answer(callOf(request, url, found.params, user))
}

function admit(access: Access, user: User | undefined): void {
  if (access === 'anyone') return
  if (user === undefined) throw new HttpError(401, 'Log in first')
  if (access === 'admin' && user.role !== 'admin') throw new HttpError(403, 'This is for admins')
}

function callOf(request: IncomingMessage, url: URL, params: Call['params'], user: User | undefined): Call {
  return {
    params,
    query: url.searchParams,
    contentType: request.headers['content-type'] ?? '',
    user,
    json: () => readJson(request),
    bytes: () => readBytes(request),
  }
}

function failure(error: unknown): Answer {
  const status = statusOf(error)
  if (status === 500) console.error(error)
  const message = status === 500 || !(error instanceof Error) ? 'Something went wrong here' : error.message
  return { status, body: { error: message } }
}

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  const isBytes = Buffer.isBuffer(body)
  response.writeHead(status, {
    ...(body === undefined || isBytes ? {} : { 'content-type': 'application/json' }),
    ...headers,
  })
  response.end(body === undefined || isBytes ? body : JSON.stringify(body))
}
