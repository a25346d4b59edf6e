/** The triggers on one connection, and what they saw. */
import type { CaptureSink } from '@dustpan/core/driver'
import type { Client, SqlValue } from '../client.ts'
import { quoted } from '../quote.ts'
import { foldCase, readTables, type Table } from '../tables.ts'
import { schemaFingerprint } from './connected-stores.ts'
import { defineMarker, type Replaced } from './marking.ts'
import { defineNames } from './naming.ts'
import type { Sighting } from './net-changes.ts'
import { defineCallbacks, installTriggers, marks, removeTriggers, type Sight, triggeredTables } from './triggers.ts'
import type { Untracked } from './untracked.ts'

/** Which rows leave marks: each, the first of a statement, or none. One will do where a statement stands or falls as a whole. */
export type Marking = 'each' | 'first' | 'none'

export class Watch {
  readonly #client: Client
  readonly #sink: Pick<CaptureSink, 'active' | 'marker' | 'whose'>
  #tables: readonly Table[] = []
  /** Of the first table. A rollback can bring back triggers of an earlier installation, whose numbers stand for other tables. */
  #firstNumber = 0
  #names = new Set<string>()
  #fingerprint: string | undefined
  #inTransaction = false
  #defined = false
  #sightings: Sighting[] = []
  readonly #replaced: Replaced = new Map()
  #marking: Marking = 'each'
  /** The marking that the statement began with. */
  #began: Marking = 'each'
  #lastMark = 0
  #marksLeft = false
  /** Marks of changes to the schema, for which no trigger runs. */
  #schemaMarks: number[] = []
  #untracked: ReadonlyMap<string, Untracked> = new Map()
  /** A table or trigger says `FAIL`: statements may leave some of their rows behind when they fail. */
  partial = false
  /** A table or trigger says `REPLACE`. */
  replaces = false

  constructor(client: Client, sink: Pick<CaptureSink, 'active' | 'marker' | 'whose'>) {
    this.#client = client
    this.#sink = sink
  }

  get installed(): boolean {
    return this.#fingerprint !== undefined
  }

  get tables(): readonly Table[] {
    return this.#tables
  }

  /** Whether the text's table is one that the triggers, or the lack of them, are known for. */
  knows(name: string): boolean {
    return this.#names.has(foldCase(name))
  }

  /** A name that no table has; it is not looked for again before the schema changes. */
  admit(name: string): void {
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
    this.#sightings = []
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
    this.#untracked = new Map([...reasons].map(([table, why]) => [foldCase(table.name), why]))
    this.partial = this.#schemaSays('fail')
    this.replaces = this.#schemaSays('replace')
  }

  uninstall(): void {
    if (this.installed) removeTriggers(this.#client)
    this.#fingerprint = undefined
  }

  /** Tables whose triggers were dropped with them. */
  dropped(): Table[] {
    const left = triggeredTables(this.#client)
    return this.#tables.filter((_, index) => !left.has(this.#firstNumber + index))
  }

  /** Whether triggers that were made inside a transaction have gone with it, or those from before have come back. */
  hasGone(): boolean {
    if (!this.#inTransaction) return false
    this.#inTransaction = this.#client.inTransaction
    const isWhole = this.dropped().length === 0 && !this.isOutdated()
    if (!isWhole) this.#fingerprint = undefined
    return !isWhole
  }

  begin(marking: Marking): void {
    if (this.#marksLeft && !this.#client.inTransaction) this.#clearMarks()
    this.#marking = this.#began = marking
  }

  /** What was seen since, and after a failure that part which stands nevertheless. */
  take(failed = false): Sighting[] {
    const seen = this.#sightings
    const marking = this.#began
    this.#sightings = []
    this.#replaced.clear()
    this.#marking = this.#began = 'each'
    if (seen.length === 0 || !failed) return seen
    if (marking !== 'each') return []
    const standing = this.marks()
    return seen.filter(({ mark, sight }) => sight === 'existed' || (mark !== undefined && standing.has(mark)))
  }

  get hasSightings(): boolean {
    return this.#sightings.length > 0
  }

  marks(): Set<number> {
    const standing = this.#standingSchemaMarks()
    try {
      return new Set([...standing, ...this.#client.all(`SELECT n FROM temp.${marks}`).map((row) => Number(row.n))])
    } catch {
      return new Set(standing) // made inside a transaction that was rolled back
    }
  }

  /** Leaves a mark that a rollback takes along, and that no `changes()` or `last_insert_rowid()` of the user's tells of. */
  markSchema(): number {
    if (this.#schemaMarks.length > 0 && !this.#client.inTransaction) this.#schemaMarks = []
    const mark = ++this.#lastMark
    this.#client.exec(`PRAGMA temp.user_version = ${mark}`)
    this.#schemaMarks.push(mark)
    return mark
  }

  #standingSchemaMarks(): number[] {
    if (this.#schemaMarks.length === 0) return []
    const last = Number(this.#client.all('PRAGMA temp.user_version')[0]?.user_version)
    return this.#schemaMarks.filter((mark) => mark <= last)
  }

  #define(): void {
    if (this.#defined) return
    defineCallbacks(
      this.#client,
      (number, sight, values) => this.#see(number, sight, values),
      () => this.#lastMark,
    )
    defineMarker(this.#client, this.#replaced, () => (this.#sink.active ? (this.#sink.marker?.run ?? null) : null))
    defineNames(this.#client, this.#sink)
    this.#defined = true
  }

  #see(number: number, sight: Sight, values: readonly SqlValue[]): boolean {
    const table = this.#tables[number - this.#firstNumber]
    if (table === undefined) return false
    const marked = sight !== 'existed' && this.#marking !== 'none'
    if (this.#marking === 'first' && marked) this.#marking = 'none'
    if (marked) this.#marksLeft = true
    this.#sightings.push({ table, sight, values, mark: marked ? ++this.#lastMark : undefined })
    return marked
  }

  /** Before a statement that changes rows, so that `changes()` tells the user of theirs. */
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
