import type { CaptureSink } from '@dustpan/core/driver'
import type { PgClient } from '../pg.ts'
import type { Question } from './session-capture.ts'
import type { TransactionControl } from './statement.ts'

/** Whose the statements of a session are; undefined: nobody's. */
export type Names = ReturnType<NonNullable<CaptureSink['whose']>>

/** Through a pooler that shares the server's sessions, the process that answers is another one than the client was told of: then nobody is named. */
const namesSql = `SELECT to_json(CASE WHEN pg_backend_pid() = $3::int4
  THEN set_config('dustpan.run', $1, false) = $1 AND set_config('dustpan.scope', $2, false) = $2 ELSE false END)`

/**
 * The settings by which the database's log of rows knows whose they are. They are looked at before every statement, so that none counts as its who
 * had the session before.
 */
export class SessionNames {
  readonly #client: PgClient
  /** As they were sent; undefined: not known. */
  #set: string | undefined = textOf(undefined)
  /** Set in a transaction that is still open: a rollback takes them back. */
  #isLoose = false

  constructor(client: PgClient) {
    this.#client = client
  }

  /** What has to be asked before a statement of theirs; undefined when that was done. */
  question(names: Names, inTransaction: boolean): Question | undefined {
    const wanted = textOf(names)
    if (this.#set === wanted) return undefined
    const answered = () => {
      this.#set = wanted
      this.#isLoose = inTransaction
    }
    this.lost()
    return {
      sql: namesSql,
      values: [names?.run ?? '', names?.scope ?? '', String(this.#client.processID ?? 0)],
      answered,
    }
  }

  /** RESET ALL and its kind; or the server did not answer. */
  lost(): void {
    this.#set = undefined
    this.#isLoose = false
  }

  transactionEnded(kind: TransactionControl['kind']): void {
    if (!this.#isLoose) return
    if (kind === 'rollback' || kind === 'rollback-to') this.lost()
    if (kind === 'commit') this.#isLoose = false
  }

  /** The server says that no transaction is open. */
  idle(): void {
    if (this.#isLoose) this.lost()
  }
}

const textOf = (names: Names): string => JSON.stringify([names?.run ?? '', names?.scope ?? ''])
