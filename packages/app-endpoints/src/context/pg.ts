/** Sessions of PostgreSQL know the test whose statement comes next: in `dustpan.run` and `dustpan.scope`, which triggers read. */
import { AsyncResource } from 'node:async_hooks'
import { currentTest, outside } from './current-test.ts'
import { type PgSession, sessionOf } from './pg-session.ts'

/** What is used of a client: pg's own, in JavaScript. */
export interface PgClient {
  // biome-ignore lint/suspicious/noExplicitAny: pg's overloads cannot be met otherwise.
  query: (...args: any[]) => any
}

/** What is used of a pool. */
export interface PgPool extends PgClient {
  // biome-ignore lint/suspicious/noExplicitAny: As above.
  connect: (...args: any[]) => any
  on(event: 'acquire', listener: (client: PgClient) => void): unknown
  readonly totalCount: number
}

export const isPool = (target: object): target is PgPool => 'totalCount' in target && 'connect' in target

const seen = new WeakSet<object>()

/** Each connection is looked after when it is first taken. */
export function propagateToPool(pool: PgPool): void {
  if (seen.has(pool)) return
  seen.add(pool)
  const { connect, query } = pool
  pool.on('acquire', propagateToClient)
  // A connection outlives the request for which it is made, and hands over to whoever waits for it from the context of whoever had it.
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
    session.tell(currentTest())
    return query.apply(client, args.map(bound))
  }
}

/** A new connection is handed over a moment before it takes statements; two that wait for that are one too many for pg. */
function whenReady(arg: unknown): unknown {
  if (typeof arg !== 'function') return arg
  return (error: unknown, client: { readonly readyForQuery?: boolean } | undefined, ...rest: unknown[]) => {
    if (client && client.readyForQuery !== true) process.nextTick(() => arg(error, client, ...rest))
    else arg(error, client, ...rest)
  }
}

/** Callbacks come back into the context that they were given in. */
const bound = (arg: unknown): unknown =>
  typeof arg === 'function' ? AsyncResource.bind(arg as (...args: unknown[]) => unknown) : arg
