/**
 * Handles key changes of recorded rows by statements other than an UPDATE of the table's key: an upsert, a view, a cascading
 * foreign key. Afterwards another row may have the old key.
 */
import type { Insert, Statement, TableReference } from '../sql/statement.ts'
import type { Table } from '../tables.ts'
import type { ConnectionCapture, Queries } from './connection-capture.ts'
import { type InsertPlan, keysWritten } from './plan-insert.ts'
import { isAny, namedTables, reachedTables } from './reached-tables.ts'
import { endRecords, hasRecorded, isOnRecord, isRecorded } from './recorded-rows.ts'
import { findExisting } from './replaced-rows.ts'
import { keyChangedMessage } from './row-changes.ts'
import { selectedTable } from './selected-database.ts'
import type { Done } from './server-answer.ts'

type Mover = Statement & (Insert | { readonly kind: 'update' })

export class MovedKeys {
  readonly #statement: Mover
  readonly #capture: ConnectionCapture
  readonly #earlier: readonly Statement[]
  readonly #plan: () => InsertPlan | undefined
  #moved: readonly Table[] = []

  constructor(
    statement: Mover,
    capture: ConnectionCapture,
    { earlier, plan }: { readonly earlier: readonly Statement[]; readonly plan: () => InsertPlan | undefined },
  ) {
    this.#statement = statement
    this.#capture = capture
    this.#earlier = earlier
    this.#plan = plan
  }

  *prepare(): Queries<void> {
    const written = this.#written()
    if (!written || !hasRecorded(this.#capture.store)) return
    yield* this.#capture.readSession()
    const { store, session } = this.#capture
    if (!store || !session || !hasRecorded(store)) return
    const moved = new Set<Table>()
    for (const reference of written.tables) {
      const { schema = session.database, table } = selectedTable(reference, this.#earlier)
      for (const one of yield* reachedTables(this.#capture, { schema, table }, written.columns)) moved.add(one)
      const here = this.#statement.kind === 'insert' ? namedTables(this.#capture, { schema, table }) : []
      const moves = here.length > 0 && (yield* this.#upsertMoves(this.#statement as Insert, written.columns))
      for (const one of moves ? here : []) moved.add(one)
    }
    this.#moved = [...moved]
  }

  done(done: Pick<Done, 'affected' | 'status'> & { readonly info?: string }): void {
    const { store, sink } = this.#capture
    if (!store || !this.#hasWritten(done)) return
    for (const table of this.#moved.filter((one) => isRecorded(store, one))) {
      sink.warn('DUSTPAN_SQL_UNATTRIBUTED', keyChangedMessage(table), keyChangedMessage(table))
      endRecords(this.#capture, table, { keys: 'all', status: done.status })
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
  *#upsertMoves({ table: into, rows, resets }: Insert, columns: readonly string[]): Queries<boolean> {
    const plan = this.#plan()
    const table = plan?.table ?? (yield* this.#capture.table(selectedTable(into, this.#earlier)))
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
