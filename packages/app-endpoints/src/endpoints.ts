import { respond } from './respond.ts'
import { type FastifyPlugin, fastifyPlugin } from './servers/fastify.ts'
import { type FetchHandler, fetchHandler } from './servers/fetch.ts'
import { type NodeHandler, nodeHandler } from './servers/node.ts'
import { type EndpointOptions, settingsOf } from './settings.ts'

export interface TestDataEndpoints {
  /** For Express (`app.use(endpoints.node)`) and node:http: `(req, res, next?)`. */
  readonly node: NodeHandler
  /** For Fastify: `app.register(endpoints.fastify)`. */
  readonly fastify: FastifyPlugin
  /** `Request` → `Response`: for Next.js route handlers, and Hono: `app.all('/api/test/*', (c) => endpoints.fetch(c.req.raw))`. */
  readonly fetch: FetchHandler
}

/**
 * Endpoints with which tests create and remove data in an application: off unless `DUSTPAN_ENDPOINTS=1`, and always off in
 * production.
 *
 * @throws TypeError when they are on without a key, or for invalid options
 * @example app.use(testDataEndpoints({ store: { types: { users: { create: createUser, remove: deleteUser } } } }).node)
 */
export function testDataEndpoints(options: EndpointOptions): TestDataEndpoints {
  const settings = settingsOf(options)
  const answer = respond(settings)
  const node = nodeHandler(answer, settings.base)
  return { node, fastify: fastifyPlugin(node, settings.base), fetch: fetchHandler(answer, settings.base) }
}
