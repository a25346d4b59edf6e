import type { PendingCreate, StoreSeen } from '@dustpan/core/driver'
import { cascadedNames, cascadedRows } from '../changes/cascaded-rows.ts'
import { deletedRows } from '../changes/deleted-rows.ts'
import { mayBeMoved, noteMade } from '../changes/made-tables.ts'
import { rekeyed, rekeyedRows } from '../changes/moved-keys.ts'
import { deletesRows, type StatementContext, UnknownDeletions } from '../changes/unknown-deletions.ts'
import { readableTable, typeOf } from '../names.ts'
import type { DataRow, RowDescription } from '../pg.ts'
import { dependsOnSession, sessionObstacle } from '../rewriting/key-style.ts'
import { type PlannedWrite, unattributed } from '../rewriting/plan-write.ts'
import type { Output } from '../rewriting/rewriting.ts'
import type { TableFacts } from '../rewriting/table-facts.ts'
import type { TableReference } from '../sql/statement.ts'
import { announce, type Begin } from './announce.ts'
import { announceCopy, type CopiedRows } from './copied-rows.ts'
import { OwnColumns } from './own-columns.ts'
import type { Question, SessionCapture } from './session-capture.ts'
import type { FollowUp, Step, Work } from './transactions.ts'
import {
  createdRows,
  type Doubt,
  hasKey,
  isNew,
  likelyShape,
  type OwnRow,
  type RecordContext,
  tableOf,
} from './written-rows.ts'

/** One statement of a query: announced before it is sent, recorded when the server has executed it. */
export class StatementRecord {
  readonly output: Output
  readonly #capture: SessionCapture
  readonly #own: OwnColumns | undefined
  readonly #pending: readonly (PendingCreate | undefined)[]
  readonly #copy: CopiedRows | undefined
  readonly #isTracked: boolean
  readonly #unknownDeletions: UnknownDeletions | undefined
  /** Created when the statement is sent; reads the rows that have arrived by the time it is recorded. */
  #works: readonly Work[] = []
  #tag = ''
  /** The questions that were asked. */
  readonly #asked = new Set<'copy' | 'cascade'>()
  #wasRefused = false
  /** Tables whose names turned out to mean other tables. */
  readonly #misplaced = new Set<string>()
  /** Writes with rows whose key cannot be read. */
  readonly #unreadable = new Set<number>()

  /** Without `begin` no scope is open: nothing is announced or warned of. */
  constructor(output: Output, capture: SessionCapture, begin: Begin | undefined, context: StatementContext) {
    this.output = output
    this.#capture = capture
    this.#own = output.strip && new OwnColumns(output.strip)
    this.#isTracked = begin !== undefined
    if (deletesRows(output.statement)) this.#unknownDeletions = new UnknownDeletions(output, capture, context)
    this.#pending = output.writes.map((write) => (begin ? announce(write, capture, begin) : undefined))
    const { copies } = output.statement
    this.#copy = begin && copies && announceCopy(copies, capture, begin, context.beforeCopy)
  }

  get commits(): boolean {
    return this.output.statement.transaction?.kind === 'commit'
  }

  /** Called when the statement was sent: does the work that need not wait for the answer. */
  sent(): void {
    for (const [index, pending] of this.#pending.entries()) {
      const facts = pending && this.output.writes[index]?.facts
      const shape = facts && likelyShape(facts)
      if (shape) pending.expect(shape)
    }
    this.#works = [...this.#writes(), ...this.#deletions()]
  }

  /** Whether it is COMMIT or PREPARE TRANSACTION: either rolls back when it fails. */
  get endsTransaction(): boolean {
    return this.commits || this.output.statement.transaction?.kind === 'prepare'
  }

  /** Strips our columns; whether the user gets the message. */
  stripDescription(message: RowDescription): boolean {
    return this.#own?.stripDescription(message) ?? true
  }

  stripRow(message: DataRow): boolean {
    return this.#own?.stripRow(message) ?? true
  }

  /** The effects of the completed statement. `message` gets the command tag that the user's own text would have had. */
  completed(message: { text: string }): readonly Step[] {
    if (this.#own) message.text = this.#own.tag(message.text)
    this.#tag = message.text
    this.#noteSession()
    this.#leaveUnreadable()
    if (this.#isTracked) this.#warn(message.text)
    const { transaction } = this.output.statement
    if (transaction) this.#capture.transactionEnded(endedKind(message.text, transaction.kind).kind ?? transaction.kind)
    if (transaction) return [{ ...transaction, ...endedKind(message.text, transaction.kind) }]
    return this.#works
  }

  /** The next question to ask after the statement; undefined when there are no more. */
  followUp(): FollowUp | undefined {
    return this.#once('copy', () => this.#afterCopy()) ?? this.#afterCascade() ?? this.#afterMisplaced()
  }

  #once(question: 'copy' | 'cascade', ask: () => FollowUp | undefined): FollowUp | undefined {
    if (this.#asked.has(question)) return undefined
    this.#asked.add(question)
    return ask()
  }

  /** The server rejected the statement. */
  rejected(): void {
    for (const pending of this.#pending) pending?.none('rejected')
    this.#copy?.rejected()
  }

  /** The row count in the command tag. */
  get #count(): number {
    return Number(/(\d+)$/.exec(this.#tag)?.[1] ?? 0)
  }

  #afterCopy(): FollowUp | undefined {
    const { store } = this.#capture
    return store && this.#copy?.followUp(this.#count, (...made) => this.#created(...made, this.#recordContext(store)))
  }

  /** postgres.js asks before the rows have arrived. */
  #afterCascade(): FollowUp | undefined {
    const { store, canAsk, status } = this.#capture
    if (!store || !canAsk || status === 'E' || this.#wasRefused || this.#asked.has('cascade')) return undefined
    const oids = this.output.writes.flatMap(({ write, facts, columns }, index) => {
      if (write.verb !== 'delete' || !columns || !facts || facts.cascades.length === 0) return []
      return this.#tag === '' || this.#own?.rowsOf(index).length ? facts.cascades : []
    })
    const names = cascadedNames(store, oids)
    if (names.length === 0) return undefined
    const question = this.#capture.factsQuestion(names)
    if (question) return this.#factsFirst(question)
    return this.#once('cascade', () => cascadedRows(oids, this.#capture, this.#recordContext(store)))
  }

  #factsFirst(question: Question): FollowUp {
    const steps = (answer: unknown) => {
      if (answer !== undefined) question.answered(answer)
      this.#wasRefused = answer === undefined
      return []
    }
    return { sql: question.sql, values: question.values as readonly string[], steps }
  }

  /**
   * Handles rows written to an unknown table, because the name of their table now means another one: asks for its facts, if
   * possible.
   */
  #afterMisplaced(): FollowUp | undefined {
    const { store, canAsk, status } = this.#capture
    if (!store || !canAsk || status === 'E' || this.#wasRefused) return undefined
    for (const [index, { write, facts, columns }] of this.output.writes.entries()) {
      const row = columns && this.#own?.rowsOf(index)[0]
      if (write.verb === 'update' || !facts || !row || tableOf(store, facts, row)) continue
      if (write.verb === 'insert' ? !this.#pending[index] : facts.inherited) continue
      this.#misplace(write.table)
      const question = this.#capture.factsQuestion([write.table])
      if (question) return this.#factsFirst(question)
    }
    return undefined
  }

  #misplace(table: TableReference): void {
    if (this.#misplaced.has(table.id)) return
    this.#misplaced.add(table.id)
    this.#capture.misplaced(table)
  }

  #recordContext(store: StoreSeen): RecordContext {
    return { store, sink: this.#capture.sink }
  }

  #writes(): readonly Work[] {
    const { store } = this.#capture
    if (!store) return []
    const context = this.#recordContext(store)
    const { rekeys = [] } = this.output.statement
    const works = this.output.writes.flatMap((planned, index) => this.#worksOf(planned, index, context))
    return [...rekeys.map((rekeying) => rekeyed(rekeying, this.#capture.table(rekeying.table)?.oid, context)), ...works]
  }

  #worksOf(planned: PlannedWrite, index: number, context: RecordContext): readonly Work[] {
    const { write, facts, columns } = planned
    const rows = this.#own?.rowsOf(index) ?? []
    const rekeys = write.assigned ? [rekeyedRows(planned, rows, () => this.#count, context)] : []
    if (!columns || !facts || write.verb === 'update') return rekeys
    if (write.verb === 'delete') return [deletedRows(facts, rows, context, () => !this.#unreadable.has(index))]
    const pending = this.#pending[index]
    return pending ? [...rekeys, this.#created(planned, facts, rows, pending, context)] : rekeys
  }

  #created(
    planned: PlannedWrite,
    facts: TableFacts,
    rows: OwnRow[],
    pending: PendingCreate,
    context: RecordContext,
  ): Work {
    const { sink } = context
    const warnOfDoubt = (doubt: Doubt) => {
      if (doubt === 'elsewhere') this.#misplace(planned.write.table)
      const { code, message } = unattributed(readableTable(facts), doubtReasons[doubt])
      sink.warn(code, `${doubt} ${typeOf(facts)}`, message)
    }
    const isMoved = mayBeMoved(this.#capture, facts, this.output.statement)
    return createdRows(planned, facts, rows, pending, context, { marker: sink.marker?.run, isMoved }, warnOfDoubt)
  }

  #deletions(): readonly Work[] {
    const { store } = this.#capture
    if (!this.#unknownDeletions || !store || this.output.prepared) return []
    const emptied = this.#unknownDeletions.emptied(store)
    if (!this.#isTracked) return emptied
    return [...emptied, ...this.#unknownDeletions.doubted(store, { tag: () => this.#tag, count: () => this.#count })]
  }

  #noteSession(): void {
    const { statement } = this.output
    if (statement.changesSession) this.#capture.sessionChanged()
    if (statement.mayChangeSession) this.#capture.doubtSession()
    if (statement.changesSchema) this.#capture.schemaChanged()
    const existed = this.#capture.takeExisted()
    noteMade(this.#capture.storeOrAddress, statement, existed && statement.makes?.ifNotExists === true)
    if (statement.prepares !== undefined && this.output.prepared)
      this.#capture.prepared.set(statement.prepares, this.output.prepared)
  }

  /** Leaves rows untracked whose keys the session writes in another form. An updated row may have had another key. */
  #leaveUnreadable(): void {
    for (const [index, { write, facts, columns, hasKeyBefore }] of this.output.writes.entries()) {
      if (!columns || !facts?.key.some(dependsOnSession)) continue
      const rows = this.#own?.rowsOf(index) ?? []
      const isUpdated = (row: OwnRow) => hasKeyBefore && (write.verb === 'update' || !isNew(facts, row))
      const known = rows.filter((row) => hasKey(facts, row) || isUpdated(row))
      if (known.length === rows.length) continue
      this.#unreadable.add(index)
      rows.splice(0, rows.length, ...known)
      const { code, message } = unattributed(readableTable(facts), sessionObstacle(facts.key))
      if (this.#isTracked && write.verb === 'insert') this.#capture.sink.warn(code, write.table.table, message)
    }
  }

  #warn(tag: string): void {
    const { sink } = this.#capture
    for (const [index, { why, write }] of this.output.writes.entries()) {
      if (!why || write.verb !== 'insert') continue
      this.#pending[index]?.none('not-a-creation')
      if (this.#count > 0 || write.cte) sink.warn(why.code, write.table.table, why.message)
    }
    const { opaque } = this.output.statement
    if (!opaque || tag === 'PREPARE' || (this.#count === 0 && countsRows.test(tag))) return
    const into = opaque.table ? ` into ${opaque.table.table}` : ''
    sink.warn(
      'DUSTPAN_SQL_UNATTRIBUTED',
      opaque.form,
      `Rows that ${opaque.form} writes${into} are not tracked, unless the database logs them: track() them, or use INSERT`,
    )
  }
}

const doubtReasons: { readonly [doubt in Doubt]: string } = {
  elsewhere:
    'its name meant another table than when it was asked about (the search path was changed unseen, or a table was made); name the schema, or track() the rows',
  restarted:
    'TRUNCATE … RESTART IDENTITY set its numbers back, and these rows have numbers of rows that were there before: they may be those, put back; leave RESTART IDENTITY out, or track() them',
  moved:
    'they are read from a table that was there before, and a test made this one: they may be the rows of that table, moved; track() them if a test made them',
  replaced:
    'rows went from it before in a way that does not tell which (TRUNCATE, a cascade, MERGE, DO, a view, a role that may not read the key), and these may be some of them again; let the server make their keys, or track() them',
}

/** Command tags that count the rows that the statement itself wrote. */
const countsRows = /^(?:MERGE|COPY)\b/

/** A COMMIT or PREPARE TRANSACTION of an aborted transaction is answered with ROLLBACK. */
function endedKind(tag: string, kind: string): { kind?: 'rollback' } {
  return (kind === 'commit' || kind === 'prepare') && tag === 'ROLLBACK' ? { kind: 'rollback' } : {}
}
