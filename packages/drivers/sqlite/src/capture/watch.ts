/** The triggers of one connection, and the events they report. */
import type { CaptureSink } from '@dustpan/core/driver'
import type { Client, SqlValue } from '../client.ts'
import { quoted } from '../quote.ts'
import { foldCase, readTables, type Table } from '../tables.ts'
import { schemaFingerprint } from './connected-stores.ts'
import { defineMarker, type Replaced } from './marking.ts'
import { defineNames } from './naming.ts'
import type { ObservedEvent } from './net-changes.ts'
import { defineCallbacks, installTriggers, marks, type RowEvent, removeTriggers, triggeredTables } from './triggers.ts'
import type { Untracked } from './untracked.ts'

/**
 * Which rows leave marks: each, the first of a statement, or none. One mark is enough if a statement succeeds or fails as a
 * whole.
 */
export type Marking = 'each' | 'first' | 'none'

export class Watch {
  readonly #client: Client
  readonly #sink: Pick<CaptureSink, 'active' | 'marker' | 'currentScope'>
  #tables: readonly Table[] = []
  /**
   * The number of the first table. A rollback can restore triggers of an earlier installation, whose numbers refer to other
   * tables.
   */
  #firstNumber = 0
  #names = new Set<string>()
  #fingerprint: string | undefined
  #inTransaction = false
  #defined = false
  #events: ObservedEvent[] = []
  readonly #replaced: Replaced = new Map()
  #marking: Marking = 'each'
  /** The marking at the start of the statement. */
  #initialMarking: Marking = 'each'
  #lastMark = 0
  #marksLeft = false
  /** Marks of schema changes, for which no trigger runs. */
  #schemaMarks: number[] = []
  #untracked: ReadonlyMap<string, Untracked> = new Map()
  /** A table or trigger uses `FAIL`: statements may keep some of their rows when they fail. */
  partial = false
  /** A table or trigger uses `REPLACE`. */
  replaces = false

  constructor(client: Client, sink: Pick<CaptureSink, 'active' | 'marker' | 'currentScope'>) {
    this.#client = client
    this.#sink = sink
  }

  get installed(): boolean {
    return this.#fingerprint !== undefined
  }

  get tables(): readonly Table[] {
    return this.#tables
  }

  /** Whether the table's trigger status is known. */
  knows(name: string): boolean {
    return this.#names.has(foldCase(name))
  }

  /** Remembers a name that no table has; it is not looked up again before the schema changes. */
  rememberMissing(name: string): void {
    this.#names.add(foldCase(name))
  }

  whyUntracked(name: string): Untracked | undefined {
    return this.#untracked.get(foldCase(name))
  }

  isOutdated(): boolean {
    return this.#fingerprint !== schemaFingerprint(this.#client)
  }

  install(): void {
    this.#define()
    this.#events = []
    const found = readTables(this.#client)
    this.#firstNumber += this.#tables.length
    this.#tables = found.filter((table) => !table.virtual && table.key.length > 0)
    const refused = installTriggers(this.#client, this.#tables, this.#firstNumber, this.#sink.marker)
    this.#fingerprint = schemaFingerprint(this.#client)
    this.#inTransaction = this.#client.inTransaction
    this.#names = new Set(found.map((table) => foldCase(table.name)))
    const reasons = new Map<Table, Untracked>(refused.map((table) => [table, 'refused']))
    for (const table of found.filter((one) => one.key.length === 0)) reasons.set(table, 'no-key')
    for (const table of found.filter((one) => one.virtual)) reasons.set(table, 'virtual')
    this.#untracked = new Map([...reasons].map(([table, reason]) => [foldCase(table.name), reason]))
    this.partial = this.#schemaSays('fail')
    this.replaces = this.#schemaSays('replace')
  }

  uninstall(): void {
    if (this.installed) removeTriggers(this.#client)
    this.#fingerprint = undefined
  }

  /** Tables whose triggers were dropped together with them. */
  dropped(): Table[] {
    const left = triggeredTables(this.#client)
    return this.#tables.filter((_, index) => !left.has(this.#firstNumber + index))
  }

  /** Whether a rollback has removed triggers created inside the transaction, or restored earlier ones. */
  isLost(): boolean {
    if (!this.#inTransaction) return false
    this.#inTransaction = this.#client.inTransaction
    const isWhole = this.dropped().length === 0 && !this.isOutdated()
    if (!isWhole) this.#fingerprint = undefined
    return !isWhole
  }

  begin(marking: Marking): void {
    if (this.#marksLeft && !this.#client.inTransaction) this.#clearMarks()
    this.#marking = this.#initialMarking = marking
  }

  /** Returns and clears the events since the last call; after a failure, only those that were not rolled back. */
  take(failed = false): ObservedEvent[] {
    const seen = this.#events
    const marking = this.#initialMarking
    this.#events = []
    this.#replaced.clear()
    this.#marking = this.#initialMarking = 'each'
    if (seen.length === 0 || !failed) return seen
    if (marking !== 'each') return []
    const present = this.marks()
    return seen.filter(({ mark, event }) => event === 'existed' || (mark !== undefined && present.has(mark)))
  }

  get hasEvents(): boolean {
    return this.#events.length > 0
  }

  marks(): Set<number> {
    const present = this.#presentSchemaMarks()
    try {
      return new Set([...present, ...this.#client.all(`SELECT n FROM temp.${marks}`).map((row) => Number(row.n))])
    } catch {
      return new Set(present) // created inside a transaction that was rolled back
    }
  }

  /** Leaves a mark that a rollback removes and that does not affect the user's `changes()` or `last_insert_rowid()`. */
  markSchema(): number {
    if (this.#schemaMarks.length > 0 && !this.#client.inTransaction) this.#schemaMarks = []
    const mark = ++this.#lastMark
    this.#client.exec(`PRAGMA temp.user_version = ${mark}`)
    this.#schemaMarks.push(mark)
    return mark
  }

  #presentSchemaMarks(): number[] {
    if (this.#schemaMarks.length === 0) return []
    const last = Number(this.#client.all('PRAGMA temp.user_version')[0]?.user_version)
    return this.#schemaMarks.filter((mark) => mark <= last)
  }

  #define(): void {
    if (this.#defined) return
    defineCallbacks(
      this.#client,
      (number, event, values) => this.#observe(number, event, values),
      () => this.#lastMark,
    )
    defineMarker(this.#client, this.#replaced, () => (this.#sink.active ? (this.#sink.marker?.run ?? null) : null))
    defineNames(this.#client, this.#sink)
    this.#defined = true
  }

  #observe(number: number, event: RowEvent, values: readonly SqlValue[]): boolean {
    const table = this.#tables[number - this.#firstNumber]
    if (table === undefined) return false
    const marked = event !== 'existed' && this.#marking !== 'none'
    if (this.#marking === 'first' && marked) this.#marking = 'none'
    if (marked) this.#marksLeft = true
    this.#events.push({ table, event, values, mark: marked ? ++this.#lastMark : undefined })
    return marked
  }

  /** Called before a statement that changes rows, so that the user's `changes()` is not affected. */
  #clearMarks(): void {
    this.#client.run(`DELETE FROM temp.${marks}`)
    this.#marksLeft = false
  }

  #schemaSays(word: string): boolean {
    const schemas = new Set(this.#tables.map((table) => table.schema))
    return [...schemas].some(
      (schema) =>
        this.#client.all(
          `SELECT 1 FROM ${quoted(schema)}.sqlite_master WHERE type IN ('table', 'trigger') AND sql LIKE ? LIMIT 1`,
          `%${word}%`,
        ).length > 0,
    )
  }
}
