/**
 * Tracks the rows that a DELETE removes or whose key an UPDATE changes: reads them before it is sent, reports them when it is
 * done.
 */
import type { Json, StoreSeen } from '@dustpan/core/driver'
import { readableTable, typeOf } from '../names.ts'
import { isBinary } from '../removal/statement-parts.ts'
import type { Change, Delete, Statement, TableReference } from '../sql/statement.ts'
import type { Column, Table } from '../tables.ts'
import type { ConnectionCapture, Queries } from './connection-capture.ts'
import { keysIn } from './deleted-keys.ts'
import { noteDoubt, noteDoubtOfAny, noteReported } from './doubtful-keys.ts'
import { keyColumnSql } from './key-columns.ts'
import { type LockedRows, lockRows } from './locked-rows.ts'
import {
  endRecords,
  goneIn,
  hasRecorded,
  isOnRecord,
  isRecorded,
  mayChangeKeys,
  recordedTables,
} from './recorded-rows.ts'
import { altersBefore, selectedTable } from './selected-database.ts'
import type { Done } from './server-answer.ts'
import { endUnsure } from './unseen-changes.ts'
import type { ValueContext } from './written-value.ts'

interface Context {
  readonly text: string
  readonly parameters: readonly unknown[]
  readonly earlier: readonly Statement[]
  readonly mayReturn: boolean
  readonly isInTest: boolean
}

export class RowChanges {
  readonly #statement: Delete | Extract<Statement, { kind: 'update' }>
  readonly #capture: ConnectionCapture
  readonly #context: Context
  #tables: readonly Table[] = []
  #locked: LockedRows | undefined
  /** Rows deleted from a view are deleted from other tables. */
  #isView = false

  constructor(statement: RowChanges['statement'], capture: ConnectionCapture, context: Context) {
    this.#statement = statement
    this.#capture = capture
    this.#context = context
  }

  get statement(): Delete | Extract<Statement, { kind: 'update' }> {
    return this.#statement
  }

  get table(): Table | undefined {
    return this.#tables[0]
  }

  *prepare(): Queries<void> {
    const { isInTest, text, parameters } = this.#context
    const change = this.#statement.kind === 'delete' && isInTest ? this.#statement.change : this.#recordedChange()
    if (!change) return
    this.#tables = (yield* this.#known(change.tables)).filter((table) => this.#matters(table, change))
    const [table, another] = this.#tables
    if (!table || another || !change.keyQuery || this.returning || this.#keys()) return
    // A query sent now would meet another database or other settings.
    if (altersBefore(this.#context.earlier)) return
    const { isInTransaction } = this.#capture
    this.#locked = yield* lockRows(change.keyQuery, table, {
      text,
      parameters,
      isInTransaction,
      repertoire: this.#capture.repertoire,
    })
  }

  /** The columns for an added RETURNING, if MariaDB supports it here. */
  get returning(): readonly string[] | undefined {
    const { table } = this
    const { session, mayReturn } = this.#capture
    const statement = this.#statement
    if (!table || statement.kind !== 'delete' || statement.complex || statement.returning) return undefined
    if (!session?.isMariaDB || !this.#context.mayReturn || !mayReturn || table.key.length === 0) return undefined
    return this.#keys()?.length === 1 ? undefined : table.key.map((column) => keyColumnSql(column))
  }

  done({ affected, status }: Pick<Done, 'affected' | 'status'>): void {
    const keys = this.#keys()
    const { store } = this.#capture
    if (this.#statement.kind === 'update') {
      if (affected > 0) this.#moved(affected, status)
      return
    }
    if (this.#isView && affected > 0 && store) this.#deletedByView(store, status)
    if (keys) this.#reportKeys(keys, affected, status)
    else if (affected > 0) this.#reportLocked(affected, status)
  }

  #deletedByView(store: StoreSeen, status: number): void {
    noteDoubtOfAny(store)
    for (const table of recordedTables(store)) endUnsure(this.#capture, table, status)
  }

  /** Reports the deleted keys that the server returned. */
  deleted(keys: readonly Json[], status: number): void {
    const { table } = this
    if (table) this.#gone(table, keys, status, 'all were there')
  }

  /** Outside tests, and for an UPDATE, only recorded rows matter. */
  #recordedChange(): Change | undefined {
    const { store } = this.#capture
    if (!hasRecorded(store)) return undefined
    const statement = this.#statement
    if (statement.kind === 'delete') return statement.change
    try {
      const change = statement.change()
      const { tables, columns = [] } = change
      return tables.some(({ table }) => mayChangeKeys(store, table, columns)) ? change : undefined
    } catch {
      return undefined
    }
  }

  *#known(references: readonly TableReference[]): Queries<readonly Table[]> {
    const tables: Table[] = []
    for (const reference of references) {
      const table = yield* this.#capture.table(selectedTable(reference, this.#context.earlier))
      if (table && !table.isTable) this.#isView = true
      if (table && table.key.length > 0) tables.push(table)
    }
    return tables
  }

  /** An UPDATE matters only if it changes the key. */
  #matters(table: Table, { columns }: Change): boolean {
    const hasRecords = isRecorded(this.#capture.store, table)
    if (this.#statement.kind === 'delete') return hasRecords || this.#context.isInTest
    const set = new Set(columns?.map((name) => name.toLowerCase()))
    return hasRecords && table.key.some(({ name }) => set.has(name.toLowerCase()))
  }

  /** Keys in the statement itself, if they are stored exactly as written. */
  #keys(): readonly Json[] | undefined {
    const { table } = this
    const statement = this.#statement
    if (!table || statement.kind !== 'delete' || !table.key.every(isExact)) return undefined
    const { session } = this.#capture
    const valueContext: ValueContext = {
      parameters: this.#context.parameters,
      quotesNames: session?.quotesNames ?? true,
      countsFromZero: true,
      repertoire: this.#capture.repertoire,
    }
    return keysIn(statement, table, valueContext)
  }

  #reportKeys(keys: readonly Json[], affected: number, status: number): void {
    const table = this.table as Table
    const areAll = affected === keys.length
    this.#gone(table, keys, status, areAll ? 'all were there' : undefined)
    if (!areAll && affected > 0) this.#doubt(table, keys)
  }

  #reportLocked(affected: number, status: number): void {
    const [table, another] = this.#tables
    const locked = this.#locked
    if (!table) return
    if (!locked || another || locked.isChoice || locked.keys.length !== affected) {
      for (const one of this.#tables) this.#unsure(one, status)
      return
    }
    this.#gone(table, locked.keys, status, 'all were there')
    if (this.#context.earlier.some((one) => mayWrite(one, table))) this.#doubt(table, 'all')
  }

  /** It is unknown which rows were deleted, and whose they were. A number that the server gave is not given again. */
  #unsure(table: Table, status: number): void {
    this.#doubt(table, 'all')
    const isNumbered = table.key.some(({ autoIncrement }) => autoIncrement)
    if (!isNumbered && isRecorded(this.#capture.store, table)) endUnsure(this.#capture, table, status)
  }

  /** Another row has the old key now, possibly one from before. */
  #moved(affected: number, status: number): void {
    const locked = this.#locked
    const areKnown = locked && !locked.isChoice && this.#tables.length === 1 && locked.keys.length >= affected
    const mayBeRewritten = this.#context.earlier.some((one) => this.#tables.some((table) => mayWrite(one, table)))
    for (const table of this.#tables) {
      const moved = areKnown && !mayBeRewritten ? locked.keys : 'all'
      if (moved === 'all' || moved.some((key) => this.#isOnRecord(table, key)))
        this.#capture.sink.warn('DUSTPAN_SQL_UNATTRIBUTED', keyChangedMessage(table), keyChangedMessage(table))
      this.#gone(table, moved, status)
    }
  }

  #isOnRecord(table: Table, key: Json): boolean {
    const { sink, store } = this.#capture
    return store !== undefined && isOnRecord(sink, store, table, key)
  }

  #doubt(table: Table, keys: readonly Json[] | 'all'): void {
    const { store } = this.#capture
    if (store) noteDoubt(store, table, keys)
  }

  #gone(table: Table, keys: readonly Json[] | 'all', status: number, certainly?: 'all were there'): void {
    const { store, session, sink } = this.#capture
    if (!store || !session || keys.length === 0) return
    if (!certainly && !isRecorded(store, table)) return
    if (!certainly || keys === 'all') endRecords(this.#capture, table, { keys, status })
    else {
      noteReported(store, table, keys)
      sink.removed(store, typeOf(table, session.database), keys, goneIn(this.#capture, table, status))
      endRecords(this.#capture, table, { keys, status, except: store })
    }
  }
}

/** A stored text may differ from the written one: in case, trailing spaces, or number format. */
function isExact(column: Column): boolean {
  return isBinary(column) || (column.charset === null && exact.has(column.type))
}

const exact = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'date', 'datetime', 'uuid'])

function mayWrite(earlier: Statement, { table }: Table): boolean {
  if (earlier.kind === 'insert' || earlier.kind === 'delete')
    return earlier.table.table.toLowerCase() === table.toLowerCase()
  return earlier.kind === 'update' || earlier.kind === 'opaque'
}

export function keyChangedMessage({ schema, table }: Table): string {
  return `An UPDATE changed the key of rows of ${readableTable({ schema, table })} that are on record: they are tracked no longer, as their keys may be others' now`
}
