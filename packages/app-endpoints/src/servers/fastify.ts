/** For Fastify: a plugin of its own, so that Fastify's body parsers do not respond before the guards. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { NodeHandler } from './node.ts'

export type FastifyPlugin = (instance: FastifyLike, options: unknown, done: (error?: Error) => void) => void

/** The methods of a Fastify instance that are called. */
export interface FastifyLike {
  removeAllContentTypeParsers(): unknown
  addContentTypeParser(
    type: string,
    parser: (request: unknown, payload: unknown, done: (error: Error | null, body?: unknown) => void) => void,
  ): unknown
  all(path: string, handler: (request: RawRequest, reply: RawReply) => void): unknown
}

interface RawRequest {
  readonly raw: IncomingMessage
}

interface RawReply {
  readonly raw: ServerResponse
  hijack(): unknown
}

export function fastifyPlugin(node: NodeHandler, base: string): FastifyPlugin {
  return (instance, _options, done) => {
    instance.removeAllContentTypeParsers()
    instance.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null))
    instance.all(`${base}/*`, (request, reply) => {
      reply.hijack()
      node(request.raw, reply.raw)
    })
    done()
  }
}
