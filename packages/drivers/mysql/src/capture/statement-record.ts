import type { CaptureSink, CreatedShape, Json, PendingCreate, StoreSeen } from '@dustpan/core/driver'
import { readableTable, typeOf } from '../names.ts'
import { keyFrom } from '../removal/statement-parts.ts'
import type { Row, Session } from '../session.ts'
import type { Table } from '../tables.ts'
import type { ConnectionCapture, Questions } from './connection-capture.ts'
import { hasDoubts, isDoubtful, noteDoubt } from './doubtful-keys.ts'
import { type Mark, type Marks, markOf, mayMark } from './marked-rows.ts'
import { givesKeys, type InsertPlan, madeBy, planInsert } from './plan-insert.ts'
import { hasRecorded, isRecorded, noteRecorded, shapeOf } from './recorded-rows.ts'
import { type Found, findsRows } from './replaced-rows.ts'
import { RowChanges } from './row-changes.ts'
import { type Done, inTransaction } from './server-answer.ts'
import type { Insert, Statement } from './statement.ts'
import { forgetFacts } from './table-facts.ts'

export interface Circumstances {
  readonly begin: CaptureSink['begin'] | undefined
  readonly text: string
  readonly parameters: readonly unknown[]
  /** What stands before it in the same text, and is done after its table is asked about. */
  readonly earlier: readonly Statement[]
  /** RETURNING may be added. */
  readonly mayReturn: boolean
  readonly marks: Marks
}

/** One statement of a query: announced before it is sent, recorded when the server has done it. */
export class StatementRecord {
  readonly statement: Statement
  readonly #capture: ConnectionCapture
  readonly #circumstances: Circumstances
  #plan: InsertPlan | undefined
  readonly #changes: RowChanges | undefined
  #pending: PendingCreate | undefined
  #session: Session | undefined
  #shape: CreatedShape | undefined
  #isUnknowable = false
  #isMarked = false
  #found: Found = 'none'
  /** Looked up before they are gone. */
  readonly #emptied: Table[] = []

  constructor(statement: Statement, capture: ConnectionCapture, circumstances: Circumstances) {
    this.statement = statement
    this.#capture = capture
    this.#circumstances = circumstances
    if (statement.kind === 'delete' || statement.kind === 'update')
      this.#changes = new RowChanges(statement, capture, {
        ...circumstances,
        isInTest: circumstances.begin !== undefined,
      })
  }

  /** What has to be known before it is sent; then it is announced. */
  *prepare(): Questions<void> {
    const { statement } = this
    if (statement.kind === 'insert') yield* this.#prepareInsert(statement)
    if (this.#changes) yield* this.#changes.prepare()
    if (statement.kind === 'emptied' && (this.#isTruncation || hasRecorded(this.#capture.store))) {
      for (const reference of statement.tables) {
        const table = yield* this.#capture.table(reference)
        if (table) this.#emptied.push(table)
      }
    }
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
    if (this.#plan) return this.#pending && this.#plan.returning
    return this.#changes?.returning
  }

  /** The server has done it, and what it answered. */
  done(done: Done): void {
    const { statement } = this
    if (statement.kind === 'insert') this.#inserted(done)
    else if (this.#changes) this.#changes.done(done)
    else if (statement.kind === 'opaque' && (statement.form !== 'LOAD DATA' || done.affected > 0))
      this.#warnOpaque(statement)
    this.#noteSession()
    this.settle(done.status)
    for (const table of this.#emptied) this.#emptiedAll(table)
  }

  /** The rows that RETURNING gave, ours, and what the server would have answered without it. */
  returned(rows: readonly Row[], status: number, warnings: number): Done {
    const { statement } = this
    const done = { affected: rows.length, insertId: 0n, status, warnings, info: '' }
    const table = (this.#plan?.table ?? this.#changes?.table) as Table
    const keys = rows.map((row) => keyFrom(table.key, row))
    if (this.#changes) {
      this.#changes.told(keys, status)
      this.settle(status)
      return done
    }
    const isTold = (statement as Insert).rows
    this.#created(keys, table, status, 'not-a-creation')
    this.settle(status)
    const tried = isTold?.length ?? rows.length
    const info =
      tried === 1 && isTold && warnings === 0
        ? ''
        : `Records: ${tried}  Duplicates: ${tried - rows.length}  Warnings: ${warnings}`
    return { ...done, insertId: this.#toldId(rows, table), info }
  }

  /** The user's own RETURNING. `columns`: what its columns are called. */
  gave(columns: readonly string[], rows: readonly (readonly unknown[])[] | undefined, status: number): void {
    const { statement } = this
    const table = this.#plan?.table ?? this.#changes?.table
    const places = table?.key.map(({ name }) => columns.indexOf(name)) ?? [-1]
    const texts = rows?.map((row) => places.map((place) => textOf(row[place])))
    const isKnown =
      places.every((place) => place >= 0) && texts?.every((row) => row.every((text) => text !== undefined))
    if (statement.kind === 'insert' && this.#plan) {
      const { keys } = this.#plan
      if (isKnown && texts && statement.verb === 'INSERT' && !statement.updates)
        this.#created(
          texts.map((row) => keyFrom(this.#plan?.table.key ?? [], row as string[])),
          this.#plan.table,
          status,
          'not-a-creation',
        )
      else this.#inserted({ affected: keys?.length ?? 1, insertId: 0n, status, warnings: 0, info: '' })
    } else if (this.#changes && table) {
      if (isKnown && texts)
        this.#changes.told(
          texts.map((row) => keyFrom(table.key, row as string[])),
          status,
        )
      else this.#changes.done({ affected: rows?.length ?? Number.NaN, status })
    } else if (statement.kind === 'opaque') this.#warnOpaque(statement)
    this.settle(status)
  }

  /** The server did not do it. */
  rejected(): void {
    const { kind } = this.statement
    const table = this.#plan?.table
    if (table && !table.transactional && (this.#plan?.insert.rows?.length ?? 2) > 1)
      this.#warn(`Rows of ${table.table} may have come before the error`)
    else this.#pending?.none('rejected')
    this.#pending = undefined
    if (committing.has(kind) && kind !== 'commit') this.#capture.transaction.settle('committed')
    this.#noteSession()
  }

  settle(status: number): void {
    const { transaction } = this.#capture
    const { statement } = this
    switch (statement.kind) {
      case 'begin':
      case 'commit':
      case 'rollback':
      case 'savepoint':
      case 'release':
      case 'rollback-to':
        transaction.control(statement)
        this.#capture.status = status
        return
    }
    const commits = committing.has(statement.kind) && !statement.temporary
    const autocommits = statement.kind === 'session' && statement.autocommits && (status & inTransaction) === 0
    if (commits || autocommits) transaction.settle('committed')
    this.#capture.answered(status)
  }

  *#prepareInsert(statement: Insert): Questions<void> {
    const { begin, parameters, mayReturn } = this.#circumstances
    if (!begin) return
    const table = yield* this.#capture.table(statement.table)
    this.#isUnknowable = isUnknowable(this.#circumstances.earlier, table)
    if (this.#isUnknowable) return
    const { session, store, sink } = this.#capture
    this.#session = session
    if (!table || !session || !store || this.#capture.ignores(store, table, session.database)) return
    this.#plan = planInsert(statement, table, { session, parameters, mayReturn: mayReturn && this.#capture.mayReturn })
    const via = `${statement.verb} INTO ${readableTable({ table: table.table, schema: table.schema === session.database ? null : table.schema })}`
    if (statement.verb === 'REPLACE') this.#found = yield* findsRows(this.#plan, this.#capture.isInTransaction)
    if (sink.marker && mayMark(this.#plan, this.#circumstances.marks, this.#capture)) yield* this.#capture.marked(table)
    this.#isMarked = this.#capture.isMarked
    const run = this.#markOf(table)?.run
    this.#pending = begin({
      ...{ kind: '@dustpan/mysql', store, type: typeOf(table, session.database), via, session: session.thread },
      ...(run === undefined ? {} : { marker: run }),
    })
  }

  #inserted(done: Done): void {
    const { statement } = this
    if (this.#isUnknowable && statement.kind === 'insert' && done.affected > 0)
      this.#warn(
        `Rows of ${statement.table.table} are not tracked after what changes the session or its tables in the same text`,
      )
    const plan = this.#plan
    if (!plan || !this.#session || !this.#pending) return
    const made = madeBy(plan, done, this.#session, this.#capture.foundRows, this.#found)
    if ('keys' in made) this.#created(made.keys, plan.table, done.status, 'not-a-creation')
    else if ('none' in made) this.#pending.none(made.none)
    else {
      this.#capture.sink.warn(made.why.code, plan.table.table, made.why.message)
      // Rows with the run's mark are found by it as long as their creation is not known to have ended.
      if (!this.#markOf(plan.table)) this.#pending.none('not-a-creation')
    }
    this.#pending = undefined
  }

  #created(given: readonly Json[], table: Table, status: number, otherwise: 'not-a-creation'): void {
    const { store, transaction } = this.#capture
    const [session, pending] = [this.#session, this.#pending]
    this.#pending = undefined
    if (!pending || !session || !store) return
    const keys = this.#withoutDoubtful(given, table, store)
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
    if (sure.length < keys.length)
      this.#warn(
        `Rows of ${table.table} may be what a DELETE or TRUNCATE took before, which did not tell its keys`,
        `${table.table}`,
      )
    return sure
  }

  #markOf(table: Table): Mark | undefined {
    return this.#isMarked ? markOf(this.statement, table, this.#capture) : undefined
  }

  #emptiedAll(table: Table): void {
    const { store, session, sink } = this.#capture
    if (!store || !session) return
    if (isRecorded(store, table)) sink.gone(store, typeOf(table, session.database), 'all')
    if (this.#isTruncation) noteDoubt(store, table, 'all')
  }

  /** In a test. What is in a table that was dropped and made again was never there. */
  get #isTruncation(): boolean {
    const { statement } = this
    return statement.kind === 'emptied' && !statement.dropped && this.#circumstances.begin !== undefined
  }

  #noteSession(): void {
    const { statement } = this
    if (statement.kind === 'session') this.#capture.sessionChanged()
    if (!changesTables.has(statement.kind)) return
    forgetFacts()
    this.#capture.tablesChanged()
  }

  #warnOpaque({ form, table }: Extract<Statement, { kind: 'opaque' }>): void {
    if (!this.#circumstances.begin) return
    const into = table ? ` into ${table.table}` : ''
    this.#warn(`Rows that ${form} writes${into} are not tracked`, form)
  }

  #warn(what: string, subject = what): void {
    this.#capture.sink.warn('DUSTPAN_SQL_UNATTRIBUTED', subject, `${what}: track() them, or use INSERT`)
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

const changesTables: ReadonlySet<string> = new Set(['schema', 'emptied', 'opaque'])

/** What stands before in the same text may lead to another table than was asked about, or make the one that is not there. */
function isUnknowable(earlier: readonly Statement[], table: Table | undefined): boolean {
  return earlier.some((one) => {
    if (one.kind === 'session') return one.alters && (table !== undefined || !one.temporary)
    return one.kind === 'schema' && table === undefined
  })
}

/** What commits the open transaction, whatever comes of it. */
const committing: ReadonlySet<string> = new Set(['schema', 'emptied', 'begin', 'commit'])

function textOf(value: unknown): string | null | undefined {
  if (Buffer.isBuffer(value)) return `0x${value.toString('hex')}`
  if (value === null || typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined
}
