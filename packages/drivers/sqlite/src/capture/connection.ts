/** A captured connection: what each of the user's statements creates and deletes goes to the sink before the call returns. */
import type { CaptureSink, StoreSeen } from '@dustpan/core/driver'
import { type Client, clientOf, type Database } from '../client.ts'
import { type Captured, registry } from '../registry.ts'
import { sameName, type Table } from '../tables.ts'
import { ConnectedStores } from './connected-stores.ts'
import { type Announced, kind, Recorder } from './recorder.ts'
import { splitStatements } from './split.ts'
import { type StatementText, statementText } from './statement-text.ts'
import { OpenTransaction } from './transaction.ts'
import { untrackedMessage } from './untracked.ts'
import { type Marking, Watch } from './watch.ts'

export class Connection implements Captured {
  readonly #sink: CaptureSink
  readonly #database: Database
  #client: Client
  #watch: Watch
  #stores = new ConnectedStores()
  #transaction: OpenTransaction | undefined
  /** The schema may have changed since the triggers were put on. */
  #stale = true
  /** Above 0 while a statement runs, the user's or Dustpan's. */
  #depth = 0

  constructor(database: Database, sink: CaptureSink) {
    this.#database = database
    this.#sink = sink
    this.#client = clientOf(database)
    this.#watch = new Watch(this.#client)
    registry().captured.add(new WeakRef<Captured>(this))
  }

  get client(): Client {
    return this.#client
  }

  get stores(): readonly string[] {
    return this.#stores.all()
  }

  schemaOf(store: string): string | undefined {
    return this.#stores.schemaOf(store)
  }

  apart<T>(run: () => T): T {
    this.#depth++
    try {
      return run()
    } finally {
      this.#depth--
      this.#watch.take()
    }
  }

  /** Runs one or more statements, one by one, so that each is known by its own text. */
  script<T>(sql: string, whole: () => T, one: (sql: string) => T): T {
    if (!this.#sink.active && !this.#watch.installed) return whole()
    const statements = splitStatements(sql)
    if (statements.length < 2) return this.statement(statementText(sql), whole)
    let result: T | undefined
    for (const statement of statements) result = this.statement(statementText(statement), () => one(statement))
    return result as T
  }

  /** Before an iterator of better-sqlite3 is made, which lets nothing be written until it is done. */
  ready(text: StatementText): void {
    if (this.#depth > 0 || this.#client.inTransaction) return
    this.#quietly(() => this.#before(text)?.pending.none('not-a-creation'))
  }

  statement<T>(text: StatementText, call: () => T): T {
    if (this.#depth > 0 || !(text.writes || text.schema || text.transaction)) return call()
    const announced = this.#quietly(() => this.#before(text))
    let failed = true
    try {
      const result = this.compiled(call, text)
      failed = false
      return result
    } finally {
      this.#quietly(() => this.#after(text, announced, failed))
    }
  }

  /** Prepares or runs a statement, again where triggers were in its way that fit their table no more. */
  compiled<T>(call: () => T, text?: StatementText): T {
    this.#depth++
    try {
      return call()
    } catch (error) {
      if (!isAboutTriggers(error) || !this.#quietly(() => this.#reinstall(text))) throw error
      return call()
    } finally {
      this.#depth--
    }
  }

  /** The connection was closed: its open transaction is rolled back, and what was in memory is no more. */
  closed(): void {
    this.#quietly(() => {
      this.#transaction?.settle('rolled-back')
      for (const { schema, store } of this.#stores.inMemory()) {
        for (const table of this.#watch.tables.filter((one) => one.schema === schema)) {
          this.#sink.gone(store, table.name, 'all')
        }
      }
    })
    this.#transaction = undefined
    this.#stores = new ConnectedStores()
    this.#client = clientOf(this.#database)
    this.#watch = new Watch(this.#client)
    this.#stale = true
  }

  #before(text: StatementText): Announced | undefined {
    if (this.#watch.installed && this.#watch.hasSightings) this.#record(text, undefined, true)
    const announced = text.writes && this.#sink.active ? this.#announce(text) : undefined
    if (this.#watch.installed) this.#watch.begin(this.#markingFor(text))
    return announced
  }

  /** Triggers are put on a database when something is first written to it that is to be tracked. */
  #announce(text: StatementText): Announced | undefined {
    if (this.#client.isReadOnly) return undefined
    if (this.#stale) this.#stores.refresh(this.#client)
    const installed = this.#watch.installed
    const announced = text.inserts || !installed ? this.#begin(text) : undefined
    if (announced === undefined && !installed) return undefined
    if (this.#stale || !installed) this.#install()
    if (text.into !== undefined) this.#lookAt(text.into.table)
    return announced
  }

  #begin(text: StatementText): Announced | undefined {
    const type = text.into?.table ?? 'rows'
    const schema = this.#watch.tables.find((table) => sameName(table.name, type))?.schema
    const store = this.#stores.of(text.into?.schema ?? schema ?? 'main')
    const via = text.into === undefined ? 'SQL' : `INSERT INTO ${type}`
    const pending = store && this.#sink.begin({ kind, store, type, via })
    return pending && { store, pending }
  }

  #install(): void {
    this.#watch.install()
    this.#stale = false
  }

  /** Another connection may have made the table. */
  #lookAt(table: string): void {
    if (!this.#watch.knows(table) && this.#watch.isOutdated()) this.#install()
    this.#watch.admit(table)
    const why = this.#watch.whyUntracked(table)
    if (why !== undefined) this.#sink.warn('DUSTPAN_SQL_UNATTRIBUTED', table, untrackedMessage[why](table))
  }

  #markingFor(text: StatementText): Marking {
    if (text.partial || this.#watch.partial) return 'each'
    return this.#client.inTransaction ? 'first' : 'none'
  }

  /** A table that another connection has altered does not fit its triggers: then nothing has run yet, and it can be run again. */
  #reinstall(text: StatementText | undefined): boolean {
    if (!this.#watch.installed || this.#watch.hasSightings || !this.#watch.isOutdated()) return false
    this.#install()
    if (text !== undefined) this.#watch.begin(this.#markingFor(text))
    return true
  }

  #after(text: StatementText, announced: Announced | undefined, failed: boolean): void {
    if (!this.#client.isOpen) return
    if (this.#watch.installed) this.#record(text, announced, failed)
    else announced?.pending.none(failed ? 'rejected' : 'not-a-creation')
    if (this.#transaction !== undefined && !this.#client.inTransaction) this.#settle()
    if (text.drops && !failed) this.#forgetDropped()
    if (text.schema) this.#stale = true
    if (text.transaction || failed) this.#stale = this.#watch.checkInstalled() || this.#stale
  }

  #record(text: StatementText, announced: Announced | undefined, failed: boolean): void {
    const seen = this.#watch.take(failed)
    if (text.transaction || failed) this.#transaction?.reconcile(this.#watch.marks())
    if (announced === undefined && (seen.length === 0 || !this.#sink.active)) return
    const recorder = new Recorder(this.#sink, this.#client, this.#stores)
    const replaces = text.replaces || this.#watch.replaces
    recorder.record({ seen, announced, failed, replaces, transaction: this.#currentTransaction() })
  }

  #currentTransaction(): OpenTransaction | undefined {
    if (this.#client.inTransaction) this.#transaction ??= new OpenTransaction(this.#sink)
    return this.#client.inTransaction ? this.#transaction : undefined
  }

  #settle(): void {
    this.#transaction?.settle()
    this.#transaction = undefined
  }

  #forgetDropped(): void {
    for (const table of this.#watch.installed ? this.#watch.dropped() : []) this.#tableGone(table)
  }

  #tableGone(table: Table): void {
    const store: StoreSeen | undefined = this.#stores.of(table.schema)
    if (store !== undefined) this.#sink.gone(store, table.name, 'all', this.#currentTransaction()?.of(store))
  }

  /** Capture must never break the user's statement. */
  #quietly<T>(run: () => T): T | undefined {
    this.#depth++
    try {
      return run()
    } catch (error) {
      this.#sink.warn('DUSTPAN_SQL_UNATTRIBUTED', 'sqlite', `What a statement creates is not tracked: ${String(error)}`)
      return undefined
    } finally {
      this.#depth--
    }
  }
}

function isAboutTriggers(error: unknown): boolean {
  return /\b(?:new|old)\.|dustpan_/i.test(String((error as { message?: unknown } | null)?.message))
}
