import type { EventEmitter } from 'node:events'
import { invalidArgument } from '@dustpan/core/driver'
import { ownConnection } from '../capture/captured-query.ts'
import type { PgClient } from '../pg.ts'
import { parser } from '../sql/parser.ts'
import { OneConnection, type Session } from './one-connection.ts'

/** The transaction of a test. */
export interface TestTransaction extends AsyncDisposable {
  /** Rolls back everything done in it, and restores the pool or client. Idempotent. */
  readonly rollback: () => Promise<void>
}

/**
 * Runs everything on a `pg` pool or client in one transaction until it is rolled back: for `beforeEach`. Transactions of
 * the code under test become savepoints in it, so that it can begin, commit and roll back as usual; a failing statement
 * does not affect the next. Nothing is recorded, and nothing can be kept.
 *
 * @throws TypeError when it is neither a client nor a pool of `pg`, or is in a test's transaction already
 * @example beforeEach(async () => (await inTransaction(pool)).rollback)
 */
export async function inTransaction(target: object): Promise<TestTransaction> {
  if (open.has(target))
    throw invalidArgument('inTransaction(): this pool or client is in a transaction already; roll it back first.')
  const openTransaction = isPool(target) ? openOnPool : isClient(target) ? openOnClient : undefined
  if (!openTransaction) throw invalidArgument(`inTransaction(): expected a Client or Pool of pg, got ${typeof target}`)
  open.add(target)
  try {
    await parser.load()
    const undo = await openTransaction(target as PgClient & Pool)
    const rollback = async () => {
      if (!open.delete(target)) return
      await undo()
    }
    return { rollback, [Symbol.asyncDispose]: rollback }
  } catch (error) {
    open.delete(target)
    throw error
  }
}

const open = new WeakSet<object>()

type Callback = (error: Error | null | undefined, result?: unknown, release?: unknown) => void
type PoolClient = PgClient & { release(error?: unknown): void }

interface Pool {
  connect(): Promise<PoolClient>
}

function isPool(target: object): target is Pool {
  return typeof (target as Partial<Pool>).connect === 'function' && 'totalCount' in target
}

function isClient(target: object): target is PgClient {
  return 'connection' in target && typeof (target as Partial<PgClient>).query === 'function'
}

async function openOnClient(client: PgClient): Promise<() => Promise<void>> {
  const showToCapture = hideFromCapture(client)
  const connection = await OneConnection.open(client).catch((error) => {
    showToCapture()
    throw error
  })
  const restore = replace(client, 'query', queryOf(client, connection, connection.newSession()))
  return async () => {
    restore()
    await connection.close().finally(showToCapture)
  }
}

/** Every client that the pool hands out is a view of the one client with the transaction. */
async function openOnPool(pool: Pool): Promise<() => Promise<void>> {
  const client = await pool.connect()
  const showToCapture = hideFromCapture(client)
  const giveBack = (error?: unknown) => {
    showToCapture()
    client.release(error)
  }
  const connection = await OneConnection.open(client).catch((error) => {
    giveBack(error)
    throw error
  })
  const restore = replace(pool, 'connect', (callback?: Callback) => {
    const lease = leaseOf(client, connection)
    if (typeof callback !== 'function') return Promise.resolve(lease)
    process.nextTick(callback, undefined, lease, lease.release)
    return undefined
  })
  return async () => {
    restore()
    await connection.close().then(
      () => giveBack(),
      (error) => {
        giveBack(error)
        throw error
      },
    )
  }
}

/** A view that acts like a client of the pool: with its own transactions, and `release`. */
function leaseOf(client: PoolClient, connection: OneConnection): PoolClient {
  const session = connection.newSession()
  const own: { readonly [name: PropertyKey]: unknown } = {
    query: queryOf(client, connection, session),
    release: () => void connection.release(session).catch(() => {}),
  }
  return new Proxy(client, {
    get(target, name) {
      if (Object.hasOwn(own, name)) return own[name]
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** `client.query` in all its forms. Cursors and COPY streams are passed to the connection unchanged. */
function queryOf(
  client: PgClient,
  connection: OneConnection,
  session: Session,
): (...args: readonly unknown[]) => unknown {
  const { query } = client
  return (...args) => {
    if (typeof (args[0] as { submit?: unknown } | null)?.submit === 'function') return query.apply(client, [...args])
    const callback = callbackOf(args)
    const answer = connection.query(
      session,
      args.map(withoutCallback).filter((arg) => typeof arg !== 'function'),
    )
    if (!callback) return answer
    answer.then(
      (result) => callback(null, result),
      (error) => callback(error),
    )
    return undefined
  }
}

function callbackOf(args: readonly unknown[]): Callback | undefined {
  const given = [...args, (args[0] as { callback?: unknown } | null)?.callback]
  return given.find((arg) => typeof arg === 'function') as Callback | undefined
}

function withoutCallback(arg: unknown): unknown {
  if (typeof arg !== 'object' || arg === null || !('callback' in arg)) return arg
  const { callback: _, ...rest } = arg
  return rest
}

/**
 * Hides the client from the capture, as nothing outlives the test. The listener limit is lifted, because each waiting query
 * of a pool listens to its client.
 */
function hideFromCapture(client: PgClient): () => void {
  const emitter = client as PgClient & Pick<EventEmitter, 'getMaxListeners' | 'setMaxListeners'>
  const listeners = emitter.getMaxListeners()
  emitter.setMaxListeners(0)
  Object.defineProperty(client, ownConnection, { value: true, configurable: true })
  return () => {
    emitter.setMaxListeners(listeners)
    Reflect.deleteProperty(client, ownConnection)
  }
}

function replace(target: object, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(target, name)
  Object.defineProperty(target, name, { value, configurable: true, writable: true, enumerable: false })
  return () => {
    if (before) Object.defineProperty(target, name, before)
    else Reflect.deleteProperty(target, name)
  }
}
