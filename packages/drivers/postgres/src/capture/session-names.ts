import type { CaptureSink } from '@dustpan/core/driver'
import type { PgClient } from '../pg.ts'
import type { TransactionControl } from '../sql/statement.ts'
import type { Question } from './session-capture.ts'

/** The run and scope that own the statements of a session; undefined: none. */
export type Names = ReturnType<NonNullable<CaptureSink['currentScope']>>

/**
 * Sets the names only if the session is the client's own: with a pooler that shares sessions, the process that answers is
 * not the one that the client was told at connect.
 */
const namesSql = `SELECT to_json(CASE WHEN pg_backend_pid() = $3::int4
  THEN set_config('dustpan.run', $1, false) = $1 AND set_config('dustpan.scope', $2, false) = $2 ELSE false END)`

/**
 * The session settings that tell the application log who owns a row. They are checked before every statement, so that none
 * is attributed to the previous user of the session.
 */
export class SessionNames {
  readonly #client: PgClient
  /** The names as last sent; undefined: unknown. */
  #set: string | undefined = textOf(undefined)
  /** Set in a transaction that is still open: a rollback undoes it. */
  #isUncommitted = false

  constructor(client: PgClient) {
    this.#client = client
  }

  /** The question to ask before a statement with these names; undefined when they are set. */
  question(names: Names, inTransaction: boolean): Question | undefined {
    const wanted = textOf(names)
    if (this.#set === wanted) return undefined
    const answered = () => {
      this.#set = wanted
      this.#isUncommitted = inTransaction
    }
    this.lost()
    return {
      sql: namesSql,
      values: [names?.run ?? '', names?.scope ?? '', String(this.#client.processID ?? 0)],
      answered,
    }
  }

  /** After RESET ALL and the like, or when the server did not answer. */
  lost(): void {
    this.#set = undefined
    this.#isUncommitted = false
  }

  transactionEnded(kind: TransactionControl['kind']): void {
    if (!this.#isUncommitted) return
    if (kind === 'rollback' || kind === 'rollback-to') this.lost()
    if (kind === 'commit') this.#isUncommitted = false
  }

  /** The server reports that no transaction is open. */
  idle(): void {
    if (this.#isUncommitted) this.lost()
  }
}

const textOf = (names: Names): string => JSON.stringify([names?.run ?? '', names?.scope ?? ''])
