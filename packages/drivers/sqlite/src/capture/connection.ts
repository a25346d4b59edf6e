/** A captured connection: reports what each of the user's statements creates and deletes to the sink before the call returns. */
import type { CaptureSink, CaptureTransaction, StoreSeen } from '@dustpan/core/driver'
import { type Client, clientOf, type Database } from '../client.ts'
import { type Captured, type Inherited, registry, rememberLibrary } from '../registry.ts'
import { Announcer } from './announcer.ts'
import { type Connected, ConnectedStores } from './connected-stores.ts'
import { type Announced, Recorder } from './recorder.ts'
import { Remaking } from './remaking.ts'
import { heirOf } from './shared-memory.ts'
import { splitStatements } from './split.ts'
import { type Remake, type StatementText, statementText } from './statement-text.ts'
import { OpenTransaction } from './transaction.ts'
import { type Marking, Watch } from './watch.ts'

export class Connection implements Captured {
  readonly #sink: CaptureSink
  readonly #database: Database
  #client: Client
  #watch: Watch
  #stores = new ConnectedStores()
  #recorder: Recorder
  #announcer: Announcer
  #transaction: OpenTransaction | undefined
  /** Above 0 while a statement runs, the user's or Dustpan's. */
  #depth = 0
  /** Whether Dustpan's own statements are running. */
  #own = false

  constructor(database: Database, sink: CaptureSink) {
    this.#database = database
    this.#sink = sink
    this.#client = clientOf(database)
    this.#watch = new Watch(this.#client, this.#sink)
    this.#recorder = new Recorder(sink, this.#client, this.#stores)
    this.#announcer = new Announcer(sink, this.#client, this.#watch, this.#stores)
    registry().captured.add(new WeakRef<Captured>(this))
    this.#quietly(() => rememberLibrary(this.#client))
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
    const own = this.#own
    this.#own = true
    this.#depth++
    try {
      return run()
    } finally {
      this.#depth--
      this.#own = own
      this.#watch.take()
    }
  }

  pause(): () => void {
    this.#depth++
    return () => {
      this.#depth--
      this.#watch.take()
      this.#announcer.isStale = true
    }
  }

  /** Runs the statements of a script one by one, so that each is classified by its own text. */
  script<T>(sql: string, whole: () => T, one: (sql: string) => T): T {
    if (!this.#sink.active && !this.#watch.installed) return whole()
    const statements = splitStatements(sql)
    if (statements.length < 2) return this.statement(statementText(sql), whole)
    let result: T | undefined
    for (const statement of statements) result = this.statement(statementText(statement), () => one(statement))
    return result as T
  }

  /** Whether the user's authorizer must not be asked: for Dustpan's own statements and its triggers. */
  isOwn(names: readonly unknown[]): boolean {
    return this.#own || names.some((name) => typeof name === 'string' && name.startsWith('dustpan_'))
  }

  /** Called before an iterator of better-sqlite3 is created, which blocks writes until it is done. */
  ready(text: StatementText): void {
    if (this.#depth > 0 || (this.#announcer.isReady && this.#client.inTransaction)) return
    this.#quietly(() => {
      if (!this.#announcer.isReady) this.#before(text)?.pending.none('not-a-creation')
      else this.#watch.begin(this.#markingFor(text))
    })
  }

  statement<T>(text: StatementText, call: () => T): T {
    if (this.#depth > 0 || !(text.writes || text.schema || text.transaction)) return call()
    const announced = this.#quietly(() => this.#before(text))
    const remaking = text.remakes && this.#quietly(() => this.#remaking(text.remakes as Remake))
    if (text.transaction) this.#transaction?.committing()
    let failed = true
    try {
      const result = this.compiled(call, text)
      failed = false
      return result
    } finally {
      this.#quietly(() => this.#after(text, announced, failed, remaking))
    }
  }

  /** Prepares or runs a statement; retries if triggers failed that no longer match their table. */
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

  /** Removes Dustpan's triggers from the connection, until the next statement that writes. */
  uninstall(): void {
    this.#quietly(() => this.#watch.uninstall())
  }

  /** Called before the database is closed: an in-memory database that is open in another connection too is handed over to it. */
  closing(): void {
    this.#quietly(() => rememberLibrary(this.#client))
    this.#quietly(() => {
      for (const one of this.#stores.inMemory()) {
        const heir = heirOf(this.#client, one.schema)
        if (heir === undefined) continue
        heir.captured.inherit?.({ schema: heir.schema, store: one.store, tables: this.#tablesOf(one) })
        this.#stores.forget(one)
      }
    })
  }

  inherit(database: Inherited): void {
    this.#stores.inherit(database)
  }

  /** Called after the database was closed: its open transaction is rolled back, and its in-memory databases no longer exist. */
  closed(): void {
    this.#quietly(() => {
      this.#transaction?.settle('rolled-back')
      this.#reportGone(this.#stores.inMemory())
    })
    this.#transaction = undefined
    this.#stores = new ConnectedStores()
    this.#client = clientOf(this.#database)
    this.#watch = new Watch(this.#client, this.#sink)
    this.#recorder = new Recorder(this.#sink, this.#client, this.#stores)
    this.#announcer = new Announcer(this.#sink, this.#client, this.#watch, this.#stores)
  }

  #before(text: StatementText): Announced | undefined {
    if (this.#watch.installed && this.#watch.hasEvents) this.#record(text, undefined, true)
    const announced = text.writes && this.#sink.active ? this.#announcer.announce(text) : undefined
    if (this.#watch.installed && text.writes) this.#watch.begin(this.#markingFor(text))
    return announced
  }

  #markingFor(text: StatementText): Marking {
    if (text.partial || this.#watch.partial) return 'each'
    return this.#client.inTransaction ? 'first' : 'none'
  }

  #reinstall(text: StatementText | undefined): boolean {
    const done = this.#announcer.reinstall()
    if (done && text !== undefined) this.#watch.begin(this.#markingFor(text))
    return done
  }

  #after(text: StatementText, announced: Announced | undefined, failed: boolean, remaking?: Remaking): void {
    if (!this.#client.isOpen) return
    if (text.transaction || failed) this.#transaction?.reconcile(this.#watch.marks())
    if (this.#watch.installed) this.#record(text, announced, failed)
    else announced?.pending.none(failed ? 'rejected' : 'not-a-creation')
    if (this.#transaction !== undefined && !this.#client.inTransaction) this.#settle()
    if (remaking !== undefined && !failed) remaking.follow((store) => this.#transactionOf(store))
    if (text.detaches && !failed) this.#reportGone(this.#stores.detached(this.#client))
    if (text.schema) this.#announcer.isStale = true
    if ((text.transaction || failed) && this.#watch.isLost()) this.#announcer.isStale = true
  }

  #record(text: StatementText, announced: Announced | undefined, failed: boolean): void {
    const seen = this.#watch.take(failed)
    const transaction = this.#currentTransaction()
    const silently = text.replaces && !text.inserts && transaction === undefined ? this.#watch.tables : []
    if (announced === undefined && ((seen.length === 0 && silently.length === 0) || !this.#sink.active)) return
    const replaces = text.replaces || this.#watch.replaces
    this.#recorder.record({ seen, announced, failed, replaces, silently, transaction, copies: text.copies })
  }

  #currentTransaction(): OpenTransaction | undefined {
    if (this.#client.inTransaction) this.#transaction ??= new OpenTransaction(this.#sink)
    return this.#client.inTransaction ? this.#transaction : undefined
  }

  #settle(): void {
    this.#transaction?.settle()
    this.#transaction = undefined
  }

  #reportGone(databases: readonly Connected[]): void {
    for (const one of databases) {
      for (const table of this.#tablesOf(one)) this.#sink.gone(one.store, table, 'all')
    }
  }

  #tablesOf({ schema, tables = [] }: Connected): string[] {
    const own = this.#watch.tables.filter((one) => one.schema === schema)
    return [...new Set([...tables, ...own.map(({ name }) => name)])]
  }

  #remaking(remake: Remake): Remaking | undefined {
    if (!this.#sink.active && !this.#watch.installed) return undefined
    return Remaking.of(remake, this.#sink, this.#client, this.#stores)
  }

  /** Leaves a mark of its own, as no trigger runs for schema changes. */
  #transactionOf(store: StoreSeen): CaptureTransaction | undefined {
    const transaction = this.#currentTransaction()
    transaction?.begin(this.#watch.markSchema(), [store])
    return transaction?.of(store)
  }

  /** Capture must never break the user's statement. */
  #quietly<T>(run: () => T): T | undefined {
    const own = this.#own
    this.#own = true
    this.#depth++
    try {
      return run()
    } catch (error) {
      this.#sink.warn('DUSTPAN_SQL_UNATTRIBUTED', 'sqlite', `What a statement creates is not tracked: ${String(error)}`)
      return undefined
    } finally {
      this.#depth--
      this.#own = own
    }
  }
}

function isAboutTriggers(error: unknown): boolean {
  return /\b(?:new|old)\.|dustpan_/i.test(String((error as { message?: unknown } | null)?.message))
}
