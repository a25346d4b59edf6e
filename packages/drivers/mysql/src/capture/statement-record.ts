import type { CaptureSink } from '@dustpan/core/driver'
import { readableTable } from '../names.ts'
import { keyFrom } from '../removal/statement-parts.ts'
import type { Row } from '../session.ts'
import type { Table } from '../tables.ts'
import type { ConnectionCapture, Questions } from './connection-capture.ts'
import { EmptiedTables } from './emptied-tables.ts'
import { InsertedRows } from './inserted-rows.ts'
import type { Marks } from './marked-rows.ts'
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

  constructor(statement: Statement, capture: ConnectionCapture, circumstances: Circumstances) {
    this.statement = statement
    this.#capture = capture
    this.#circumstances = circumstances
    if (statement.kind === 'emptied' || statement.kind === 'schema')
      this.#emptied = new EmptiedTables(statement, capture)
    if (statement.kind === 'insert') this.#inserted = new InsertedRows(statement, capture, circumstances)
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
    this.#warnOpaque(done.affected)
    this.#noteSession()
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
      rows.map((row) => keyFrom(key, row)),
      status,
    )
    this.settle(status)
    return done
  }

  /** The user's own RETURNING. `columns`: what its columns are called. */
  gave(columns: readonly string[], rows: readonly (readonly unknown[])[] | undefined, status: number): void {
    const keys = this.#keysIn(columns, rows)
    this.#inserted?.gave(keys, status)
    if (this.#changes?.table) {
      if (keys) this.#changes.told(keys, status)
      else this.#changes.done({ affected: rows?.length ?? Number.NaN, status })
    }
    this.#warnOpaque(rows?.length ?? 1)
    this.settle(status)
  }

  /** The server did not do it. */
  rejected(): void {
    const { kind } = this.statement
    this.#inserted?.rejected()
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

  get #isInTest(): boolean {
    return this.#circumstances.begin !== undefined
  }

  /** Undefined: the key is not among the columns. */
  #keysIn(columns: readonly string[], rows: readonly (readonly unknown[])[] | undefined) {
    const key = (this.#inserted?.table ?? this.#changes?.table)?.key
    if (!key || !rows) return undefined
    const places = key.map(({ name }) => columns.indexOf(name))
    const texts = rows.map((row) => places.map((place) => (place < 0 ? undefined : textOf(row[place]))))
    if (places.includes(-1) || texts.some((row) => row.includes(undefined))) return undefined
    return texts.map((row) => keyFrom(key, row as (string | null)[]))
  }

  #noteSession(): void {
    const { statement } = this
    if (statement.kind === 'session') this.#capture.sessionChanged()
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

const changesTables: ReadonlySet<string> = new Set(['schema', 'emptied', 'opaque'])

/** What commits the open transaction, whatever comes of it. */
const committing: ReadonlySet<string> = new Set(['schema', 'emptied', 'begin', 'commit'])

function textOf(value: unknown): string | null | undefined {
  if (Buffer.isBuffer(value)) return `0x${value.toString('hex')}`
  if (value === null || typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined
}
