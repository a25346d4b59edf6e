/** What an INSERT or REPLACE made: announced before it is sent, recorded when the server has done it. */
import type { CreatedShape, Json, PendingCreate, StoreSeen } from '@dustpan/core/driver'
import { readableTable, typeOf } from '../names.ts'
import { fittingText } from '../removal/fitting-text.ts'
import type { Row, Session } from '../session.ts'
import type { Table } from '../tables.ts'
import type { ConnectionCapture, Questions } from './connection-capture.ts'
import { hasDoubts, isDoubtful, noteDoubt } from './doubtful-keys.ts'
import { keyAnswered } from './key-columns.ts'
import { type Mark, markOf, mayMark } from './marked-rows.ts'
import { givesKeys, type InsertPlan, keysWritten, madeBy, planInsert } from './plan-insert.ts'
import { noteRecorded, shapeOf } from './recorded-rows.ts'
import { type Found, findsRows } from './replaced-rows.ts'
import { type Done, inTransaction } from './server-answer.ts'
import type { Insert, Statement } from './statement.ts'
import type { Circumstances } from './statement-record.ts'

export class InsertedRows {
  readonly #insert: Insert & Statement
  readonly #capture: ConnectionCapture
  readonly #circumstances: Circumstances
  #plan: InsertPlan | undefined
  #pending: PendingCreate | undefined
  #session: Session | undefined
  #shape: CreatedShape | undefined
  #isUnknowable = false
  #isMarked = false
  #found: Found = 'none'

  constructor(insert: Insert & Statement, capture: ConnectionCapture, circumstances: Circumstances) {
    this.#insert = insert
    this.#capture = capture
    this.#circumstances = circumstances
  }

  get table(): Table | undefined {
    return this.#plan?.table
  }

  get plan(): InsertPlan | undefined {
    return this.#plan
  }

  *prepare(): Questions<void> {
    const statement = this.#insert
    const { begin, parameters, mayReturn } = this.#circumstances
    if (!begin) return
    const table = yield* this.#capture.table(statement.table)
    this.#isUnknowable = isUnknowable(this.#circumstances.earlier, table)
    if (this.#isUnknowable) return
    const { session, store, sink } = this.#capture
    this.#session = session
    if (!table || !session || !store || this.#capture.ignores(store, table, session.database)) return
    this.#plan = planInsert(statement, table, {
      ...{ session, parameters, mayReturn: mayReturn && this.#capture.mayReturn },
      letters: this.#circumstances.earlier.some(recodes) ? 'ascii' : this.#capture.letters,
    })
    const via = `${statement.verb} INTO ${readableTable({ table: table.table, schema: table.schema === session.database ? null : table.schema })}`
    if (statement.verb === 'REPLACE') this.#found = yield* this.#finds(this.#plan)
    if (sink.marker && mayMark(this.#plan, this.#circumstances.marks, this.#capture)) yield* this.#capture.marked(table)
    this.#isMarked = this.#capture.isMarked
    const run = this.#markOf(table)?.run
    this.#pending = begin({
      ...{ kind: '@dustpan/mysql', store, type: typeOf(table, session.database), via, session: session.thread },
      ...(run === undefined ? {} : { marker: run }),
    })
  }

  /** A row on record is there. */
  *#finds(plan: InsertPlan): Questions<Found> {
    const { store, session, sink, isInTransaction } = this.#capture
    const [key, another] = keysWritten(plan) ?? []
    const isOnly = key !== undefined && another === undefined && store !== undefined
    const isOurs = isOnly && sink.onRecord(store, typeOf(plan.table, session?.database ?? ''), key) !== undefined
    return isOurs ? 'some' : yield* findsRows(plan, isInTransaction)
  }

  /** The server has it now, and is busy: what need not wait for its answer is done meanwhile. */
  sent(): void {
    const [plan, session] = [this.#plan, this.#session]
    if (!plan || !session || !this.#pending || plan.why) return
    this.#shape = shapeOf(plan.table, session.database, this.#markOf(plan.table))
    this.#pending.expect(this.#shape)
  }

  /** What RETURNING is to give, where the statement is to be sent with it. */
  get returning(): readonly string[] | undefined {
    return this.#pending && this.#plan?.returning
  }

  done(done: Done): void {
    if (this.#isUnknowable && done.affected > 0) this.#warn(behindOthers(readableTable(this.#insert.table)))
    const plan = this.#plan
    if (plan) this.#noteReplaced(plan, done.affected)
    this.#told(done)
  }

  #told(done: Done): void {
    const plan = this.#plan
    if (!plan || !this.#session || !this.#pending) return
    const made = madeBy(plan, done, this.#session, this.#capture.foundRows, this.#found)
    if ('keys' in made) this.#created(made.keys, plan.table, done.status, 'not-a-creation')
    else if ('none' in made) this.#pending.none(made.none)
    else {
      const { code, message } = made.why
      this.#capture.sink.warn(code, message, message)
      // Rows with the run's mark are found by it as long as their creation is not known to have ended.
      if (!this.#markOf(plan.table)) this.#pending.none('not-a-creation')
    }
    this.#pending = undefined
  }

  /** The keys that RETURNING gave, ours. What the server would have answered without it. */
  returned(rows: readonly Row[], status: number, warnings: number): Done {
    const table = this.table as Table
    this.#created(
      rows.map((row) => keyAnswered(table.key, row)),
      table,
      status,
      'not-a-creation',
    )
    const isTold = this.#insert.rows
    const tried = isTold?.length ?? rows.length
    const info =
      tried === 1 && isTold && warnings === 0
        ? ''
        : `Records: ${tried}  Duplicates: ${tried - rows.length}  Warnings: ${warnings}`
    return { affected: rows.length, insertId: this.#toldId(rows, table), status, warnings, info }
  }

  /** The user's own RETURNING; undefined: it gave no keys. */
  gave(keys: readonly Json[] | undefined, status: number): void {
    const plan = this.#plan
    if (!plan) return
    if (keys && this.#insert.verb === 'INSERT' && !this.#insert.updates)
      this.#created(keys, plan.table, status, 'not-a-creation')
    else {
      this.#noteReplaced(plan, Number.POSITIVE_INFINITY)
      this.#told({ affected: plan.keys?.length ?? 1, insertId: 0n, status, warnings: 0, info: '' })
    }
  }

  /** The server did not do it. */
  rejected(): void {
    const table = this.table
    if (table && !table.transactional && (this.#insert.rows?.length ?? 2) > 1)
      this.#warn(`Rows of ${readableTable(table)} may have come before the error`)
    else this.#pending?.none('rejected')
    this.#pending = undefined
  }

  #created(given: readonly Json[], table: Table, status: number, otherwise: 'not-a-creation'): void {
    const { store, transaction } = this.#capture
    const [session, pending] = [this.#session, this.#pending]
    this.#pending = undefined
    if (!pending || !session || !store) return
    const there = given.filter((key) => canBeFound(table, key))
    if (there.length < given.length) this.#warn(unknownDay(table))
    const keys = this.#withoutDoubtful(there, table, store)
    if (keys.length === 0) {
      pending.none(otherwise)
      return
    }
    noteRecorded(store, table)
    const tx = (status & inTransaction) !== 0 && table.transactional ? transaction.told('created') : undefined
    const shape = this.#shape ?? shapeOf(table, session.database, this.#markOf(table))
    pending.created([{ ...shape, keys }], tx)
  }

  /** A row under a key that was taken before is perhaps what was there. */
  #withoutDoubtful(keys: readonly Json[], table: Table, store: StoreSeen): readonly Json[] {
    if (!hasDoubts(store, table) || !this.#plan || !givesKeys(this.#plan)) return keys
    const sure = keys.filter((key) => !isDoubtful(store, table, key))
    if (sure.length < keys.length) this.#warn(takenBefore(table))
    return sure
  }

  /** Rows that had another unique key in common are gone, and nobody tells by which key of their own. */
  #noteReplaced(plan: InsertPlan, affected: number): void {
    const { insert, table } = plan
    if (insert.verb !== 'REPLACE' || !table.hasOtherKeys) return
    const { store, session, sink } = this.#capture
    const rows = insert.rows?.length ?? 0
    const type = typeOf(table, session?.database ?? '')
    const areOurs = keysWritten(plan)?.every((key) => store && sink.onRecord(store, type, key) !== undefined)
    const byTheirKeys = areOurs ? rows : rows === 1 && this.#found === 'some' ? 1 : 0
    if (store && affected > rows + byTheirKeys) noteDoubt(store, table, 'all')
  }

  #markOf(table: Table): Mark | undefined {
    return this.#isMarked ? markOf(this.#insert, table, this.#capture) : undefined
  }

  /** The same of another table, or for another reason, is told as well. */
  #warn(what: string): void {
    this.#capture.sink.warn('DUSTPAN_SQL_UNATTRIBUTED', what, `${what}: track() them, or use INSERT`)
  }

  /** The first number that was made up; without one, that of the last row. */
  #toldId(rows: readonly Row[], table: Table): bigint {
    const hasCounter = [...table.columns.values()].some(({ autoIncrement }) => autoIncrement)
    if (!hasCounter || rows.length === 0) return 0n
    const made = this.#plan?.keys?.findIndex((parts) => parts.includes('generated')) ?? 0
    const row = made >= 0 ? rows[Math.min(made, rows.length - 1)] : rows.at(-1)
    return BigInt(row?.at(-1) ?? 0)
  }
}

/** What stands before in the same text may lead to another table than was asked about, or make the one that is not there. */
function isUnknowable(earlier: readonly Statement[], table: Table | undefined): boolean {
  return earlier.some((one) => {
    if (one.kind === 'session') return one.alters && (table !== undefined || !one.temporary)
    return one.kind === 'schema' && table === undefined
  })
}

const recodes = (one: Statement): boolean => one.kind === 'session' && one.recodes === true

/** By a session of ours, to which a day that is in no calendar is none. */
function canBeFound({ key }: Table, value: Json): boolean {
  const parts = [value].flat()
  return key.every((column, at) => !days.has(column.type) || fittingText(column, String(parts[at])) !== null)
}

const days = new Set(['date', 'datetime'])

const unknownDay = (table: Table): string =>
  `Rows of ${readableTable(table)} are not tracked where a day in their key is in no calendar`

const behindOthers = (table: string): string =>
  `Rows of ${table} are not tracked after what changes the session or its tables in the same text`

const takenBefore = (table: Table): string =>
  `Rows of ${readableTable(table)} may be what was taken before by a DELETE, TRUNCATE or the like, which did not tell its keys`
