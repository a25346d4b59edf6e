import type { CaptureSink } from '@dustpan/core/driver'
import type { PgClient } from '../pg.ts'
import type { TransactionControl } from '../sql/statement.ts'
import type { Question } from './session-capture.ts'

/**
 * Sets the mark only if the session is the client's own: with a pooler that shares sessions, another client would get the
 * mark. The process that answers is then not the one that the client was told at connect.
 */
const markSql = `SELECT to_json(CASE WHEN pg_backend_pid() = $2::int4 THEN set_config('dustpan.marker', $1, false) = $1 ELSE false END)`

/** The session setting from which marker columns take their default, so that no statement has to be changed. */
export class SessionMark {
  readonly #client: PgClient
  readonly #sink: CaptureSink
  #set: string | undefined
  #isOwn = true
  /** Set in a transaction that is still open: a rollback undoes it. */
  #isUncommitted = false

  constructor(client: PgClient, sink: CaptureSink) {
    this.#client = client
    this.#sink = sink
  }

  get isDue(): boolean {
    const { marker } = this.#sink
    return marker !== undefined && this.#set !== marker.run
  }

  /** The server process id, if the session has the mark and is not shared. */
  get sender(): string | undefined {
    return this.isDue || !this.#isOwn || this.#client.processID == null ? undefined : String(this.#client.processID)
  }

  /** The question to ask before rows can be marked; undefined when the mark is set. */
  question(inTransaction: boolean): Question | undefined {
    const marker = this.#sink.marker?.run
    if (marker === undefined || !this.isDue) return undefined
    const answered = (answer: unknown) => {
      this.#set = marker
      this.#isUncommitted = inTransaction
      this.#isOwn = answer !== false
      if (!this.#isOwn) this.#warn()
    }
    return { sql: markSql, values: [marker, String(this.#client.processID ?? 0)], answered }
  }

  /** After RESET ALL and the like. */
  lost(): void {
    this.#set = undefined
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

  #warn(): void {
    const { host, port } = this.#client
    this.#sink.warn(
      'DUSTPAN_ROWS_UNMARKED',
      `${host}:${port}`,
      `Rows made through ${host}:${port} are not marked with their run: a pooler shares its sessions with others`,
    )
  }
}
