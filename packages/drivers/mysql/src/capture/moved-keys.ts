/**
 * Handles key changes of recorded rows by statements other than an UPDATE of the table's key: an upsert, a view, a cascading
 * foreign key. Afterwards another row may have the old key.
 */
import type { Insert, Statement, TableReference } from '../sql/statement.ts'
import type { Table } from '../tables.ts'
import type { ConnectionCapture, Queries } from './connection-capture.ts'
import { type InsertPlan, keysWritten } from './plan-insert.ts'
import { endRecords, hasRecorded, isOnRecord, isRecorded, recordedTables } from './recorded-rows.ts'
import { findExisting } from './replaced-rows.ts'
import { keyChangedMessage } from './row-changes.ts'
import { type Done, inTransaction } from './server-answer.ts'

type Mover = Statement & (Insert | { readonly kind: 'update' })

export class MovedKeys {
  readonly #statement: Mover
  readonly #capture: ConnectionCapture
  readonly #plan: () => InsertPlan | undefined
  #moved: readonly Table[] = []

  constructor(statement: Mover, capture: ConnectionCapture, plan: () => InsertPlan | undefined) {
    this.#statement = statement
    this.#capture = capture
    this.#plan = plan
  }

  *prepare(): Queries<void> {
    const written = this.#written()
    if (!written || !hasRecorded(this.#capture.store)) return
    yield* this.#capture.readSession()
    const { store, session } = this.#capture
    if (!store || !session || !hasRecorded(store)) return
    const all = recordedTables(store)
    const moved = new Set<Table>()
    for (const reference of written.tables) {
      const schema = reference.schema ?? session.database
      const isRecordedTable = all.some((table) => isNamed(table, { schema, table: reference.table }))
      const isView = !isRecordedTable && (yield* this.#capture.isView({ schema, table: reference.table }))
      for (const table of all)
        if (isView || mayCascade(table, { schema, table: reference.table }, written.columns)) moved.add(table)
      if (
        isRecordedTable &&
        this.#statement.kind === 'insert' &&
        (yield* this.#upsertMoves(this.#statement, written.columns))
      )
        for (const table of all) if (isNamed(table, { schema, table: reference.table })) moved.add(table)
    }
    this.#moved = [...moved]
  }

  done(done: Pick<Done, 'affected' | 'status'> & { readonly info?: string }): void {
    const { store, sink, transaction } = this.#capture
    if (!store || !this.#hasWritten(done)) return
    for (const table of this.#moved.filter((one) => isRecorded(store, one))) {
      sink.warn('DUSTPAN_SQL_UNATTRIBUTED', keyChangedMessage(table), keyChangedMessage(table))
      const tx = (done.status & inTransaction) !== 0 && table.transactional ? transaction.forChange('gone') : undefined
      endRecords(sink, { store, table }, 'all', tx)
    }
  }

  /** Tables and columns that it writes in existing rows. Undefined: none. */
  #written(): { readonly tables: readonly TableReference[]; readonly columns: readonly string[] } | undefined {
    const statement = this.#statement
    if (statement.kind === 'insert')
      return statement.updates ? { tables: [statement.table], columns: statement.sets ?? ['*'] } : undefined
    try {
      const { tables, columns = ['*'] } = statement.change()
      return { tables, columns }
    } catch {
      return undefined
    }
  }

  /** Whether an upsert changes an existing row's key, unless the row is found by that key. */
  *#upsertMoves({ rows, resets }: Insert, columns: readonly string[]): Queries<boolean> {
    const plan = this.#plan()
    const table = plan?.table ?? (yield* this.#capture.table((this.#statement as Insert).table))
    const set = table?.key.flatMap(({ name }) => resets?.get(name.toLowerCase()) ?? []) ?? []
    if (!table || (set.length === 0 && !isAny(columns))) return false
    if (isAny(columns) || set.includes('other')) return true
    if (!table.hasOtherKeys) return false
    if (!plan || rows?.length !== 1) return true
    return (yield* findExisting(plan, this.#capture.isInTransaction)) !== 'some' && !this.#isOnRecord(plan)
  }

  #isOnRecord(plan: InsertPlan): boolean {
    const { store, sink } = this.#capture
    const [key] = keysWritten(plan) ?? []
    return store !== undefined && key !== undefined && isOnRecord(sink, store, plan.table, key)
  }

  /** An upsert counts an inserted row once, and an updated row twice. */
  #hasWritten({ affected, info = '' }: Parameters<MovedKeys['done']>[0]): boolean {
    const statement = this.#statement
    if (statement.kind === 'update') return affected > 0
    return statement.rows?.length === 1 ? affected > 1 : affected > 0 && !/Duplicates: 0\b/.test(info)
  }
}

function isNamed(one: TableReference, { schema, table }: TableReference): boolean {
  return one.table.toLowerCase() === table.toLowerCase() && one.schema?.toLowerCase() === schema?.toLowerCase()
}

/** An empty column name matches any. */
const isAny = (columns: readonly string[]): boolean => columns.some((column) => column === '' || column === '*')

function mayCascade({ keyParents }: Table, written: TableReference, columns: readonly string[]): boolean {
  const set = new Set(columns.map((column) => column.toLowerCase()))
  return keyParents.some(
    (parent) => isNamed(parent, written) && (isAny(columns) || set.has(parent.column.toLowerCase())),
  )
}
