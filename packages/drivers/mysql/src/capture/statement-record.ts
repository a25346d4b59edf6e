import type { CaptureSink } from '@dustpan/core/driver'
import { readableTable } from '../names.ts'
import type { Row } from '../session.ts'
import { isXa, mayCommit, type Statement } from '../sql/statement.ts'
import type { Table } from '../tables.ts'
import type { ConnectionCapture, Queries } from './connection-capture.ts'
import { EmptiedTables } from './emptied-tables.ts'
import { InsertedRows } from './inserted-rows.ts'
import { keyFromRow } from './key-columns.ts'
import type { Marks } from './marked-rows.ts'
import { MovedKeys } from './moved-keys.ts'
import { hasRecorded } from './recorded-rows.ts'
import type { ReturnedRows } from './returned-rows.ts'
import { RowChanges } from './row-changes.ts'
import { type Done, inTransaction, mayRollBack } from './server-answer.ts'
import { forgetFacts } from './table-facts.ts'
import { UnseenChanges } from './unseen-changes.ts'
import { noteUnseen } from './unseen-removals.ts'
import { noteWritten } from './written-columns.ts'

export interface Context {
  readonly begin: CaptureSink['begin'] | undefined
  readonly text: string
  readonly parameters: readonly unknown[]
  /** Earlier statements of the same text, which run after its table was looked up. */
  readonly earlier: readonly Statement[]
  /** RETURNING may be added. */
  readonly mayReturn: boolean
  readonly marks: Marks
}

/** Tracks one statement of a query: announces it before it is sent, records it when the server has executed it. */
export class StatementRecord {
  readonly statement: Statement
  readonly #capture: ConnectionCapture
  readonly #context: Context
  readonly #inserted: InsertedRows | undefined
  readonly #changes: RowChanges | undefined
  readonly #emptied: EmptiedTables | undefined
  readonly #moved: MovedKeys | undefined
  readonly #unseen: UnseenChanges
  #isAnswered = false

  constructor(statement: Statement, capture: ConnectionCapture, context: Context) {
    this.statement = statement
    this.#capture = capture
    this.#context = context
    if (statement.kind === 'emptied' || statement.kind === 'schema')
      this.#emptied = new EmptiedTables(statement, capture, context.earlier)
    this.#unseen = new UnseenChanges(statement, capture, context.earlier)
    if (statement.kind === 'insert') this.#inserted = new InsertedRows(statement, capture, context)
    if (statement.kind === 'update' || (statement.kind === 'insert' && statement.updates))
      this.#moved = new MovedKeys(statement, capture, {
        earlier: context.earlier,
        plan: () => this.#inserted?.plan,
      })
    if (statement.kind === 'delete' || statement.kind === 'update')
      this.#changes = new RowChanges(statement, capture, { ...context, isInTest: this.#isInTest })
  }

  /** Reads what must be known before the statement is sent, then announces it. */
  *prepare(): Queries<void> {
    const { earlier } = this.#context
    if (this.statement.kind === 'opaque' && this.#isInTest) yield* this.#capture.readSession()
    if (this.#inserted) yield* this.#inserted.prepare()
    if (this.#changes) yield* this.#changes.prepare()
    if (this.#emptied) yield* this.#emptied.prepare()
    if (this.#moved) yield* this.#moved.prepare()
    yield* this.#unseen.prepare()
    yield* noteUnseen(this.statement, this.#capture, { earlier, isInTest: this.#isInTest })
    if (this.#isInTest || hasRecorded(this.#capture.store)) noteWritten(this.statement)
  }

  /** The statement was sent: prepares what does not depend on the answer while the server is working. */
  sent(): void {
    this.#inserted?.sent()
  }

  /** The columns for an added RETURNING, if the statement is to be sent with one. */
  get returning(): readonly string[] | undefined {
    return this.#inserted?.returning ?? this.#changes?.returning
  }

  /** Handles the server's answer. */
  done(done: Done): void {
    this.#inserted?.done(done)
    this.#changes?.done(done)
    this.#moved?.done(done)
    this.#warnOpaque(done.affected)
    this.settle(done.status)
    this.#emptied?.done()
  }

  /** Records the rows of an added RETURNING. Returns what the server would have answered without it. */
  returned(rows: readonly Row[], status: number, warnings: number): Done {
    const done = this.#inserted?.returned(rows, status, warnings) ?? {
      ...{ affected: rows.length, insertId: 0n, status, warnings, info: '' },
    }
    const key = (this.#changes?.table as Table | undefined)?.key ?? []
    this.#changes?.deleted(
      rows.map((row) => keyFromRow(key, row)),
      status,
    )
    this.settle(status)
    return done
  }

  /** Handles the rows of the user's own RETURNING. */
  userReturned(returnedRows: ReturnedRows, status: number): void {
    const table = this.#inserted?.table ?? this.#changes?.table
    const { session } = this.#capture
    const keys = table && session ? returnedRows.keysOf(table, session.repertoire.read) : undefined
    this.#inserted?.userReturned(keys, status)
    if (keys && this.#changes) this.#changes.deleted(keys, status)
    else this.#changes?.done({ affected: returnedRows.count, status })
    this.#moved?.done({ affected: returnedRows.count === 0 ? 0 : Number.POSITIVE_INFINITY, status })
    this.#warnOpaque(returnedRows.count)
    this.settle(status)
  }

  /** The server rejected the statement. */
  rejected(): void {
    this.#inserted?.rejected()
    this.#unseen.failed()
  }

  /** How the open transaction has ended if it is no longer open after this statement failed. */
  endedBy(errno: number): 'committed' | 'rolled-back' | 'unknown' {
    const { statement } = this
    if (committing.has(statement.kind) && statement.kind !== 'commit') return 'committed'
    return mayRollBack.has(errno) && !mayCommit(statement) ? 'rolled-back' : 'unknown'
  }

  settle(status: number): void {
    this.#isAnswered = true
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
        this.#capture.controlled(status)
        return
    }
    this.#unseen.done(status)
    const isOpen = (status & inTransaction) !== 0
    const commits = committing.has(statement.kind) && !statement.temporary && !isOpen
    const autocommits = statement.kind === 'session' && statement.autocommits && !isOpen
    const ends = statement.kind === 'schema' && statement.ends
    if (commits || autocommits || ends) transaction.settle('committed')
    this.#capture.answered(status)
    if (isXa(statement)) this.#capture.isDistributed = isOpen
    else if (ends) this.#capture.isDistributed = false
  }

  /** A procedure may return any number of results. */
  get answersOnce(): boolean {
    return answersOnce(this.statement)
  }

  get #isInTest(): boolean {
    return this.#context.begin !== undefined
  }

  /** Called when the whole text is done, including statements that answered in place of others. */
  ended(): void {
    const { statement } = this
    if (!this.#isAnswered && !this.#context.earlier.every(answersOnce)) this.#answeredByOther()
    if (changesSession(statement)) this.#capture.sessionChanged()
    else if (statement.kind === 'session' && statement.recodes) this.#capture.session = undefined
    if (!changesTables.has(statement.kind)) return
    forgetFacts()
    this.#capture.tablesChanged()
  }

  /** An earlier statement may have answered any number of times: whether this one changed rows is unknown. */
  #answeredByOther(): void {
    const { status } = this.#capture
    this.#changes?.done({ affected: Number.POSITIVE_INFINITY, status })
    this.#moved?.done({ affected: Number.POSITIVE_INFINITY, status })
    this.#unseen.done(status)
    this.#emptied?.done()
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

/** Settings made by a procedure or a block last for the session. */
function changesSession(statement: Statement): boolean {
  if (statement.kind === 'session') return statement.alters
  return statement.kind === 'opaque' && !keepsSession.has(statement.form)
}

function answersOnce(statement: Statement): boolean {
  return statement.kind !== 'opaque' || keepsSession.has(statement.form)
}

/** They run no procedure or block. */
const keepsSession: ReadonlySet<string> = new Set(['LOAD DATA', 'PREPARE', 'XA', 'CREATE TABLE … SELECT'])

const changesTables: ReadonlySet<string> = new Set(['schema', 'emptied', 'opaque'])

/** Statements that mostly commit the open transaction, even if they fail. */
const committing: ReadonlySet<string> = new Set(['schema', 'emptied', 'begin', 'commit'])
