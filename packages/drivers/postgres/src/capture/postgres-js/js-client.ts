import type { CaptureSink } from '@dustpan/core/driver'
import type { Output } from '../../rewriting/rewriting.ts'
import type { KnownSession, SessionCapture } from '../session-capture.ts'
import { Transactions } from '../transactions.ts'
import { JsSession } from './js-session.ts'
import type { Handler, JsOptions } from './library.ts'

/**
 * The capture state of one postgres.js client, which is a pool: of its sessions, and of the transaction of each connection.
 * Each transaction has a session of its own, because functions may change its role or search path.
 */
export class JsClient {
  readonly options: JsOptions
  readonly sink: CaptureSink
  readonly ignores: SessionCapture['ignores']
  /** Statements that SQL PREPARE named, on any of its connections. */
  readonly prepared = new Map<string, Output>()
  /** What is known of a session in which nothing was changed. */
  known: KnownSession = { session: undefined, facts: undefined, store: undefined }
  /** Rises when that may have changed. */
  changes = 0
  /** By handler: the library makes one for the pool, and one for each transaction, savepoint and reserved connection. */
  readonly #sessions = new WeakMap<Handler, JsSession>()
  readonly #transactions = new WeakMap<object, Transactions>()
  /** The sessions of open transactions, by their connections. */
  readonly #open = new Map<object, JsSession>()

  constructor(options: JsOptions, sink: CaptureSink, ignores: SessionCapture['ignores']) {
    this.options = options
    this.sink = sink
    this.ignores = ignores
  }

  sessionOf(handler: Handler): JsSession {
    const session = this.#sessions.get(handler) ?? new JsSession(this, this.#mayBeUnsettled)
    this.#sessions.set(handler, session)
    session.refresh()
    return session
  }

  /** A query was answered: a savepoint shares the session of the transaction around it. */
  answeredOn(connection: object, handler: Handler): void {
    const session = this.sessionOf(handler)
    if (!this.transactionOn(connection).isOpen) {
      this.#open.delete(connection)
      session.leaveShared()
      return
    }
    const shared = this.#open.get(connection) ?? session
    this.#open.set(connection, shared)
    this.#sessions.set(handler, shared)
    session.share(shared)
  }

  hasOpen(session: JsSession): boolean {
    for (const [connection, one] of this.#open)
      if (one === session && this.transactionOn(connection).isOpen) return true
    return false
  }

  ended(session: JsSession): void {
    for (const [connection, one] of this.#open) if (one === session) this.#open.delete(connection)
  }

  /** The role or the search path of its connections may have changed. */
  changed(): void {
    this.changes++
    this.known = { ...this.known, session: undefined }
  }

  transactionOn(connection: object): Transactions {
    const known = this.#transactions.get(connection)
    if (known) return known
    const session = new JsSession(this, false)
    const begin = () => session.begin()
    const transactions = new Transactions(begin, () => session.server)
    this.#transactions.set(connection, transactions)
    return transactions
  }

  /** The first query of a handler may belong to a transaction whose session a savepoint has changed. */
  get #mayBeUnsettled(): boolean {
    return [...this.#open.values()].some((session) => session.isUnsettled)
  }
}
