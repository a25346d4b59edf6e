/** Handles deletions and new keys that statements do not show: ends the records of their tables. */
import { readableTable, type TableName } from '../names.ts'
import type { Statement, TableReference, Unseen } from '../sql/statement.ts'
import type { Table } from '../tables.ts'
import type { ConnectionCapture, Queries } from './connection-capture.ts'
import { namedTables, reachedTables, sets, viewedTables } from './reached-tables.ts'
import { endRecords, hasRecorded, recordedTables } from './recorded-rows.ts'
import { selectedDatabase } from './selected-database.ts'
import { unseenOf } from './unseen-removals.ts'

export class UnseenChanges {
  readonly #statement: Statement
  readonly #capture: ConnectionCapture
  readonly #earlier: readonly Statement[]
  #unseen: Unseen | undefined
  #tables: ReadonlySet<Table> = new Set()

  constructor(statement: Statement, capture: ConnectionCapture, earlier: readonly Statement[]) {
    this.#statement = statement
    this.#capture = capture
    this.#earlier = earlier
  }

  /** Read here, as an earlier statement of the same text may prepare what this one executes. */
  *prepare(): Queries<void> {
    this.#unseen = this.#statement.kind === 'schema' ? undefined : unseenOf(this.#statement, this.#capture)
    if (!this.#unseen || !hasRecorded(this.#capture.store)) return
    yield* this.#capture.readSession()
    const { removes, writes, columns = ['*'] } = this.#unseen
    const removed = yield* this.#among(removes, (name) => this.#removedBy(name))
    const written = yield* this.#among(writes, (name) => this.#writtenBy(name, columns))
    this.#tables = new Set([...removed, ...written])
  }

  done(status: number): void {
    for (const table of this.#tables) endUnsure(this.#capture, table, status)
  }

  /** A block may have failed after some of its statements. */
  failed(): void {
    if (this.#unseen?.writes === 'any') this.done(this.#capture.status)
  }

  *#among(
    named: readonly TableReference[] | 'any',
    tablesOf: (name: TableName) => Queries<readonly Table[]>,
  ): Queries<readonly Table[]> {
    const { store, session } = this.#capture
    if (!store) return []
    if (named === 'any') return recordedTables(store)
    const found: Table[] = []
    for (const { schema = selectedDatabase(this.#earlier) ?? session?.database ?? '', table } of named)
      found.push(...(yield* tablesOf({ schema, table })))
    return found
  }

  *#removedBy(name: TableName): Queries<readonly Table[]> {
    return [...namedTables(this.#capture, name), ...(yield* viewedTables(this.#capture, name))]
  }

  *#writtenBy(name: TableName, columns: readonly string[]): Queries<readonly Table[]> {
    const here = namedTables(this.#capture, name).filter(({ key }) => key.some((column) => sets(columns, column.name)))
    return [...here, ...(yield* reachedTables(this.#capture, name, columns))]
  }
}

/** Ends the records of a table whose rows may be gone or have other keys, with a warning. */
export function endUnsure(capture: ConnectionCapture, table: Table, status: number): void {
  const message = `Rows of ${readableTable(table)} that are on record may have been deleted or have other keys now, by a statement that shows no keys: they are tracked no longer`
  capture.sink.warn('DUSTPAN_SQL_UNATTRIBUTED', message, message)
  endRecords(capture, table, { keys: 'all', status })
}
