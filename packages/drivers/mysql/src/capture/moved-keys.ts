/**
 * Keys of rows on record that a statement changes without naming their table's key in an UPDATE of it: an upsert, a view, a foreign key that
 * takes a new value along. What had such a key may be another row then.
 */
import { typeOf } from '../names.ts'
import type { Table } from '../tables.ts'
import type { ConnectionCapture, Questions } from './connection-capture.ts'
import { type InsertPlan, keysWritten } from './plan-insert.ts'
import { hasRecorded, isRecorded, recordedTables } from './recorded-rows.ts'
import { findsRows } from './replaced-rows.ts'
import { renamed } from './row-changes.ts'
import { type Done, inTransaction } from './server-answer.ts'
import type { Insert, Statement, TableReference } from './statement.ts'

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

  *prepare(): Questions<void> {
    const found = this.#written()
    if (!found || !hasRecorded(this.#capture.store)) return
    yield* this.#capture.introduced()
    const { store, session } = this.#capture
    if (!store || !session || !hasRecorded(store)) return
    const all = recordedTables(store)
    const moved = new Set<Table>()
    for (const reference of found.tables) {
      const schema = reference.schema ?? session.database
      const isOurs = all.some((table) => isNamed(table, { schema, table: reference.table }))
      const isView = !isOurs && (yield* this.#capture.isView({ schema, table: reference.table }))
      for (const table of all)
        if (isView || follows(table, { schema, table: reference.table }, found.columns)) moved.add(table)
      if (isOurs && this.#statement.kind === 'insert' && (yield* this.#upsertMoves(this.#statement, found.columns)))
        for (const table of all) if (isNamed(table, { schema, table: reference.table })) moved.add(table)
    }
    this.#moved = [...moved]
  }

  done(done: Pick<Done, 'affected' | 'status'> & { readonly info?: string }): void {
    const { store, session, sink, transaction } = this.#capture
    if (!store || !session || !this.#hasWritten(done)) return
    for (const table of this.#moved.filter((one) => isRecorded(store, one))) {
      sink.warn('DUSTPAN_SQL_UNATTRIBUTED', renamed(table), renamed(table))
      const tx = (done.status & inTransaction) !== 0 && table.transactional ? transaction.told('gone') : undefined
      sink.gone(store, typeOf(table, session.database), 'all', tx)
    }
  }

  /** Tables and columns that it writes in rows that are there. Undefined: none. */
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

  /** It gives a row that is there another key, unless it is the one that the row is found by. */
  *#upsertMoves({ rows, resets }: Insert, columns: readonly string[]): Questions<boolean> {
    const plan = this.#plan()
    const table = plan?.table ?? (yield* this.#capture.table((this.#statement as Insert).table))
    const set = table?.key.flatMap(({ name }) => resets?.get(name.toLowerCase()) ?? []) ?? []
    if (!table || (set.length === 0 && !isAny(columns))) return false
    if (isAny(columns) || set.includes('other')) return true
    if (!table.hasOtherKeys) return false
    if (!plan || rows?.length !== 1) return true
    return (yield* findsRows(plan, this.#capture.isInTransaction)) !== 'some' && !this.#isOnRecord(plan)
  }

  #isOnRecord(plan: InsertPlan): boolean {
    const { store, session, sink } = this.#capture
    const [key] = keysWritten(plan) ?? []
    if (!store || !session || key === undefined) return false
    return sink.onRecord(store, typeOf(plan.table, session.database), key) !== undefined
  }

  /** An upsert counts a new row once, and one that it changed twice. */
  #hasWritten({ affected, info = '' }: Parameters<MovedKeys['done']>[0]): boolean {
    const statement = this.#statement
    if (statement.kind === 'update') return affected > 0
    return statement.rows?.length === 1 ? affected > 1 : affected > 0 && !/Duplicates: 0\b/.test(info)
  }
}

function isNamed(one: TableReference, { schema, table }: TableReference): boolean {
  return one.table.toLowerCase() === table.toLowerCase() && one.schema?.toLowerCase() === schema?.toLowerCase()
}

/** A column without a name may be any. */
const isAny = (columns: readonly string[]): boolean => columns.some((column) => column === '' || column === '*')

function follows({ keyParents }: Table, written: TableReference, columns: readonly string[]): boolean {
  const set = new Set(columns.map((column) => column.toLowerCase()))
  return keyParents.some(
    (parent) => isNamed(parent, written) && (isAny(columns) || set.has(parent.column.toLowerCase())),
  )
}
