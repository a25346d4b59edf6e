/** Handles deletions and new keys that statements do not show: ends the records of their tables. */
import { readableTable } from '../names.ts'
import type { Statement, TableReference, Unseen } from '../sql/statement.ts'
import type { Table } from '../tables.ts'
import type { ConnectionCapture, Queries } from './connection-capture.ts'
import { endRecords, hasRecorded, recordedTables } from './recorded-rows.ts'
import { inTransaction } from './server-answer.ts'
import { selectedDatabase, unseenOf } from './unseen-removals.ts'

export class UnseenChanges {
  readonly #unseen: Unseen | undefined
  readonly #capture: ConnectionCapture
  readonly #earlier: readonly Statement[]
  #tables: readonly Table[] = []

  constructor(statement: Statement, capture: ConnectionCapture, earlier: readonly Statement[]) {
    this.#unseen = statement.kind === 'schema' ? undefined : unseenOf(statement, capture)
    this.#capture = capture
    this.#earlier = earlier
  }

  *prepare(): Queries<void> {
    if (!this.#unseen || !hasRecorded(this.#capture.store)) return
    yield* this.#capture.readSession()
    const { store } = this.#capture
    if (!store) return
    const { removes, writes, columns } = this.#unseen
    const all = recordedTables(store)
    const removed = yield* this.#among(all, removes)
    const written = yield* this.#among(all, writes)
    this.#tables = all.filter((one) => removed.includes(one) || (written.includes(one) && maySetKey(one, columns)))
  }

  done(status: number): void {
    const { transaction } = this.#capture
    const isOpen = (status & inTransaction) !== 0
    for (const table of this.#tables)
      endUnsure(this.#capture, table, isOpen && table.transactional ? transaction.forChange('gone') : undefined)
  }

  /** The recorded tables that are named; all of them if a view is, whose rows are in other tables. */
  *#among(all: readonly Table[], named: Unseen['removes']): Queries<readonly Table[]> {
    if (named === 'any') return all
    const found: Table[] = []
    for (const { schema = selectedDatabase(this.#earlier) ?? this.#capture.session?.database ?? '', table } of named) {
      const here = all.filter((one) => isNamed(one, { schema, table }))
      if (here.length === 0 && (yield* this.#capture.isView({ schema, table }))) return all
      found.push(...here)
    }
    return found
  }
}

/** Ends the records of a table whose rows may be gone or have other keys, with a warning. */
export function endUnsure(
  { sink, store }: ConnectionCapture,
  table: Table,
  tx: Parameters<typeof endRecords>[3] | undefined,
): void {
  if (!store) return
  const message = `Rows of ${readableTable(table)} that are on record may have been deleted or have other keys now, by a statement that shows no keys: they are tracked no longer`
  sink.warn('DUSTPAN_SQL_UNATTRIBUTED', message, message)
  endRecords(sink, { store, table }, 'all', tx)
}

function maySetKey({ key }: Table, columns: Unseen['columns']): boolean {
  const set = columns?.map((column) => column.toLowerCase())
  return !set || set.includes('') || set.includes('*') || key.some(({ name }) => set.includes(name.toLowerCase()))
}

function isNamed(one: Table, { schema, table }: TableReference): boolean {
  return one.table.toLowerCase() === table.toLowerCase() && one.schema.toLowerCase() === schema?.toLowerCase()
}
