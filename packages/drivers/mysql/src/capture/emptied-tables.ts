/** Handles statements that empty, drop or exchange tables: drops the records of their rows. */
import { readableTable } from '../names.ts'
import type { Statement } from '../sql/statement.ts'
import type { Table } from '../tables.ts'
import type { ConnectionCapture, Queries } from './connection-capture.ts'
import { endRecords, hasRecorded, isRecorded } from './recorded-rows.ts'

export class EmptiedTables {
  readonly #statement: Statement
  readonly #capture: ConnectionCapture
  /** Looked up before they are gone. */
  readonly #tables: Table[] = []

  constructor(statement: Statement, capture: ConnectionCapture) {
    this.#statement = statement
    this.#capture = capture
  }

  *prepare(): Queries<void> {
    const references = this.#references
    if (references.length === 0 || !hasRecorded(this.#capture.store)) return
    for (const reference of references) {
      const table = yield* this.#capture.table(reference)
      if (table) this.#tables.push(table)
    }
  }

  done(): void {
    const { store, sink } = this.#capture
    if (!store) return
    for (const table of this.#tables.filter((one) => isRecorded(store, one))) {
      endRecords(sink, { store, table }, 'all')
      if (this.#statement.kind === 'schema')
        sink.warn('DUSTPAN_SQL_UNATTRIBUTED', exchangedMessage(table), exchangedMessage(table))
    }
  }

  get #references() {
    const statement = this.#statement
    if (statement.kind === 'emptied') return statement.tables
    return statement.kind === 'schema' ? (statement.exchanges ?? []) : []
  }
}

const exchangedMessage = (table: Table): string =>
  `Rows of ${readableTable(table)} that are on record may be in another table now, and others' rows in their place: they are tracked no longer`
