/** From a request to the context of its test, on each kind of server. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Held, hold, letGo, within } from './current-test.ts'
import { readIds } from './ids.ts'
import type { TestContext } from './test-context.ts'

export interface Reading {
  /** In lower case. */
  readonly prefix: string
  readonly lingerMs: number
}

/** What is called of a Fastify instance. */
export interface FastifyHooks {
  addHook(name: 'onRequest', hook: FastifyHook): unknown
}

type FastifyHook = (
  request: { readonly raw: IncomingMessage },
  reply: { readonly raw: ServerResponse },
  done: () => void,
) => void

export function nodeMiddleware(reading: Reading): TestContext['node'] {
  return (request, response, next) => within(heldUntilClosed(request, response, reading), () => next())
}

export function fastifyHooks(reading: Reading): TestContext['fastify'] {
  return (app) => {
    app.addHook('onRequest', ({ raw }, reply, done) => within(heldUntilClosed(raw, reply.raw, reading), done))
  }
}

export function honoMiddleware(reading: Reading): TestContext['hono'] {
  return (c, next) => whileAnswered((name) => c.req.header(name), reading, next)
}

export function fetchWrapper(reading: Reading): TestContext['fetch'] {
  return (handler) =>
    (request, ...rest) =>
      whileAnswered(
        (name) => request.headers.get(name) ?? undefined,
        reading,
        async () => handler(request, ...rest),
      )
}

function heldUntilClosed(
  request: IncomingMessage,
  response: ServerResponse,
  { prefix, lingerMs }: Reading,
): Held | undefined {
  const held = hold(readIds((name) => request.headers[name]?.toString(), prefix))
  if (held) response.once('close', () => letGo(held, lingerMs))
  return held
}

async function whileAnswered<T>(
  header: (name: string) => string | undefined,
  { prefix, lingerMs }: Reading,
  answer: () => Promise<T>,
): Promise<T> {
  const held = hold(readIds(header, prefix))
  try {
    return await within(held, answer)
  } finally {
    letGo(held, lingerMs)
  }
}
