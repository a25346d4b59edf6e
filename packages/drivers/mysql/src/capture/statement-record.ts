import type { CaptureSink } from '@dustpan/core/driver'
import { readableTable } from '../names.ts'
import type { Row } from '../session.ts'
import type { Table } from '../tables.ts'
import type { ConnectionCapture, Questions } from './connection-capture.ts'
import { EmptiedTables } from './emptied-tables.ts'
import type { GivenRows } from './given-rows.ts'
import { InsertedRows } from './inserted-rows.ts'
import { keyAnswered } from './key-columns.ts'
import type { Marks } from './marked-rows.ts'
import { MovedKeys } from './moved-keys.ts'
import { hasRecorded } from './recorded-rows.ts'
import { RowChanges } from './row-changes.ts'
import { type Done, inTransaction } from './server-answer.ts'
import type { Statement } from './statement.ts'
import { forgetFacts } from './table-facts.ts'
import { noteUnseen } from './unseen-removals.ts'
import { noteWritten } from './written-columns.ts'

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
  readonly #inserted: InsertedRows | undefined
  readonly #changes: RowChanges | undefined
  readonly #emptied: EmptiedTables | undefined
  readonly #moved: MovedKeys | undefined

  constructor(statement: Statement, capture: ConnectionCapture, circumstances: Circumstances) {
    this.statement = statement
    this.#capture = capture
    this.#circumstances = circumstances
    if (statement.kind === 'emptied' || statement.kind === 'schema')
      this.#emptied = new EmptiedTables(statement, capture)
    if (statement.kind === 'insert') this.#inserted = new InsertedRows(statement, capture, circumstances)
    if (statement.kind === 'update' || (statement.kind === 'insert' && statement.updates))
      this.#moved = new MovedKeys(statement, capture, () => this.#inserted?.plan)
    if (statement.kind === 'delete' || statement.kind === 'update')
      this.#changes = new RowChanges(statement, capture, { ...circumstances, isInTest: this.#isInTest })
  }

  /** What has to be known before it is sent; then it is announced. */
  *prepare(): Questions<void> {
    const { earlier } = this.#circumstances
    if (this.statement.kind === 'opaque' && this.#isInTest) yield* this.#capture.introduced()
    if (this.#inserted) yield* this.#inserted.prepare()
    if (this.#changes) yield* this.#changes.prepare()
    if (this.#emptied) yield* this.#emptied.prepare()
    if (this.#moved) yield* this.#moved.prepare()
    yield* noteUnseen(this.statement, this.#capture, { earlier, isInTest: this.#isInTest })
    if (this.#isInTest || hasRecorded(this.#capture.store)) noteWritten(this.statement)
  }

  /** The server has it now, and is busy: what need not wait for its answer is done meanwhile. */
  sent(): void {
    this.#inserted?.sent()
  }

  /** What RETURNING is to give, where the statement is to be sent with it. */
  get returning(): readonly string[] | undefined {
    return this.#inserted?.returning ?? this.#changes?.returning
  }

  /** The server has done it, and what it answered. */
  done(done: Done): void {
    this.#inserted?.done(done)
    this.#changes?.done(done)
    this.#moved?.done(done)
    this.#warnOpaque(done.affected)
    this.settle(done.status)
    this.#emptied?.done()
  }

  /** The rows that RETURNING gave, ours, and what the server would have answered without it. */
  returned(rows: readonly Row[], status: number, warnings: number): Done {
    const done = this.#inserted?.returned(rows, status, warnings) ?? {
      ...{ affected: rows.length, insertId: 0n, status, warnings, info: '' },
    }
    const key = (this.#changes?.table as Table | undefined)?.key ?? []
    this.#changes?.told(
      rows.map((row) => keyAnswered(key, row)),
      status,
    )
    this.settle(status)
    return done
  }

  /** The user's own RETURNING. */
  gave(given: GivenRows, status: number): void {
    const table = this.#inserted?.table ?? this.#changes?.table
    const { session } = this.#capture
    const keys = table && session ? given.keysOf(table, session.letters.read) : undefined
    this.#inserted?.gave(keys, status)
    if (this.#changes?.table) {
      if (keys) this.#changes.told(keys, status)
      else this.#changes.done({ affected: given.count, status })
    }
    this.#moved?.done({ affected: given.count === 0 ? 0 : Number.POSITIVE_INFINITY, status })
    this.#warnOpaque(given.count)
    this.settle(status)
  }

  /** The server did not do it. */
  rejected(): void {
    const { kind } = this.statement
    this.#inserted?.rejected()
    if (committing.has(kind) && kind !== 'commit') this.#capture.transaction.settle('committed')
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

  /** A procedure gives any number of results. */
  get answersOnce(): boolean {
    return this.statement.kind !== 'opaque'
  }

  get #isInTest(): boolean {
    return this.#circumstances.begin !== undefined
  }

  /** All of its text is over, also what answered in the place of others. */
  ended(): void {
    const { statement } = this
    if (changesSession(statement)) this.#capture.sessionChanged()
    else if (statement.kind === 'session' && statement.recodes) this.#capture.session = undefined
    if (!changesTables.has(statement.kind)) return
    forgetFacts()
    this.#capture.tablesChanged()
  }

  #warnOpaque(affected: number): void {
    const { statement } = this
    if (statement.kind !== 'opaque' || !this.#isInTest) return
    const { form, table } = statement
    if (form === 'LOAD DATA' && affected === 0) return
    const database = this.#capture.session?.database ?? ''
    const into = table ? ` into ${readableTable({ schema: database, ...table })}` : ''
    const what = `Rows that ${form} writes${into} are not tracked`
    this.#capture.sink.warn('DUSTPAN_SQL_UNATTRIBUTED', `${database}: ${what}`, `${what}: track() them, or use INSERT`)
  }
}

/** What a procedure or a block sets is set for the session. */
function changesSession(statement: Statement): boolean {
  if (statement.kind === 'session') return statement.alters
  return statement.kind === 'opaque' && !keepsSession.has(statement.form)
}

const keepsSession: ReadonlySet<string> = new Set(['LOAD DATA', 'PREPARE', 'XA', 'CREATE TABLE … SELECT'])

const changesTables: ReadonlySet<string> = new Set(['schema', 'emptied', 'opaque'])

/** What commits the open transaction, whatever comes of it. */
const committing: ReadonlySet<string> = new Set(['schema', 'emptied', 'begin', 'commit'])
