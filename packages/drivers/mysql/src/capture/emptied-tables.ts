/** Handles statements that empty, drop or exchange tables: drops the records of their rows. */
import { readableTable } from '../names.ts'
import type { Statement } from '../sql/statement.ts'
import type { Table } from '../tables.ts'
import type { ConnectionCapture, Queries } from './connection-capture.ts'
import { endRecords, hasRecorded, isRecorded } from './recorded-rows.ts'
import { selectedTable } from './selected-database.ts'

export class EmptiedTables {
  readonly #statement: Statement
  readonly #capture: ConnectionCapture
  readonly #earlier: readonly Statement[]
  /** Looked up before they are gone. */
  readonly #tables: Table[] = []

  constructor(statement: Statement, capture: ConnectionCapture, earlier: readonly Statement[]) {
    this.#statement = statement
    this.#capture = capture
    this.#earlier = earlier
  }

  *prepare(): Queries<void> {
    const references = this.#references
    if (references.length === 0 || !hasRecorded(this.#capture.store)) return
    for (const reference of references) {
      const table = yield* this.#capture.table(selectedTable(reference, this.#earlier))
      if (table) this.#tables.push(table)
    }
  }

  done(): void {
    const { store, sink } = this.#capture
    if (!store) return
    for (const table of this.#tables.filter((one) => isRecorded(store, one))) {
      endRecords(this.#capture, table, { keys: 'all', status: committed })
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

/** These statements commit, whatever the session's status is afterwards. */
const committed = 0

const exchangedMessage = (table: Table): string =>
  `Rows of ${readableTable(table)} that are on record may be in another table now, and others' rows in their place: they are tracked no longer`
