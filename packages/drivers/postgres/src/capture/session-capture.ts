import type { CaptureSink, CaptureTransaction, StoreSeen } from '@dustpan/core/driver'
import { type Endpoint, endpointId, storeId } from '../identity.ts'
import type { TableName } from '../names.ts'
import { forgetShapes } from '../removal/shapes.ts'
import { knownSystem, learnSystem, type Session, sessionSql, systemSql } from '../session.ts'
import { type ConnectionSettings, rememberSettings } from './captured-clients.ts'
import type { Output, Rewriting } from './rewriting.ts'
import type { TableReference, TransactionControl } from './statement.ts'
import { type Facts, factsFor, factsSql, factsValues, forgetFacts, type TableFacts } from './table-facts.ts'

/** A question to the server, and what to do with its answer. */
export interface Question {
  readonly sql: string
  readonly values: readonly (string | null)[]
  /** With a promise, the user's statement has to wait for it. */
  answered(answer: unknown): Promise<void> | undefined | void
}

/** What is known of the sessions of one client, whatever library it is of, and the statements that it has prepared. */
export abstract class SessionCapture {
  readonly sink: CaptureSink
  /** Named statements: what the client was given, and what was sent for it (undefined: the same). */
  readonly named = new Map<string, { readonly text: string; readonly rewriting: Rewriting | undefined }>()
  /** Statements that SQL's own PREPARE named. */
  readonly prepared = new Map<string, Output>()
  /** Whether the rows of a table are left alone, by the configuration of the store's driver. */
  readonly ignores: (store: StoreSeen, table: TableName) => boolean
  status: 'I' | 'T' | 'E' = 'I'
  session: Session | undefined
  facts: Facts | undefined
  #store: StoreSeen | undefined

  constructor(sink: CaptureSink, ignores: SessionCapture['ignores']) {
    this.sink = sink
    this.ignores = ignores
  }

  /** Whether it can be asked between the user's statements. */
  abstract readonly canAsk: boolean

  abstract settings(): ConnectionSettings

  /** By whom the server knows this client, where that is certain; what it inserts is marked then, where tables have a column for it. */
  get sender(): string | undefined {
    return undefined
  }

  /** As the client names it. */
  get server(): string {
    const { host, port } = this.settings()
    return `${host}:${port}`
  }

  /** Known once the first question is answered. */
  get store(): StoreSeen | undefined {
    return this.#store
  }

  /** The store, or before that is known its address. */
  get place(): StoreSeen {
    return this.#store ?? { id: endpointId(endpointOf(this.settings())) }
  }

  /** A table's facts, where they are known and it exists. */
  table(name: TableReference): TableFacts | undefined {
    return this.facts?.tables.get(name.id) ?? undefined
  }

  /** What has to be asked before a statement on these tables is sent. */
  question(tables: readonly TableReference[]): Question | undefined {
    return this.factsQuestion(tables)
  }

  /** What has to be asked before one on them can be understood. */
  factsQuestion(tables: readonly TableReference[]): Question | undefined {
    if (!this.session) return { sql: sessionSql, values: [], answered: (answer) => this.#introduce(answer as Session) }
    if (!this.#store) return { sql: systemSql, values: [], answered: (answer) => this.#identify(String(answer)) }
    const facts = this.facts as Facts
    const unknown = tables.filter((table) => !facts.tables.has(table.id))
    if (unknown.length === 0) return undefined
    const answered = (answer: unknown) => {
      for (const [index, table] of unknown.entries())
        facts.tables.set(table.id, (answer as (TableFacts | null)[])[index] ?? null)
    }
    return { sql: factsSql, values: factsValues(unknown), answered }
  }

  /** A name turned out to mean another table: by a function that set the search path, or as somebody else has made one. */
  misplaced(name: TableReference): void {
    this.facts?.forget(name)
    this.session = undefined
  }

  transactionEnded(_kind: TransactionControl['kind']): void {}

  /** The role or the search path may have changed. */
  sessionChanged(): void {
    this.session = undefined
  }

  schemaChanged(): void {
    forgetFacts()
    forgetShapes()
  }

  /** Whatever may commit it is seen before it is sent. */
  begin(): CaptureTransaction {
    return this.sink.transaction(this.#store as StoreSeen, { announced: true })
  }

  #introduce(session: Session): Promise<void> | undefined {
    this.session = session
    const system = knownSystem(session, this.settings())
    return system === undefined ? undefined : this.#name(session, system)
  }

  #identify(system: string): Promise<void> | undefined {
    const session = this.session as Session
    learnSystem(session, this.settings(), system)
    return this.#name(session, system)
  }

  #name(session: Session, system: string): Promise<void> | undefined {
    const settings = this.settings()
    const id = storeId(endpointOf(settings), { ...session, system })
    if (id !== this.#store?.id) this.#store = { id }
    this.facts = factsFor(id, session)
    rememberSettings(id, settings)
    return session.logged ? this.sink.atWork?.('@dustpan/postgres', { id }) : undefined
  }
}

function endpointOf({ host, port, database }: ConnectionSettings): Endpoint {
  return { host, port, database }
}
