import type { CaptureSink, CaptureTransaction, StoreSeen } from '@dustpan/core/driver'
import { type Endpoint, storeId } from '../identity.ts'
import type { TableName } from '../names.ts'
import type { Message, PgClient } from '../pg.ts'
import { forgetShapes } from '../removal/shapes.ts'
import { knownSystem, learnSystem, type Session, sessionSql, systemSql } from '../session.ts'
import { rememberClient } from './captured-clients.ts'
import type { Output, Rewriting } from './rewriting.ts'
import { SessionMark } from './session-mark.ts'
import { type Names, SessionNames } from './session-names.ts'
import type { TableReference, TransactionControl } from './statement.ts'
import { type Facts, factsFor, factsSql, factsValues, forgetFacts, type TableFacts } from './table-facts.ts'
import { Transactions } from './transactions.ts'

/** A question to the server, and what to do with its answer. */
export interface Question {
  readonly sql: string
  readonly values: readonly (string | null)[]
  answered(answer: unknown): void
}

/** What is known of one client: its session, its transaction, and the statements that it has prepared. */
export class ClientCapture {
  readonly client: PgClient
  readonly sink: CaptureSink
  readonly transactions: Transactions
  /** Named statements: what the client was given, and what was sent for it (undefined: the same). */
  readonly named = new Map<string, { readonly text: string; readonly rewriting: Rewriting | undefined }>()
  /** Statements that SQL's own PREPARE named. */
  readonly prepared = new Map<string, Output>()
  readonly inFlight = new Set<{ readonly commits: boolean }>()
  readonly mark: SessionMark
  readonly names: SessionNames
  status: 'I' | 'T' | 'E' = 'I'
  session: Session | undefined
  facts: Facts | undefined
  #store: StoreSeen | undefined
  #unsettled = { session: false, schema: false }

  /** Whether the rows of a table are left alone, by the configuration of the store's driver. */
  readonly ignores: (store: StoreSeen, table: TableName) => boolean

  constructor(client: PgClient, sink: CaptureSink, ignores: ClientCapture['ignores']) {
    this.client = client
    this.sink = sink
    this.ignores = ignores
    this.mark = new SessionMark(client, sink)
    this.names = new SessionNames(client)
    this.transactions = new Transactions(() => this.#begin())
    this.status = (client as { _txStatus?: 'I' | 'T' | 'E' })._txStatus ?? 'I'
    client.connection.prependListener('readyForQuery', (message) => this.#ready(message))
    client.connection.prependListener('end', () => this.#ended())
  }

  /** Known once the first question is answered. */
  get store(): StoreSeen | undefined {
    return this.#store
  }

  /** A table's facts, where they are known and it exists. */
  table(name: TableReference): TableFacts | undefined {
    return this.facts?.tables.get(name.id) ?? undefined
  }

  /** What has to be asked before a statement on these tables can be understood. */
  question(tables: readonly TableReference[]): Question | undefined {
    if (!this.session) return { sql: sessionSql, values: [], answered: (answer) => this.#introduce(answer as Session) }
    if (!this.#store) return { sql: systemSql, values: [], answered: (answer) => this.#identify(String(answer)) }
    const facts = this.facts as Facts
    const unknown = tables.filter((table) => !facts.tables.has(table.id))
    if (unknown.length === 0) return this.marking(tables.some((table) => this.table(table)?.marker != null))
    const answered = (answer: unknown) => {
      for (const [index, table] of unknown.entries())
        facts.tables.set(table.id, (answer as (TableFacts | null)[])[index] ?? null)
    }
    return { sql: factsSql, values: factsValues(unknown), answered }
  }

  /** What has to be asked before rows are made in tables whose rows are marked. */
  marking(isWanted: boolean): Question | undefined {
    return isWanted && this.status !== 'E' ? this.mark.question(this.status === 'T') : undefined
  }

  /** What has to be asked so that the session goes by the names of those whose statement is next. */
  naming(names: Names): Question | undefined {
    return this.status === 'E' ? undefined : this.names.question(names, this.status === 'T')
  }

  transactionEnded(kind: TransactionControl['kind']): void {
    this.mark.transactionEnded(kind)
    this.names.transactionEnded(kind)
  }

  /** The role or the search path may have changed: whether for good is known at the transaction's end. */
  sessionChanged(): void {
    this.#unsettled.session = true
    this.session = undefined
    this.mark.lost()
    this.names.lost()
  }

  schemaChanged(): void {
    this.#unsettled.schema = true
    forgetFacts()
    forgetShapes()
  }

  #begin(): CaptureTransaction {
    return this.sink.transaction(this.#store as StoreSeen)
  }

  #introduce(session: Session): void {
    this.session = session
    const system = knownSystem(session, this.client)
    if (system !== undefined) this.#name(session, system)
  }

  #identify(system: string): void {
    const session = this.session as Session
    learnSystem(session, this.client, system)
    this.#name(session, system)
  }

  #name(session: Session, system: string): void {
    const id = storeId(this.#endpoint(), { ...session, system })
    if (id !== this.#store?.id) this.#store = { id }
    this.facts = factsFor(id, session)
    rememberClient(id, this.client)
  }

  #endpoint(): Endpoint {
    const { host, port, database } = this.client
    return { host: host ?? '', port, database }
  }

  #ready({ status = 'I' }: Message): void {
    this.status = status
    if (status !== 'I') return
    this.mark.idle()
    this.names.idle()
    if (this.inFlight.size === 0) this.transactions.idle()
    if (this.#unsettled.session) this.session = undefined
    if (this.#unsettled.schema) forgetFacts()
    this.#unsettled = { session: false, schema: false }
  }

  #ended(): void {
    this.transactions.lost([...this.inFlight].some((query) => query.commits))
  }
}
