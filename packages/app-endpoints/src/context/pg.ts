/** Sets `dustpan.run` and `dustpan.scope` in PostgreSQL sessions to the test of the next statement, for triggers to read. */
import { AsyncResource } from 'node:async_hooks'
import { currentTest, outside } from './current-test.ts'
import { type PgSession, sessionOf } from './pg-session.ts'

/** The parts of a client of `pg` (the JavaScript one) that are used. */
export interface PgClient {
  // biome-ignore lint/suspicious/noExplicitAny: nothing else is assignable from pg's overloads.
  query: (...args: any[]) => any
}

/** The parts of a pool that are used. */
export interface PgPool extends PgClient {
  // biome-ignore lint/suspicious/noExplicitAny: As above.
  connect: (...args: any[]) => any
  on(event: 'acquire', listener: (client: PgClient) => void): unknown
  readonly totalCount: number
}

export const isPool = (target: object): target is PgPool => 'totalCount' in target && 'connect' in target

const seen = new WeakSet<object>()

/** Patches each connection when it is first acquired. */
export function propagateToPool(pool: PgPool): void {
  if (seen.has(pool)) return
  seen.add(pool)
  const { connect, query } = pool
  pool.on('acquire', propagateToClient)
  // A connection outlives the request that opens it, and its pool calls the next waiter from the context of the previous user.
  pool.connect = (...args) => {
    const own = args.map(bound).map(whenReady)
    return outside(() => connect.apply(pool, own))
  }
  pool.query = (...args) => query.apply(pool, args.map(bound))
}

export function propagateToClient(client: PgClient): void {
  if (seen.has(client)) return
  seen.add(client)
  const query = client.query
  const session: PgSession = sessionOf(client, (text, callback) => query.call(client, text, callback))
  client.query = (...args) => {
    session.announce(currentTest())
    return query.apply(client, args.map(bound))
  }
}

/** pg hands over a new connection just before it is ready for statements, and warns when two statements wait for that. */
function whenReady(arg: unknown): unknown {
  if (typeof arg !== 'function') return arg
  return (error: unknown, client: { readonly readyForQuery?: boolean } | undefined, ...rest: unknown[]) => {
    if (client && client.readyForQuery !== true) process.nextTick(() => arg(error, client, ...rest))
    else arg(error, client, ...rest)
  }
}

/** Callbacks run in the context in which they were passed. */
const bound = (arg: unknown): unknown =>
  typeof arg === 'function' ? AsyncResource.bind(arg as (...args: unknown[]) => unknown) : arg
