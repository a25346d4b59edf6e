import type { PendingCreate, StoreSeen } from '@dustpan/core/driver'
import { readableTable, typeOf } from '../names.ts'
import type { DataRow, RowDescription } from '../pg.ts'
import { announce, type Begin } from './announce.ts'
import { announceCopy, type CopiedRows } from './copied-rows.ts'
import { deletedRows } from './deleted-rows.ts'
import { isStyled, styleObstacle } from './key-style.ts'
import { rekeyed, rekeyedRows } from './moved-keys.ts'
import { OwnColumns } from './own-columns.ts'
import { type PlannedWrite, unattributed } from './plan-write.ts'
import type { Output } from './rewriting.ts'
import type { SessionCapture } from './session-capture.ts'
import type { TableReference } from './statement.ts'
import type { TableFacts } from './table-facts.ts'
import type { Afterwards, Step, Work } from './transactions.ts'
import { type Circumstances, takesRows, UntoldRows } from './untold-rows.ts'
import {
  createdRows,
  type Doubt,
  hasKey,
  isNew,
  likelyShape,
  type OwnRow,
  type Place,
  tableOf,
} from './written-rows.ts'

/** One statement of a query: announced before it is sent, recorded when the server has done it. */
export class StatementRecord {
  readonly output: Output
  readonly #capture: SessionCapture
  readonly #own: OwnColumns | undefined
  readonly #pending: readonly (PendingCreate | undefined)[]
  readonly #copy: CopiedRows | undefined
  readonly #told: boolean
  readonly #untold: UntoldRows | undefined
  /** By the rows that will have come when they are told. */
  #works: readonly Work[] = []
  #tag = ''
  /** What is asked behind the statement was asked. */
  #isAsked = false
  #isRefused = false
  /** Tables that turned out to be others than their names meant. */
  readonly #misplaced = new Set<string>()
  /** Writes of whose rows some have a key that cannot be read. */
  readonly #styled = new Set<number>()

  /** Without `begin` nothing is announced or warned of: no scope is open. */
  constructor(output: Output, capture: SessionCapture, begin: Begin | undefined, circumstances: Circumstances) {
    this.output = output
    this.#capture = capture
    this.#own = output.strip && new OwnColumns(output.strip)
    this.#told = begin !== undefined
    if (takesRows(output.statement)) this.#untold = new UntoldRows(output, capture, circumstances)
    this.#pending = output.writes.map((write) => (begin ? announce(write, capture, begin) : undefined))
    const { copies } = output.statement
    this.#copy = begin && copies && announceCopy(copies, capture, begin)
  }

  get commits(): boolean {
    return this.output.statement.transaction?.kind === 'commit'
  }

  /** The server has it now, and is busy: what need not wait for its answer is done meanwhile. */
  sent(): void {
    for (const [index, pending] of this.#pending.entries()) {
      const facts = pending && this.output.writes[index]?.facts
      const shape = facts && likelyShape(facts)
      if (shape) pending.expect(shape)
    }
    this.#works = [...this.#writes(), ...this.#taken()]
  }

  /** COMMIT, or PREPARE TRANSACTION: either one rolls back when it fails. */
  get endsTransaction(): boolean {
    return this.commits || this.output.statement.transaction?.kind === 'prepare'
  }

  /** Whether the user gets the message. */
  describes(message: RowDescription): boolean {
    return this.#own?.describe(message) ?? true
  }

  takes(message: DataRow): boolean {
    return this.#own?.take(message) ?? true
  }

  /** What the statement did. `message` gets the tag that the user's own text would have had. */
  completed(message: { text: string }): readonly Step[] {
    if (this.#own) message.text = this.#own.tag(message.text)
    this.#tag = message.text
    this.#noteSession()
    this.#leaveStyled()
    if (this.#told) this.#warn(message.text)
    const { transaction } = this.output.statement
    if (transaction) this.#capture.transactionEnded(endedAs(message.text, transaction.kind).kind ?? transaction.kind)
    if (transaction) return [{ ...transaction, ...endedAs(message.text, transaction.kind) }]
    return this.#works
  }

  /** One question after the other, until there is none. */
  afterwards(): Afterwards | undefined {
    if (this.#isAsked) return this.#afterMove()
    this.#isAsked = true
    return this.#afterCopy() ?? this.#afterMove()
  }

  /** The server did not do it. */
  rejected(): void {
    for (const pending of this.#pending) pending?.none('rejected')
    this.#copy?.rejected()
  }

  /** How many rows the server's tag tells. */
  get #count(): number {
    return Number(/(\d+)$/.exec(this.#tag)?.[1] ?? 0)
  }

  #afterCopy(): Afterwards | undefined {
    const { store } = this.#capture
    return store && this.#copy?.afterwards(this.#count, (...made) => this.#created(...made, this.#place(store)))
  }

  /** Rows that went where their table's name has come to mean another one, of which nothing is known: that is asked for, if it can be. */
  #afterMove(): Afterwards | undefined {
    const { store, canAsk, status } = this.#capture
    if (!store || !canAsk || status === 'E' || this.#isRefused) return undefined
    for (const [index, { write, facts, columns }] of this.output.writes.entries()) {
      const row = columns && this.#own?.rowsOf(index)[0]
      if (write.verb === 'update' || !facts || !row || tableOf(store, facts, row)) continue
      if (write.verb === 'insert' ? !this.#pending[index] : facts.inherited) continue
      this.#misplace(write.table)
      const question = this.#capture.factsQuestion([write.table])
      if (!question) continue
      const steps = (answer: unknown) => {
        if (answer !== undefined) question.answered(answer)
        this.#isRefused = answer === undefined
        return []
      }
      return { sql: question.sql, values: question.values as readonly string[], steps }
    }
    return undefined
  }

  #misplace(table: TableReference): void {
    if (this.#misplaced.has(table.id)) return
    this.#misplaced.add(table.id)
    this.#capture.misplaced(table)
  }

  #place(store: StoreSeen): Place {
    return { store, sink: this.#capture.sink }
  }

  #writes(): readonly Work[] {
    const { store } = this.#capture
    if (!store) return []
    const place = this.#place(store)
    const { rekeys = [] } = this.output.statement
    const works = this.output.writes.flatMap((planned, index) => this.#worksOf(planned, index, place))
    return [...rekeys.map((rekeying) => rekeyed(rekeying, this.#capture.table(rekeying.table)?.oid, place)), ...works]
  }

  #worksOf(planned: PlannedWrite, index: number, place: Place): readonly Work[] {
    const { write, facts, columns } = planned
    const rows = this.#own?.rowsOf(index) ?? []
    const rekeys = write.assigned ? [rekeyedRows(planned, rows, () => this.#count, place)] : []
    if (!columns || !facts || write.verb === 'update') return rekeys
    if (write.verb === 'delete') return [deletedRows(facts, rows, place, () => !this.#styled.has(index))]
    const pending = this.#pending[index]
    return pending ? [...rekeys, this.#created(planned, facts, rows, pending, place)] : rekeys
  }

  #created(planned: PlannedWrite, facts: TableFacts, rows: OwnRow[], pending: PendingCreate, place: Place): Work {
    const { sink } = place
    const left = (doubt: Doubt) => {
      if (doubt === 'elsewhere') this.#misplace(planned.write.table)
      const { code, message } = unattributed(readableTable(facts), leftBecause[doubt])
      sink.warn(code, `${doubt} ${typeOf(facts)}`, message)
    }
    return createdRows(planned, facts, rows, pending, place, sink.marker?.run, left)
  }

  #taken(): readonly Work[] {
    const { store } = this.#capture
    if (!this.#untold || !store || this.output.prepared) return []
    const emptied = this.#untold.emptied(store)
    if (!this.#told) return emptied
    return [...emptied, ...this.#untold.doubted(store, { tag: () => this.#tag, count: () => this.#count })]
  }

  #noteSession(): void {
    const { statement } = this.output
    if (statement.changesSession) this.#capture.sessionChanged()
    if (statement.changesSchema) this.#capture.schemaChanged()
    if (statement.prepares !== undefined && this.output.prepared)
      this.#capture.prepared.set(statement.prepares, this.output.prepared)
  }

  /** Rows whose keys the session writes otherwise than others read them are left alone. Those that were updated had another key, perhaps. */
  #leaveStyled(): void {
    for (const [index, { write, facts, columns, tellsBefore }] of this.output.writes.entries()) {
      if (!columns || !facts?.key.some(isStyled)) continue
      const rows = this.#own?.rowsOf(index) ?? []
      const isUpdated = (row: OwnRow) => tellsBefore && (write.verb === 'update' || !isNew(facts, row))
      const known = rows.filter((row) => hasKey(facts, row) || isUpdated(row))
      if (known.length === rows.length) continue
      this.#styled.add(index)
      rows.splice(0, rows.length, ...known)
      const { code, message } = unattributed(readableTable(facts), styleObstacle(facts.key))
      if (this.#told && write.verb === 'insert') this.#capture.sink.warn(code, write.table.table, message)
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

const leftBecause: { readonly [doubt in Doubt]: string } = {
  elsewhere:
    'its name meant another table than when it was asked about (the search path was changed unseen, or a table was made); name the schema, or track() the rows',
  restarted:
    'TRUNCATE … RESTART IDENTITY set its numbers back, and these rows have numbers of rows that were there before: they may be those, put back; leave RESTART IDENTITY out, or track() them',
  replaced:
    'rows went from it before in a way that does not tell which (TRUNCATE, a cascade, MERGE, DO, a view, a role that may not read the key), and these may be some of them again; let the server make their keys, or track() them',
}

/** Tags that tell how many rows the statement itself wrote. */
const countsRows = /^(?:MERGE|COPY)\b/

/** COMMIT of a transaction that an error ended is answered with ROLLBACK, and so is PREPARE TRANSACTION. */
function endedAs(tag: string, kind: string): { kind?: 'rollback' } {
  return (kind === 'commit' || kind === 'prepare') && tag === 'ROLLBACK' ? { kind: 'rollback' } : {}
}
