import type { CaptureSink, CaptureTransaction, StoreSeen } from '@dustpan/core/driver'
import { type Endpoint, endpointId, storeId } from '../identity.ts'
import type { TableName } from '../names.ts'
import { forgetTables } from '../removal/tables.ts'
import type { Output, Rewriting } from '../rewriting/rewriting.ts'
import { type Facts, factsFor, factsSql, factsValues, forgetFacts, type TableFacts } from '../rewriting/table-facts.ts'
import { knownSystem, learnSystem, type Session, sessionSql, systemSql } from '../session.ts'
import type { TableReference, TransactionControl } from '../sql/statement.ts'
import { type ConnectionSettings, rememberSettings } from './captured-clients.ts'

/** A question to the server, and the handler of its answer. */
export interface Question {
  readonly sql: string
  readonly values: readonly (string | null)[]
  /** If it returns a promise, the user's statement waits for it. */
  answered(answer: unknown): Promise<void> | undefined | void
}

export interface NamedStatement {
  /** The text that the user gave. */
  readonly text: string
  /** Undefined: the same text was sent. */
  readonly rewriting: Rewriting | undefined
  /** The facts that it was decided by. */
  readonly facts: Facts | undefined
}

/** What is known of a session. */
export interface KnownSession {
  readonly session: Session | undefined
  readonly facts: Facts | undefined
  readonly store: StoreSeen | undefined
}

/** The capture state of one client of any library: its session, and the statements that it has prepared. */
export abstract class SessionCapture {
  readonly sink: CaptureSink
  readonly named = new Map<string, NamedStatement>()
  /** Statements that SQL PREPARE named. */
  readonly prepared = new Map<string, Output>()
  /** Whether the configuration of the store's driver ignores a table. */
  readonly ignores: (store: StoreSeen, table: TableName) => boolean
  status: 'I' | 'T' | 'E' = 'I'
  session: Session | undefined
  facts: Facts | undefined
  #store: StoreSeen | undefined

  constructor(sink: CaptureSink, ignores: SessionCapture['ignores']) {
    this.sink = sink
    this.ignores = ignores
  }

  /** Whether questions can be sent between the user's statements. */
  abstract readonly canAsk: boolean

  abstract settings(): ConnectionSettings

  /**
   * The id of the client's session on the server, where that is certain; its inserts are then marked, in tables with a
   * marker column.
   */
  get sender(): string | undefined {
    return undefined
  }

  /** The server's address as the client names it. */
  get server(): string {
    const { host, port } = this.settings()
    return `${host}:${port}`
  }

  /** Known once the first question is answered. */
  get store(): StoreSeen | undefined {
    return this.#store
  }

  /** The store or, while that is unknown, its address. */
  get storeOrAddress(): StoreSeen {
    return this.#store ?? { id: endpointId(endpointOf(this.settings())) }
  }

  get known(): KnownSession {
    const { session, facts } = this
    return { session, facts, store: this.#store }
  }

  protected set known({ session, facts, store }: KnownSession) {
    this.session = session
    this.facts = facts
    this.#store = store
  }

  /** The facts of a table, if they are known and the table exists. */
  table(name: TableReference): TableFacts | undefined {
    return this.facts?.tables.get(name.id) ?? undefined
  }

  /** The question to ask before a statement on these tables is sent. */
  question(tables: readonly TableReference[]): Question | undefined {
    return this.factsQuestion(tables)
  }

  /** The question to ask before a statement on these tables can be understood. */
  factsQuestion(tables: readonly TableReference[]): Question | undefined {
    if (!this.session) return { sql: sessionSql, values: [], answered: (answer) => this.#setSession(answer as Session) }
    if (!this.facts) return { sql: systemSql, values: [], answered: (answer) => this.#setSystem(String(answer)) }
    const { facts } = this
    const unknown = tables.filter((table) => !facts.tables.has(table.id))
    if (unknown.length === 0) return undefined
    const answered = (answer: unknown) => {
      for (const [index, table] of unknown.entries())
        facts.tables.set(table.id, (answer as (TableFacts | null)[])[index] ?? null)
    }
    return { sql: factsSql, values: factsValues(unknown), answered }
  }

  /** A name turned out to mean another table: a function set the search path, or another session created a table. */
  misplaced(name: TableReference): void {
    this.facts?.forget(name)
    this.doubtSession()
  }

  /** Whether the server has said, since the last statement, that IF NOT EXISTS found a table. */
  takeExisted(): boolean {
    return false
  }

  /** The session is known, and so is its store. */
  identified(): void {}

  transactionEnded(_kind: TransactionControl['kind']): void {}

  /** The role or the search path may have changed, perhaps only until the end of the transaction. */
  doubtSession(): void {
    this.session = undefined
  }

  /** A statement changed settings of the session. */
  sessionChanged(): void {
    this.doubtSession()
  }

  schemaChanged(): void {
    forgetFacts()
    forgetTables()
  }

  /** Begins a transaction of the sink. Statements that may commit it are announced before they are sent. */
  begin(): CaptureTransaction {
    return this.sink.transaction(this.#store as StoreSeen, { announced: true })
  }

  #setSession(session: Session): Promise<void> | undefined {
    this.session = session
    const system = knownSystem(session, this.settings())
    if (system !== undefined) return this.#setStore(session, system)
    // Those of another session: they do not hold for this one.
    this.facts = undefined
    return undefined
  }

  #setSystem(system: string): Promise<void> | undefined {
    const session = this.session as Session
    learnSystem(session, this.settings(), system)
    return this.#setStore(session, system)
  }

  #setStore(session: Session, system: string): Promise<void> | undefined {
    const settings = this.settings()
    const id = storeId(endpointOf(settings), { ...session, system })
    if (id !== this.#store?.id) this.#store = { id }
    this.facts = factsFor(id, session)
    rememberSettings(id, settings)
    this.identified()
    return session.logged ? this.sink.atWork?.('@dustpan/postgres', { id }) : undefined
  }
}

function endpointOf({ host, port, database }: ConnectionSettings): Endpoint {
  return { host, port, database }
}
