/** Tracks the rows of an INSERT or REPLACE: announces them before it is sent, records them when the server has executed it. */
import type { CreatedShape, Json, PendingCreate, StoreSeen } from '@dustpan/core/driver'
import { readableTable, typeOf } from '../names.ts'
import { fittingText } from '../removal/fitting-text.ts'
import type { Row, Session } from '../session.ts'
import { type Insert, isXa, type Statement } from '../sql/statement.ts'
import type { Table } from '../tables.ts'
import type { ConnectionCapture, Queries } from './connection-capture.ts'
import { hasDoubts, isDoubtful, noteDoubt } from './doubtful-keys.ts'
import { keyFromRow } from './key-columns.ts'
import { type Mark, markOf, mayMark } from './marked-rows.ts'
import { givesKeys, type InsertPlan, insertResult, keysWritten, planInsert } from './plan-insert.ts'
import { isOnRecord, noteRecorded, shapeOf } from './recorded-rows.ts'
import { type ExistingRows, findExisting } from './replaced-rows.ts'
import { type Done, inTransaction } from './server-answer.ts'
import type { Context } from './statement-record.ts'

export class InsertedRows {
  readonly #insert: Insert & Statement
  readonly #capture: ConnectionCapture
  readonly #context: Context
  #plan: InsertPlan | undefined
  #pending: PendingCreate | undefined
  #session: Session | undefined
  #shape: CreatedShape | undefined
  /** Why the rows are not tracked, whatever the answer is. */
  #untracked: ((table: string) => string) | undefined
  #isMarked = false
  #existing: ExistingRows = 'none'

  constructor(insert: Insert & Statement, capture: ConnectionCapture, context: Context) {
    this.#insert = insert
    this.#capture = capture
    this.#context = context
  }

  get table(): Table | undefined {
    return this.#plan?.table
  }

  get plan(): InsertPlan | undefined {
    return this.#plan
  }

  *prepare(): Queries<void> {
    const statement = this.#insert
    const { begin, parameters, mayReturn } = this.#context
    if (!begin) return
    const table = yield* this.#capture.table(statement.table)
    if (this.#capture.isDistributed || this.#context.earlier.some(isXa)) this.#untracked = inXa
    else if (isUnknowable(this.#context.earlier, table)) this.#untracked = afterUnknowable
    if (this.#untracked) return
    const { session, store, sink } = this.#capture
    this.#session = session
    if (!table || !session || !store || this.#capture.ignores(store, table, session.database)) return
    this.#plan = planInsert(statement, table, {
      ...{ session, parameters, mayReturn: mayReturn && this.#capture.mayReturn },
      repertoire: this.#context.earlier.some(recodes) ? 'ascii' : this.#capture.repertoire,
    })
    const via = `${statement.verb} INTO ${readableTable({ table: table.table, schema: table.schema === session.database ? null : table.schema })}`
    if (statement.verb === 'REPLACE') this.#existing = yield* this.#findExisting(this.#plan)
    if (sink.marker && mayMark(this.#plan, this.#context.marks, this.#capture)) yield* this.#capture.marked(table)
    this.#isMarked = this.#capture.isMarked
    const run = this.#markOf(table)?.run
    this.#pending = begin({
      ...{ kind: '@dustpan/mysql', store, type: typeOf(table, session.database), via, session: session.thread },
      ...(run === undefined ? {} : { marker: run }),
    })
  }

  /** Checks for existing rows with the keys; a row on record exists. */
  *#findExisting(plan: InsertPlan): Queries<ExistingRows> {
    const { store, sink, isInTransaction } = this.#capture
    const [key, another] = keysWritten(plan) ?? []
    const isOnly = key !== undefined && another === undefined && store !== undefined
    const isKnown = isOnly && isOnRecord(sink, store, plan.table, key)
    return isKnown ? 'some' : yield* findExisting(plan, isInTransaction)
  }

  /** The statement was sent: prepares what does not depend on the answer while the server is working. */
  sent(): void {
    const [plan, session] = [this.#plan, this.#session]
    if (!plan || !session || !this.#pending || plan.why) return
    this.#shape = shapeOf(plan.table, session.database, this.#markOf(plan.table))
    this.#pending.expect(this.#shape)
  }

  /** The columns for an added RETURNING, if the statement is to be sent with one. */
  get returning(): readonly string[] | undefined {
    return this.#pending && this.#plan?.returning
  }

  done(done: Done): void {
    if (this.#untracked && done.affected > 0) this.#warn(this.#untracked(readableTable(this.#insert.table)))
    const plan = this.#plan
    if (plan) this.#noteReplaced(plan, done.affected)
    this.#record(done)
  }

  #record(done: Done): void {
    const plan = this.#plan
    if (!plan || !this.#session || !this.#pending) return
    const result = insertResult(plan, done, this.#session, this.#capture.foundRows, this.#existing)
    if ('keys' in result) this.#created(result.keys, plan.table, done.status, 'not-a-creation')
    else if ('none' in result) this.#pending.none(result.none)
    else {
      const { code, message } = result.why
      this.#capture.sink.warn(code, message, message)
      // Left open if the rows carry the run's mark: they can then be found by it.
      if (!this.#markOf(plan.table)) this.#pending.none('not-a-creation')
    }
    this.#pending = undefined
  }

  /** Records the keys from an added RETURNING. Returns what the server would have answered without it. */
  returned(rows: readonly Row[], status: number, warnings: number): Done {
    const table = this.table as Table
    this.#created(
      rows.map((row) => keyFromRow(table.key, row)),
      table,
      status,
      'not-a-creation',
    )
    const writtenRows = this.#insert.rows
    const tried = writtenRows?.length ?? rows.length
    const info =
      tried === 1 && writtenRows ? '' : `Records: ${tried}  Duplicates: ${tried - rows.length}  Warnings: ${warnings}`
    return { affected: rows.length, insertId: this.#insertIdFor(rows, table), status, warnings, info }
  }

  /** Handles the user's own RETURNING; undefined: it did not include the keys. */
  userReturned(keys: readonly Json[] | undefined, status: number): void {
    const plan = this.#plan
    if (!plan) return
    if (keys && this.#insert.verb === 'INSERT' && !this.#insert.updates)
      this.#created(keys, plan.table, status, 'not-a-creation')
    else {
      this.#noteReplaced(plan, Number.POSITIVE_INFINITY)
      this.#record({ affected: plan.keys?.length ?? 1, insertId: 0n, status, warnings: 0, info: '' })
    }
  }

  /** The server rejected the statement. */
  rejected(): void {
    const table = this.table
    if (table && !table.transactional && (this.#insert.rows?.length ?? 2) > 1)
      this.#warn(`Rows of ${readableTable(table)} may have come before the error`)
    else this.#pending?.none('rejected')
    this.#pending = undefined
  }

  #created(given: readonly Json[], table: Table, status: number, reason: 'not-a-creation'): void {
    const { store, transaction } = this.#capture
    const [session, pending] = [this.#session, this.#pending]
    this.#pending = undefined
    if (!pending || !session || !store) return
    const findable = given.filter((key) => canBeFound(table, key))
    if (findable.length < given.length) this.#warn(unknownDay(table))
    const keys = this.#withoutDoubtful(findable, table, store)
    if (keys.length === 0) {
      pending.none(reason)
      return
    }
    noteRecorded(store, table, session.database)
    const tx = (status & inTransaction) !== 0 && table.transactional ? transaction.forChange('created') : undefined
    const shape = this.#shape ?? shapeOf(table, session.database, this.#markOf(table))
    pending.created([{ ...shape, keys }], tx)
  }

  /** Leaves out rows whose key belonged to a removed row: they may be restored old rows. */
  #withoutDoubtful(keys: readonly Json[], table: Table, store: StoreSeen): readonly Json[] {
    if (!hasDoubts(store, table) || !this.#plan || !givesKeys(this.#plan)) return keys
    const certain = keys.filter((key) => !isDoubtful(store, table, key))
    if (certain.length < keys.length) this.#warn(mayBeOldRow(table))
    return certain
  }

  /** Rows that collided in another unique key were deleted, and their own keys are unknown. */
  #noteReplaced(plan: InsertPlan, affected: number): void {
    const { insert, table } = plan
    if (insert.verb !== 'REPLACE' || !table.hasOtherKeys) return
    const { store, sink } = this.#capture
    const rows = insert.rows?.length ?? 0
    const areOnRecord = keysWritten(plan)?.every((key) => store && isOnRecord(sink, store, table, key))
    const replacedByKey = areOnRecord ? rows : rows === 1 && this.#existing === 'some' ? 1 : 0
    if (store && affected > rows + replacedByKey) noteDoubt(store, table, 'all')
  }

  #markOf(table: Table): Mark | undefined {
    return this.#isMarked ? markOf(this.#insert, table, this.#capture) : undefined
  }

  /** Deduplicated by text: another table or reason gets its own warning. */
  #warn(what: string): void {
    this.#capture.sink.warn('DUSTPAN_SQL_UNATTRIBUTED', what, `${what}: track() them, or use INSERT`)
  }

  /** The first generated number; if none was generated, that of the last row. */
  #insertIdFor(rows: readonly Row[], table: Table): bigint {
    const hasCounter = [...table.columns.values()].some(({ autoIncrement }) => autoIncrement)
    if (!hasCounter || rows.length === 0) return 0n
    const generatedAt = this.#plan?.keys?.findIndex((parts) => parts.includes('generated')) ?? 0
    const row = generatedAt >= 0 ? rows[Math.min(generatedAt, rows.length - 1)] : rows.at(-1)
    return BigInt(row?.at(-1) ?? 0)
  }
}

/** Whether an earlier statement of the same text may select another table than was looked up, or create the missing one. */
function isUnknowable(earlier: readonly Statement[], table: Table | undefined): boolean {
  return earlier.some((one) => {
    if (one.kind === 'session') return one.alters && (table !== undefined || !one.temporary)
    return one.kind === 'schema' && table === undefined
  })
}

const recodes = (one: Statement): boolean => one.kind === 'session' && one.recodes === true

/** Whether Dustpan's own session can find the row: it accepts only dates that are in the calendar. */
function canBeFound({ key }: Table, value: Json): boolean {
  const parts = [value].flat()
  return key.every((column, at) => !days.has(column.type) || fittingText(column, String(parts[at])) !== null)
}

const days = new Set(['date', 'datetime'])

const unknownDay = (table: Table): string =>
  `Rows of ${readableTable(table)} are not tracked where a day in their key is in no calendar`

const afterUnknowable = (table: string): string =>
  `Rows of ${table} are not tracked after a change of the session or its tables in the same text, or since the statement was prepared`

const inXa = (table: string): string => `Rows of ${table} are not tracked in an XA transaction`

const mayBeOldRow = (table: Table): string =>
  `Rows of ${readableTable(table)} may be what was taken before by a DELETE, TRUNCATE or the like, which did not tell its keys`
