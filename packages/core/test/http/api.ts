/** A small HTTP service for tests: a POST to a collection creates the next id. */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'

export interface Api extends AsyncDisposable {
  readonly origin: string
  /** The requests in order of arrival, for example `POST /users`. */
  readonly requests: string[]
  readonly headers: IncomingMessage['headers'][]
  readonly things: Map<string, unknown>
  readonly connections: () => number
}

export type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => unknown

/** Resources by path, in memory: POST creates with 201, GET shows, DELETE removes. */
export function restListener(things: Map<string, unknown>): RequestListener {
  let last = 0
  return async (request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? ''
    const body = await text(request)
    if (request.method === 'POST') {
      const thing = { id: ++last, ...(body.startsWith('{') ? JSON.parse(body) : {}) }
      things.set(`${path}/${thing.id}`, thing)
      return json(response, 201, thing)
    }
    if (!things.has(path)) return json(response, 404, { error: 'not found' })
    if (request.method === 'DELETE') {
      things.delete(path)
      return response.writeHead(204).end()
    }
    json(response, 200, things.get(path))
  }
}

/** A service with its own answers, or with {@link restListener}. It uses a fixed port so that it does not count as
 * the test's own server. */
export async function startApi(answer?: Answer): Promise<Api> {
  const requests: string[] = []
  const headers: IncomingMessage['headers'][] = []
  const things = new Map<string, unknown>()
  const rest = restListener(things)
  let open = 0
  let maxOpen = 0
  const server = createServer(async (request, response) => {
    requests.push(`${request.method} ${request.url}`)
    headers.push(request.headers)
    if (answer) await answer(request, response, await text(request))
    else rest(request, response)
  })
  server.on('connection', (socket) => {
    maxOpen = Math.max(maxOpen, ++open)
    socket.on('close', () => open--)
  })
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    headers,
    things,
    connections: () => maxOpen,
    [Symbol.asyncDispose]: () => closed(server),
  }
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function text(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += chunk
  return body
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as { port: number }
  await closed(probe)
  return port
}

function closed(server: ReturnType<typeof createServer>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
