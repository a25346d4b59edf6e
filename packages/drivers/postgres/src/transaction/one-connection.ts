import { clock, DustpanError, invalidArgument } from '@dustpan/core/driver'
import type { PgClient } from '../pg.ts'
import { type Nested, nested, rollback, type TransactionState } from './nested.ts'

/** Constraints that are checked at COMMIT by default. */
const deferredSql = `SELECT string_agg(format('%I.%I', s.nspname, c.conname), ', ') AS names
  FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_namespace s ON s.oid = c.connamespace WHERE c.condeferred`

/** How long a statement waits for another transaction of the same test. */
const maxWaitMs = 3000

type Answer = { command?: string } | readonly { command?: string }[]
type Send = (...args: readonly unknown[]) => Promise<Answer>

/** One of the clients that the code under test believes it has. */
export interface Session {
  state: TransactionState
  /** Its last statement: the statements of a session run one after another. */
  last: Promise<unknown>
}

/** The connection of a test's transaction: all statements of all clients run on it, one at a time. */
export class OneConnection {
  readonly #send: Send
  #check: readonly string[] = []
  #turn: Promise<unknown> = Promise.resolve()
  /** The session whose transaction is open, and the promise for its end. */
  #owner: { readonly session: Session; readonly ended: PromiseWithResolvers<void> } | undefined
  #isOver = false

  private constructor(client: PgClient) {
    const { query } = client
    this.#send = (...args) => query.apply(client, [...args]) as Promise<Answer>
  }

  /** Begins the test's transaction. */
  static async open(client: PgClient): Promise<OneConnection> {
    const connection = new OneConnection(client)
    await connection.#send('BEGIN')
    await connection.#readConstraints()
    return connection
  }

  newSession(): Session {
    return { state: 'outside', last: Promise.resolve() }
  }

  /** The arguments of `client.query`, without a callback. */
  query(session: Session, args: readonly unknown[]): Promise<Answer> {
    const answer = session.last.then(() => this.#whenFree(session, args))
    session.last = answer.catch(() => {})
    return answer
  }

  /** Rolls back the transaction that a client has left open. */
  async release(session: Session): Promise<void> {
    await session.last
    if (session.state !== 'outside' && !this.#isOver) await this.query(session, ['ROLLBACK'])
  }

  /** Ends the test's transaction; later queries of its clients are refused. */
  async close(): Promise<void> {
    if (this.#isOver) return
    this.#isOver = true
    await this.#turn
    await this.#send('ROLLBACK')
  }

  async #readConstraints(): Promise<void> {
    const { rows } = (await this.#send(deferredSql)) as unknown as { rows: readonly { names: string | null }[] }
    const names = rows[0]?.names
    if (names) this.#check = ['SET CONSTRAINTS ALL IMMEDIATE', `SET CONSTRAINTS ${names} DEFERRED`]
  }

  /** Waits for the transaction of another client where this statement would interfere with it. */
  async #whenFree(session: Session, args: readonly unknown[]): Promise<Answer> {
    for (;;) {
      const turn = this.#turn.then(() => this.#runUnlessBusy(session, args))
      this.#turn = turn.catch(() => {})
      const answer = await turn
      if (answer !== busy) return answer
      await this.#waitForOwner()
    }
  }

  async #waitForOwner(): Promise<void> {
    if (!this.#owner) return
    const timeout = new AbortController()
    const ended = this.#owner.ended.promise.then(() => true)
    const expired = clock.sleep(maxWaitMs, timeout.signal).catch(() => {})
    const isFree = await Promise.race([ended, expired.then(() => false)])
    timeout.abort()
    if (isFree) return
    throw new DustpanError(
      'DUSTPAN_TRANSACTION_BLOCKED',
      `A client waited ${maxWaitMs / 1000} s for the transaction of another one to end: inside inTransaction() they share one connection`,
      { hint: 'Use the client that began the transaction for all that is done in it, or clean up in another way.' },
    )
  }

  async #runUnlessBusy(session: Session, args: readonly unknown[]): Promise<Answer | typeof busy> {
    if (this.#isOver)
      throw invalidArgument('The transaction of the test is over: its client was used after rollback().')
    const text = textOf(args[0])
    const control = text === undefined ? undefined : nested(text, session.state, this.#check)
    if (control?.impossible !== undefined)
      throw invalidArgument(`${control.impossible} is not possible in inTransaction(): it would end the test's own.`)
    const other = this.#owner && this.#owner.session !== session ? this.#owner.session : undefined
    if (other && (control?.begins || other.state === 'aborted')) return busy
    if (control) return this.#runControl(session, control, args[0])
    return session.state === 'outside' ? this.#runOutside(args) : this.#runInside(session, args)
  }

  /** Outside a transaction, a failing statement undoes only itself. */
  async #runOutside(args: readonly unknown[]): Promise<Answer> {
    await this.#send('SAVEPOINT dustpan_statement')
    try {
      const answer = await this.#send(...args)
      await this.#send([...this.#check, 'RELEASE SAVEPOINT dustpan_statement'].join('; '))
      return answer
    } catch (error) {
      await this.#send('ROLLBACK TO SAVEPOINT dustpan_statement; RELEASE SAVEPOINT dustpan_statement')
      throw error
    }
  }

  /** Inside a transaction, a failing statement aborts it. */
  async #runInside(session: Session, args: readonly unknown[]): Promise<Answer> {
    try {
      const answer = await this.#send(...args)
      if (session.state === 'aborted') session.state = 'inside' // ROLLBACK TO a savepoint of the user's
      return answer
    } catch (error) {
      session.state = 'aborted'
      throw error
    }
  }

  async #runControl(session: Session, control: Nested, config: unknown): Promise<Answer> {
    if (session.state === 'outside' && control.results.length > 1) await this.#send('SAVEPOINT dustpan_statement')
    try {
      const answer = await this.#send(control.text)
      this.#setState(session, control.after)
      return userResult(answer, control, config)
    } catch (error) {
      await this.#handleFailure(session, control)
      throw error
    }
  }

  async #handleFailure(session: Session, { ends, results }: Nested): Promise<void> {
    if (session.state === 'outside') {
      if (results.length > 1)
        await this.#send('ROLLBACK TO SAVEPOINT dustpan_statement; RELEASE SAVEPOINT dustpan_statement')
    } else if (ends) {
      await this.#send(rollback)
      this.#setState(session, 'outside')
    } else {
      session.state = 'aborted'
    }
  }

  #setState(session: Session, state: TransactionState): void {
    session.state = state
    if (state !== 'outside') {
      this.#owner ??= { session, ended: Promise.withResolvers() }
    } else if (this.#owner?.session === session) {
      this.#owner.ended.resolve()
      this.#owner = undefined
    }
  }
}

const busy = Symbol('busy')

function textOf(config: unknown): string | undefined {
  const text = typeof config === 'string' ? config : (config as { text?: unknown } | null)?.text
  return typeof text === 'string' ? text : undefined
}

/** One result for each statement of the user, with the user's own command name for BEGIN and COMMIT. */
function userResult(answer: Answer, { results }: Nested, config: unknown): Answer {
  const all = Array.isArray(answer) ? (answer as readonly { command?: string }[]) : [answer as { command?: string }]
  const own = results.flatMap((_, index) => all[sum(results.slice(0, index + 1)) - 1] ?? [])
  const [only] = own
  if (own.length > 1 || only === undefined) return own
  only.command = /[a-z]+/i.exec(textOf(config) ?? '')?.[0].toUpperCase() ?? ''
  return only
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
