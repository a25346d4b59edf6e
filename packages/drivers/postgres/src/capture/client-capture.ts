import type { CaptureSink } from '@dustpan/core/driver'
import type { Message, PgClient } from '../pg.ts'
import { forgetFacts } from '../rewriting/table-facts.ts'
import type { TableReference, TransactionControl } from '../sql/statement.ts'
import type { ConnectionSettings } from './captured-clients.ts'
import { type Question, SessionCapture } from './session-capture.ts'
import { SessionMark } from './session-mark.ts'
import { type Names, SessionNames } from './session-names.ts'
import { Transactions } from './transactions.ts'

/** The notice of CREATE … IF NOT EXISTS for a table that exists. */
const duplicateTable = '42P07'

/** The capture state of one `pg` client: its session, its transaction, and its prepared statements. */
export class ClientCapture extends SessionCapture {
  readonly client: PgClient
  readonly transactions: Transactions
  readonly inFlight = new Set<object>()
  readonly mark: SessionMark
  readonly names: SessionNames
  #existed = false
  #unsettled = { session: false, schema: false }

  constructor(client: PgClient, sink: CaptureSink, ignores: SessionCapture['ignores']) {
    super(sink, ignores)
    this.client = client
    this.mark = new SessionMark(client, sink)
    this.names = new SessionNames(client)
    this.transactions = new Transactions(
      () => this.begin(),
      () => this.server,
    )
    this.status = (client as { _txStatus?: 'I' | 'T' | 'E' })._txStatus ?? 'I'
    client.connection.prependListener('readyForQuery', (message) => this.#ready(message))
    client.connection.prependListener('notice', ({ code }) => {
      this.#existed ||= code === duplicateTable
    })
    client.connection.prependListener('end', () => this.#ended())
  }

  override get sender(): string | undefined {
    return this.mark.sender
  }

  get canAsk(): boolean {
    return this.client.pipeline !== true
  }

  settings(): ConnectionSettings {
    const { host, port, database, user, ssl, password } = this.client
    return { host: host ?? '', port, database, user, ssl, password, Client: this.client.constructor }
  }

  override question(tables: readonly TableReference[]): Question | undefined {
    return super.question(tables) ?? this.marking(tables.some((table) => this.table(table)?.marker != null))
  }

  /** The question to ask before inserting into tables whose rows are marked. */
  marking(isWanted: boolean): Question | undefined {
    return isWanted && this.status !== 'E' ? this.mark.question(this.status === 'T') : undefined
  }

  /** The question that tags the session with the owner of the next statement. */
  naming(names: Names): Question | undefined {
    return this.status === 'E' ? undefined : this.names.question(names, this.status === 'T')
  }

  override takeExisted(): boolean {
    const existed = this.#existed
    this.#existed = false
    return existed
  }

  override transactionEnded(kind: TransactionControl['kind']): void {
    if (kind === 'rollback-to') this.#forgetUnsettled()
    this.mark.transactionEnded(kind)
    this.names.transactionEnded(kind)
  }

  /** Whether the change persists is known at the end of the transaction. */
  override doubtSession(): void {
    super.doubtSession()
    this.#unsettled.session = true
  }

  override sessionChanged(): void {
    super.sessionChanged()
    this.mark.lost()
    this.names.lost()
  }

  override schemaChanged(): void {
    super.schemaChanged()
    this.#unsettled.schema = true
  }

  #ready({ status = 'I' }: Message): void {
    this.status = status
    this.#existed = false
    if (status !== 'I') return
    this.mark.idle()
    this.names.idle()
    if (this.inFlight.size === 0) this.transactions.idle()
    this.#forgetUnsettled()
    this.#unsettled = { session: false, schema: false }
  }

  /** The unsettled changes may have been rolled back. */
  #forgetUnsettled(): void {
    if (this.#unsettled.session) this.session = undefined
    if (this.#unsettled.schema) forgetFacts()
  }

  #ended(): void {
    this.transactions.lost()
  }
}
