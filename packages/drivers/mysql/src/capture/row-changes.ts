/** What a DELETE took, or an UPDATE gave another key: asked before it is sent, told when it is done. */
import type { Json } from '@dustpan/core/driver'
import { readableTable, typeOf } from '../names.ts'
import { isBinary } from '../removal/statement-parts.ts'
import type { Column, Table } from '../tables.ts'
import type { ConnectionCapture, Questions } from './connection-capture.ts'
import { keysIn } from './deleted-keys.ts'
import { noteDoubt, noteDoubtOfAny, noteTold } from './doubtful-keys.ts'
import { keyAsked } from './key-columns.ts'
import { hasRecorded, isRecorded, mayChangeKeys } from './recorded-rows.ts'
import { type Done, inTransaction } from './server-answer.ts'
import type { Change, Delete, Statement, TableReference } from './statement.ts'
import { type Taken, takenRows } from './taken-rows.ts'
import type { Meaning } from './written-value.ts'

interface Circumstances {
  readonly text: string
  readonly parameters: readonly unknown[]
  readonly earlier: readonly Statement[]
  readonly mayReturn: boolean
  readonly isInTest: boolean
}

export class RowChanges {
  readonly #statement: Delete | Extract<Statement, { kind: 'update' }>
  readonly #capture: ConnectionCapture
  readonly #circumstances: Circumstances
  #tables: readonly Table[] = []
  #taken: Taken | undefined
  /** What goes from it goes from other tables. */
  #isView = false

  constructor(statement: RowChanges['statement'], capture: ConnectionCapture, circumstances: Circumstances) {
    this.#statement = statement
    this.#capture = capture
    this.#circumstances = circumstances
  }

  get statement(): Delete | Extract<Statement, { kind: 'update' }> {
    return this.#statement
  }

  get table(): Table | undefined {
    return this.#tables[0]
  }

  *prepare(): Questions<void> {
    const { isInTest, text, parameters } = this.#circumstances
    const change = this.#statement.kind === 'delete' && isInTest ? this.#statement.change : this.#ofRecorded()
    if (!change) return
    this.#tables = (yield* this.#known(change.tables)).filter((table) => this.#matters(table, change))
    const [table, another] = this.#tables
    if (!table || another || !change.asked || this.returning || this.#keys()) return
    const { isInTransaction } = this.#capture
    this.#taken = yield* takenRows(change.asked, table, {
      text,
      parameters,
      isInTransaction,
      letters: this.#capture.letters,
    })
  }

  /** What RETURNING is to give, where MariaDB can be asked for it. */
  get returning(): readonly string[] | undefined {
    const { table } = this
    const { session, mayReturn } = this.#capture
    const statement = this.#statement
    if (!table || statement.kind !== 'delete' || statement.complex || statement.returning) return undefined
    if (!session?.isMariaDB || !this.#circumstances.mayReturn || !mayReturn || table.key.length === 0) return undefined
    return this.#keys()?.length === 1 ? undefined : table.key.map((column) => keyAsked(column))
  }

  done({ affected, status }: Pick<Done, 'affected' | 'status'>): void {
    const keys = this.#keys()
    const { store } = this.#capture
    if (this.#statement.kind === 'update') {
      if (affected > 0) this.#moved(affected, status)
      return
    }
    if (this.#isView && affected > 0 && store) noteDoubtOfAny(store)
    if (keys) this.#tellKeys(keys, affected, status)
    else if (affected > 0) this.#tellTaken(affected, status)
  }

  /** The server gave the keys of what it deleted. */
  told(keys: readonly Json[], status: number): void {
    const { table } = this
    if (table) this.#gone(table, keys, status, 'all were there')
  }

  /** Outside of tests, and of an UPDATE, only what is on record matters. */
  #ofRecorded(): Change | undefined {
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

  *#known(references: readonly TableReference[]): Questions<readonly Table[]> {
    const tables: Table[] = []
    for (const reference of references) {
      const table = yield* this.#capture.table(reference)
      if (table && !table.isTable) this.#isView = true
      if (table && table.key.length > 0) tables.push(table)
    }
    return tables
  }

  /** An UPDATE of what is no key leaves rows what they are. */
  #matters(table: Table, { columns }: Change): boolean {
    const isOurs = isRecorded(this.#capture.store, table)
    if (this.#statement.kind === 'delete') return isOurs || this.#circumstances.isInTest
    const set = new Set(columns?.map((name) => name.toLowerCase()))
    return isOurs && table.key.some(({ name }) => set.has(name.toLowerCase()))
  }

  /** Keys that the statement tells itself: those that are in the rows as they are written. */
  #keys(): readonly Json[] | undefined {
    const { table } = this
    const statement = this.#statement
    if (!table || statement.kind !== 'delete' || !table.key.every(isExact)) return undefined
    const { session } = this.#capture
    const meaning: Meaning = {
      parameters: this.#circumstances.parameters,
      quotesNames: session?.quotesNames ?? true,
      countsFromZero: true,
      letters: this.#capture.letters,
    }
    return keysIn(statement, table, meaning)
  }

  #tellKeys(keys: readonly Json[], affected: number, status: number): void {
    const table = this.table as Table
    const areAll = affected === keys.length
    this.#gone(table, keys, status, areAll ? 'all were there' : undefined)
    if (!areAll && affected > 0) this.#doubt(table, keys)
  }

  #tellTaken(affected: number, status: number): void {
    const [table, another] = this.#tables
    const taken = this.#taken
    if (!table) return
    if (!taken || another || taken.isChoice || taken.keys.length !== affected) {
      for (const one of this.#tables) this.#doubt(one, 'all')
      return
    }
    this.#gone(table, taken.keys, status, 'all were there')
    if (this.#circumstances.earlier.some((one) => mayWrite(one, table))) this.#doubt(table, 'all')
  }

  /** What had the key is another row now, perhaps one that was there before. */
  #moved(affected: number, status: number): void {
    const taken = this.#taken
    const isTold = taken && !taken.isChoice && this.#tables.length === 1 && taken.keys.length >= affected
    const isAmong = this.#circumstances.earlier.some((one) => this.#tables.some((table) => mayWrite(one, table)))
    for (const table of this.#tables) {
      const moved = isTold && !isAmong ? taken.keys : 'all'
      if (moved === 'all' || moved.some((key) => this.#isOnRecord(table, key)))
        this.#capture.sink.warn('DUSTPAN_SQL_UNATTRIBUTED', renamed(table), renamed(table))
      this.#gone(table, moved, status)
    }
  }

  #isOnRecord(table: Table, key: Json): boolean {
    const { sink, store, session } = this.#capture
    return store !== undefined && sink.onRecord(store, typeOf(table, session?.database ?? ''), key) !== undefined
  }

  #doubt(table: Table, keys: readonly Json[] | 'all'): void {
    const { store } = this.#capture
    if (store) noteDoubt(store, table, keys)
  }

  #gone(table: Table, keys: readonly Json[] | 'all', status: number, certainly?: 'all were there'): void {
    const { store, session, sink, transaction } = this.#capture
    if (!store || !session || keys.length === 0) return
    if (!certainly && !isRecorded(store, table)) return
    const tx = (status & inTransaction) !== 0 && table.transactional ? transaction.told('gone') : undefined
    const type = typeOf(table, session.database)
    if (certainly && keys !== 'all') {
      noteTold(store, table, keys)
      sink.removed(store, type, keys, tx)
    } else sink.gone(store, type, keys, tx)
  }
}

/** A text may be another one in the row: in other letters, with spaces behind it, for a number. */
function isExact(column: Column): boolean {
  return isBinary(column) || (column.charset === null && exact.has(column.type))
}

const exact = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'date', 'datetime', 'uuid'])

function mayWrite(earlier: Statement, { table }: Table): boolean {
  if (earlier.kind === 'insert' || earlier.kind === 'delete')
    return earlier.table.table.toLowerCase() === table.toLowerCase()
  return earlier.kind === 'update' || earlier.kind === 'opaque'
}

export function renamed({ schema, table }: Table): string {
  return `An UPDATE changed the key of rows of ${readableTable({ schema, table })} that are on record: they are tracked no longer, as their keys may be others' now`
}
