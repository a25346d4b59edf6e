import type { CaptureSink } from '@dustpan/core/driver'
import type { PgClient } from '../pg.ts'
import type { Question } from './session-capture.ts'
import type { TransactionControl } from './statement.ts'

/**
 * Through a pooler that shares the server's sessions between clients, somebody else would get the mark: the process that answers is then not
 * the one that the client was told of.
 */
const markSql = `SELECT to_json(CASE WHEN pg_backend_pid() = $2::int4 THEN set_config('dustpan.marker', $1, false) = $1 ELSE false END)`

/** The setting of a session from which the columns of marked tables take their default, so that no statement has to be changed. */
export class SessionMark {
  readonly #client: PgClient
  readonly #sink: CaptureSink
  #set: string | undefined
  #isOwn = true
  /** Set in a transaction that is still open: a rollback takes it back. */
  #isLoose = false

  constructor(client: PgClient, sink: CaptureSink) {
    this.#client = client
    this.#sink = sink
  }

  get isDue(): boolean {
    const { marker } = this.#sink
    return marker !== undefined && this.#set !== marker.run
  }

  /** The server's own process, where the session has the mark, and is nobody else's. */
  get sender(): string | undefined {
    return this.isDue || !this.#isOwn || this.#client.processID == null ? undefined : String(this.#client.processID)
  }

  /** What has to be asked before rows can be marked; undefined when that was done. */
  question(inTransaction: boolean): Question | undefined {
    const marker = this.#sink.marker?.run
    if (marker === undefined || !this.isDue) return undefined
    const answered = (answer: unknown) => {
      this.#set = marker
      this.#isLoose = inTransaction
      this.#isOwn = answer !== false
      if (!this.#isOwn) this.#warn()
    }
    return { sql: markSql, values: [marker, String(this.#client.processID ?? 0)], answered }
  }

  /** RESET ALL and its kind. */
  lost(): void {
    this.#set = undefined
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

  #warn(): void {
    const { host, port } = this.#client
    this.#sink.warn(
      'DUSTPAN_ROWS_UNMARKED',
      `${host}:${port}`,
      `Rows made through ${host}:${port} are not marked with their run: a pooler shares its sessions with others`,
    )
  }
}
