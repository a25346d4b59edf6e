import { clock, DustpanError, invalidArgument } from '@dustpan/core/driver'
import type { PgClient } from '../pg.ts'
import { type Nested, nested, rollback, type Standing } from './nested.ts'

/** Constraints that are checked at COMMIT, unless something is said. */
const deferredSql = `SELECT string_agg(format('%I.%I', s.nspname, c.conname), ', ') AS names
  FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_namespace s ON s.oid = c.connamespace WHERE c.condeferred`

/** How long a transaction waits for another one of the same test. */
const patienceMs = 3000

type Answer = { command?: string } | readonly { command?: string }[]
type Send = (...args: readonly unknown[]) => Promise<Answer>

/** One of the clients that the code under test believes it has. */
export interface Session {
  standing: Standing
  /** Its statements go one after the other. */
  last: Promise<unknown>
}

/** The connection of a test's transaction: every statement of every client goes through it, one at a time. */
export class OneConnection {
  readonly #send: Send
  #check: readonly string[] = []
  #turn: Promise<unknown> = Promise.resolve()
  /** Whose transaction is open, and what is told when it ends. */
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
    return { standing: 'outside', last: Promise.resolve() }
  }

  /** The arguments of `client.query`, without a callback. */
  query(session: Session, args: readonly unknown[]): Promise<Answer> {
    const answer = session.last.then(() => this.#whenFree(session, args))
    session.last = answer.catch(() => {})
    return answer
  }

  /** Rolls back what a client has left open. */
  async release(session: Session): Promise<void> {
    await session.last
    if (session.standing !== 'outside' && !this.#isOver) await this.query(session, ['ROLLBACK'])
  }

  /** Ends the test's transaction; what clients ask after that is refused. */
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

  /** Waits for somebody else's transaction where this statement would get mixed up with it. */
  async #whenFree(session: Session, args: readonly unknown[]): Promise<Answer> {
    for (;;) {
      const turn = this.#turn.then(() => this.#runUnlessBusy(session, args))
      this.#turn = turn.catch(() => {})
      const answer = await turn
      if (answer !== busy) return answer
      await this.#ownersEnd()
    }
  }

  async #ownersEnd(): Promise<void> {
    if (!this.#owner) return
    const waiting = new AbortController()
    const ended = this.#owner.ended.promise.then(() => true)
    const late = clock.sleep(patienceMs, waiting.signal).catch(() => {})
    const isFree = await Promise.race([ended, late.then(() => false)])
    waiting.abort()
    if (isFree) return
    throw new DustpanError(
      'DUSTPAN_TRANSACTION_BLOCKED',
      `A client waited ${patienceMs / 1000} s for the transaction of another one to end: inside inTransaction() they share one connection`,
      { hint: 'Use the client that began the transaction for all that is done in it, or clean up in another way.' },
    )
  }

  async #runUnlessBusy(session: Session, args: readonly unknown[]): Promise<Answer | typeof busy> {
    if (this.#isOver)
      throw invalidArgument('The transaction of the test is over: its client was used after rollback().')
    const text = textOf(args[0])
    const control = text === undefined ? undefined : nested(text, session.standing, this.#check)
    if (control?.impossible !== undefined)
      throw invalidArgument(`${control.impossible} is not possible in inTransaction(): it would end the test's own.`)
    const other = this.#owner && this.#owner.session !== session ? this.#owner.session : undefined
    if (other && (control?.begins || other.standing === 'aborted')) return busy
    if (control) return this.#control(session, control, args[0])
    return session.standing === 'outside' ? this.#alone(args) : this.#within(session, args)
  }

  /** Outside of a transaction a statement that fails undoes itself only. */
  async #alone(args: readonly unknown[]): Promise<Answer> {
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

  /** Inside of one, it ends that one. */
  async #within(session: Session, args: readonly unknown[]): Promise<Answer> {
    try {
      const answer = await this.#send(...args)
      if (session.standing === 'aborted') session.standing = 'inside' // ROLLBACK TO a savepoint of the user's
      return answer
    } catch (error) {
      session.standing = 'aborted'
      throw error
    }
  }

  async #control(session: Session, control: Nested, config: unknown): Promise<Answer> {
    if (session.standing === 'outside' && control.results.length > 1) await this.#send('SAVEPOINT dustpan_statement')
    try {
      const answer = await this.#send(control.text)
      this.#stand(session, control.after)
      return usersOwn(answer, control, config)
    } catch (error) {
      await this.#failed(session, control)
      throw error
    }
  }

  async #failed(session: Session, { ends, results }: Nested): Promise<void> {
    if (session.standing === 'outside') {
      if (results.length > 1)
        await this.#send('ROLLBACK TO SAVEPOINT dustpan_statement; RELEASE SAVEPOINT dustpan_statement')
    } else if (ends) {
      await this.#send(rollback)
      this.#stand(session, 'outside')
    } else {
      session.standing = 'aborted'
    }
  }

  #stand(session: Session, standing: Standing): void {
    session.standing = standing
    if (standing !== 'outside') {
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

/** One result for each of the user's statements, that of BEGIN called so. */
function usersOwn(answer: Answer, { results }: Nested, config: unknown): Answer {
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
