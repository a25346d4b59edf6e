import type { IncomingMessage, ServerResponse } from 'node:http'
import { environmentOf } from '../environment.ts'
import { currentTest } from './current-test.ts'
import type { TestIds } from './ids.ts'
import { type FastifyHooks, fastifyHooks, fetchWrapper, honoMiddleware, nodeMiddleware } from './middleware.ts'
import { isPool, type PgClient, type PgPool, propagateToClient, propagateToPool } from './pg.ts'
import { isSqlite, propagateToSqlite, type SqliteDatabase } from './sqlite.ts'

export interface ContextOptions {
  /** Whether ids are passed on. @default the variable DUSTPAN_CONTEXT is 1 */
  readonly enabled?: boolean
  /**
   * Where the application runs: local, test or staging. Any other name is production, where nothing is passed on. @default
   * DUSTPAN_ENVIRONMENT, else NODE_ENV
   */
  readonly environment?: string
  /** The prefix of the headers, if `metadata.headerPrefix` in the configuration changes it. @default 'X-Test-' */
  readonly headerPrefix?: string
  /** How long work that a request started still belongs to its test after the response, in milliseconds. @default 5000 */
  readonly lingerMs?: number
}

export interface TestContext {
  /** For Express (`app.use(context.node)`), and for node:http: `context.node(request, response, () => …)`. */
  node(request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): void
  /** For Fastify: `context.fastify(app)`. */
  fastify(app: FastifyHooks): void
  /** For Hono: `app.use(context.hono)`. */
  hono<T>(c: { readonly req: { header(name: string): string | undefined } }, next: () => Promise<T>): Promise<T>
  /** For Next.js route handlers: `export const POST = context.fetch(async (request) => …)`. */
  fetch<R extends Request, A extends unknown[], T>(
    handler: (request: R, ...rest: A) => T | Promise<T>,
  ): (request: R, ...rest: A) => T | Promise<T>
  /**
   * Passes the test's ids along with everything that is written through this pool, client or database in a test's request.
   * @returns the given target
   */
  propagateTo<T extends PgPool | PgClient | SqliteDatabase>(target: T): T
  /** The test whose request is being handled. */
  current(): TestIds | undefined
}

/**
 * Passes the ids of run and test from requests on to the application's database. Off unless `DUSTPAN_CONTEXT=1`, and always off in
 * production: then it reads no request and changes nothing.
 *
 * @throws TypeError when `enabled` is neither true nor false
 * @example const context = testContext()
 * app.use(context.node)
 * context.propagateTo(pool)
 */
export function testContext(options: ContextOptions = {}): TestContext {
  if (!isOn(options)) return off
  const middleware = { prefix: (options.headerPrefix ?? 'X-Test-').toLowerCase(), lingerMs: options.lingerMs ?? 5_000 }
  return {
    node: nodeMiddleware(middleware),
    fastify: fastifyHooks(middleware),
    hono: honoMiddleware(middleware),
    fetch: fetchWrapper(middleware),
    propagateTo(target) {
      if (isPool(target)) propagateToPool(target)
      else if (isSqlite(target)) propagateToSqlite(target)
      else if (isClient(target)) propagateToClient(target)
      else
        throw new TypeError(
          "propagateTo: expected a pool or client of pg's, node:sqlite's or better-sqlite3's database",
        )
      return target
    },
    current: currentTest,
  }
}

const isClient = (target: object): target is PgClient => 'query' in target && 'connection' in target

const off: TestContext = {
  node: (_request, _response, next) => next(),
  fastify: () => {},
  hono: (_c, next) => next(),
  fetch: (handler) => handler,
  propagateTo: (target) => target,
  current: () => undefined,
}

function isOn({ enabled = process.env.DUSTPAN_CONTEXT === '1', environment }: ContextOptions): boolean {
  if (typeof enabled !== 'boolean') {
    throw new TypeError(`enabled: expected true or false, got ${JSON.stringify(enabled)}`)
  }
  if (!enabled || environmentOf(environment) !== 'production') return enabled
  process.emitWarning(
    'Ids of tests are not passed on: this is production, or an environment without a known name. DUSTPAN_ENVIRONMENT=local, test or staging says that it is not.',
    'DustpanWarning',
  )
  return false
}
