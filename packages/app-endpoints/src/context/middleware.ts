/** Middleware for each kind of server: handles a request in the context of its test. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ActiveTest, activate, expire, within } from './current-test.ts'
import { readIds } from './ids.ts'
import type { TestContext } from './test-context.ts'

export interface MiddlewareOptions {
  /** In lower case. */
  readonly prefix: string
  readonly lingerMs: number
}

/** The methods of a Fastify instance that are called. */
export interface FastifyHooks {
  addHook(name: 'onRequest', hook: FastifyHook): unknown
}

type FastifyHook = (
  request: { readonly raw: IncomingMessage },
  reply: { readonly raw: ServerResponse },
  done: () => void,
) => void

export function nodeMiddleware(options: MiddlewareOptions): TestContext['node'] {
  return (request, response, next) => within(activeUntilClosed(request, response, options), () => next())
}

export function fastifyHooks(options: MiddlewareOptions): TestContext['fastify'] {
  return (app) => {
    app.addHook('onRequest', ({ raw }, reply, done) => within(activeUntilClosed(raw, reply.raw, options), done))
  }
}

export function honoMiddleware(options: MiddlewareOptions): TestContext['hono'] {
  return (c, next) => whileAnswered((name) => c.req.header(name), options, next)
}

export function fetchWrapper(options: MiddlewareOptions): TestContext['fetch'] {
  return (handler) =>
    (request, ...rest) =>
      whileAnswered(
        (name) => request.headers.get(name) ?? undefined,
        options,
        async () => handler(request, ...rest),
      )
}

function activeUntilClosed(
  request: IncomingMessage,
  response: ServerResponse,
  { prefix, lingerMs }: MiddlewareOptions,
): ActiveTest | undefined {
  const active = activate(readIds((name) => request.headers[name]?.toString(), prefix))
  if (active) response.once('close', () => expire(active, lingerMs))
  return active
}

async function whileAnswered<T>(
  header: (name: string) => string | undefined,
  { prefix, lingerMs }: MiddlewareOptions,
  answer: () => Promise<T>,
): Promise<T> {
  const active = activate(readIds(header, prefix))
  try {
    return await within(active, answer)
  } finally {
    expire(active, lingerMs)
  }
}
