import type { PendingCreate, StoreSeen } from '@dustpan/core/driver'
import { readableTable, type TableName, typeOf } from '../names.ts'
import type { DataRow, RowDescription } from '../pg.ts'
import { tableNamed } from './analyse-write.ts'
import { announce, announceTable, type Begin } from './announce.ts'
import { copiedRowsSql } from './copied-rows.ts'
import { isStyled, styleObstacle } from './key-style.ts'
import { OwnColumns } from './own-columns.ts'
import { type PlannedWrite, planWrite, unattributed } from './plan-write.ts'
import type { Output } from './rewriting.ts'
import type { SessionCapture } from './session-capture.ts'
import type { Write } from './statement.ts'
import { referencingSql, type TableFacts } from './table-facts.ts'
import type { Step, Work } from './transactions.ts'
import { createdRows, deletedRows, emptied, hasRecorded, likelyShape, type OwnRow } from './written-rows.ts'

/** One statement of a query: announced before it is sent, recorded when the server has done it. */
export class StatementRecord {
  readonly output: Output
  readonly #capture: SessionCapture
  readonly #own: OwnColumns | undefined
  readonly #pending: readonly (PendingCreate | undefined)[]
  readonly #copy: PendingCreate | undefined
  readonly #told: boolean
  /** Looked up before they are gone. */
  readonly #emptied: readonly TableFacts[]
  /** By the rows that will have come when they are told. */
  #works: readonly Work[] = []
  #tag = ''

  /** Without `begin` nothing is announced or warned of: no scope is open. */
  constructor(output: Output, capture: SessionCapture, begin: Begin | undefined) {
    this.output = output
    this.#capture = capture
    this.#own = output.strip && new OwnColumns(output.strip)
    this.#told = begin !== undefined
    this.#pending = output.writes.map((write) => (begin ? announce(write, capture, begin) : undefined))
    const { copies, truncates } = output.statement
    this.#emptied = (truncates?.tables ?? []).flatMap((table) => capture.table(table) ?? [])
    const copied = copies && capture.table(copies)
    this.#copy = begin && copied && announceTable(copied, capture, begin, 'COPY')
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
    this.#works = [...this.#writes(), ...this.#truncated()]
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

  /** What can only be asked once the statement is done, and what it did by the answer. */
  afterwards():
    | { readonly sql: string; readonly values: readonly string[]; steps(answer: unknown): readonly Step[] }
    | undefined {
    return this.#afterCopy() ?? this.#afterCascade()
  }

  /** The server did not do it. */
  rejected(): void {
    for (const pending of [...this.#pending, this.#copy]) pending?.none('rejected')
  }

  /** How many rows the server's tag tells. */
  get #count(): number {
    return Number(/(\d+)$/.exec(this.#tag)?.[1] ?? 0)
  }

  #afterCopy(): ReturnType<StatementRecord['afterwards']> {
    const { copies } = this.output.statement
    const facts = copies && this.#capture.table(copies)
    const { store, session, status, canAsk } = this.#capture
    const pending = this.#copy
    if (!pending || !facts || !store || !session) return undefined
    const plan = planWrite(plainInsert(facts), facts, session.version)
    if (this.#count === 0) pending.none('not-a-creation')
    else if (!plan.columns || status !== 'T' || !canAsk) this.#warnCopy(facts, plan.why?.message)
    else return { sql: copiedRowsSql(facts), values: [], steps: (rows) => this.#copied(plan, rows, pending, store) }
    return undefined
  }

  #copied(plan: PlannedWrite, rows: unknown, pending: PendingCreate, store: StoreSeen): readonly Step[] {
    const facts = plan.facts as TableFacts
    if (Array.isArray(rows) && facts.key.some(isStyled) && rows.some((row) => !hasKey(facts, row as OwnRow)))
      this.#warnCopy(facts, unattributed(readableTable(facts), styleObstacle(facts.key)).message)
    else if (Array.isArray(rows) && rows.length === this.#count)
      return [createdRows(plan, facts, rows as OwnRow[], pending, store, undefined)]
    else this.#warnCopy(facts, undefined)
    return []
  }

  #warnCopy(facts: TableFacts, why: string | undefined): void {
    this.#capture.sink.warn('DUSTPAN_SQL_UNATTRIBUTED', `COPY ${typeOf(facts)}`, why ?? copyUnattributed(facts))
  }

  #afterCascade(): ReturnType<StatementRecord['afterwards']> {
    const { store, sink, canAsk } = this.#capture
    const { truncates } = this.output.statement
    const [facts] = this.#emptied
    if (!truncates?.cascade || !facts || !store || !canAsk || !hasRecorded(store)) return undefined
    const steps = (answer: unknown) =>
      ((answer ?? []) as readonly (TableName & { oid: number })[]).map((table) => emptied(table, sink, store))
    return { sql: referencingSql, values: [String(facts.oid)], steps }
  }

  #writes(): readonly Work[] {
    const { store, sink } = this.#capture
    return this.output.writes.flatMap((planned, index) => {
      if (!planned.columns || !planned.facts || !store) return []
      const rows = this.#own?.rowsOf(index) ?? []
      if (planned.write.verb === 'delete') return [deletedRows(planned.facts, rows, sink, store)]
      const pending = this.#pending[index]
      return pending ? [createdRows(planned, planned.facts, rows, pending, store, sink.marker?.run)] : []
    })
  }

  #truncated(): readonly Work[] {
    const { store, sink } = this.#capture
    return store ? this.#emptied.map((facts) => emptied(facts, sink, store)) : []
  }

  #noteSession(): void {
    const { statement } = this.output
    if (statement.changesSession) this.#capture.sessionChanged()
    if (statement.changesSchema) this.#capture.schemaChanged()
    if (statement.prepares !== undefined && this.output.prepared)
      this.#capture.prepared.set(statement.prepares, this.output.prepared)
  }

  /** Rows whose keys the session writes otherwise than others read them are left alone. */
  #leaveStyled(): void {
    for (const [index, { write, facts, columns }] of this.output.writes.entries()) {
      if (!columns || !facts?.key.some(isStyled)) continue
      const rows = this.#own?.rowsOf(index) ?? []
      const known = rows.filter((row) => hasKey(facts, row))
      if (known.length === rows.length) continue
      rows.splice(0, rows.length, ...known)
      const { code, message } = unattributed(readableTable(facts), styleObstacle(facts.key))
      if (this.#told && write.verb === 'insert') this.#capture.sink.warn(code, write.table.table, message)
    }
  }

  #warn(tag: string): void {
    const { sink } = this.#capture
    for (const [index, { why, write }] of this.output.writes.entries()) {
      if (!why || write.verb === 'delete') continue
      if (this.#count === 0 && !write.cte) this.#pending[index]?.none('not-a-creation')
      else sink.warn(why.code, write.table.table, why.message)
    }
    const { opaque } = this.output.statement
    if (!opaque || tag === 'PREPARE' || (this.#count === 0 && countsRows.test(tag))) return
    const into = opaque.table ? ` into ${opaque.table.table}` : ''
    sink.warn(
      'DUSTPAN_SQL_UNATTRIBUTED',
      opaque.form,
      `Rows that ${opaque.form} writes${into} are not tracked: track() them, or use INSERT`,
    )
  }
}

const hasKey = ({ key }: TableFacts, row: OwnRow): boolean => key.every((_, index) => row[index] != null)

/** Tags that tell how many rows the statement itself wrote. */
const countsRows = /^(?:MERGE|COPY)\b/

/** COMMIT of a transaction that an error ended is answered with ROLLBACK, and so is PREPARE TRANSACTION. */
function endedAs(tag: string, kind: string): { kind?: 'rollback' } {
  return (kind === 'commit' || kind === 'prepare') && tag === 'ROLLBACK' ? { kind: 'rollback' } : {}
}

function plainInsert(facts: TableFacts): Write {
  return {
    verb: 'insert',
    table: tableNamed(facts.table, facts.schema),
    reference: facts.table,
    at: 0,
    returning: { present: false, columns: [], names: [] },
    conflict: 'none',
  }
}

function copyUnattributed(facts: TableFacts): string {
  return `Rows copied into ${readableTable(facts)} are not tracked: they can only be told from others inside a transaction; run COPY between BEGIN and COMMIT, or track() the rows`
}
