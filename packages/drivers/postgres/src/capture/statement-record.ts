import type { PendingCreate, StoreSeen } from '@dustpan/core/driver'
import { arrayLiteral } from '../array-literal.ts'
import { readableTable, type TableName, typeOf } from '../names.ts'
import type { DataRow, RowDescription } from '../pg.ts'
import { announce, type Begin } from './announce.ts'
import { announceCopy, type CopiedRows } from './copied-rows.ts'
import { deletedRows, emptied } from './deleted-rows.ts'
import { isStyled, styleObstacle } from './key-style.ts'
import { rekeyed, rekeyedRows } from './moved-keys.ts'
import { OwnColumns } from './own-columns.ts'
import { type PlannedWrite, unattributed } from './plan-write.ts'
import { hasRecorded } from './recorded-tables.ts'
import { type Doubted, doubtRows, goesWith } from './replaced-rows.ts'
import type { Output } from './rewriting.ts'
import type { SessionCapture } from './session-capture.ts'
import type { TableReference } from './statement.ts'
import { referencingSql, type TableFacts } from './table-facts.ts'
import type { Afterwards, Step, Work } from './transactions.ts'
import { createdRows, type Doubt, hasKey, likelyShape, type OwnRow, type Place, tableOf } from './written-rows.ts'

/** One statement of a query: announced before it is sent, recorded when the server has done it. */
export class StatementRecord {
  readonly output: Output
  readonly #capture: SessionCapture
  readonly #own: OwnColumns | undefined
  readonly #pending: readonly (PendingCreate | undefined)[]
  readonly #copy: CopiedRows | undefined
  readonly #told: boolean
  /** What stands before it in the same text has changed what names mean. */
  readonly #isMoved: boolean
  /** Looked up before they are gone. */
  readonly #emptied: readonly TableFacts[]
  /** By the rows that will have come when they are told. */
  #works: readonly Work[] = []
  #tag = ''
  /** What is asked behind the statement was asked. */
  #isAsked = false
  #isRefused = false
  /** Tables that turned out to be others than their names meant. */
  readonly #misplaced = new Set<string>()

  /** Without `begin` nothing is announced or warned of: no scope is open. */
  constructor(output: Output, capture: SessionCapture, begin: Begin | undefined, isMoved = false) {
    this.output = output
    this.#capture = capture
    this.#own = output.strip && new OwnColumns(output.strip)
    this.#told = begin !== undefined
    this.#isMoved = isMoved
    this.#pending = output.writes.map((write) => (begin ? announce(write, capture, begin) : undefined))
    const { copies, truncates } = output.statement
    this.#emptied = (truncates?.tables ?? []).flatMap((table) => capture.table(table) ?? [])
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

  /** One question after the other, until there is none. */
  afterwards(): Afterwards | undefined {
    if (this.#isAsked) return this.#afterMove()
    this.#isAsked = true
    return this.#afterCopy() ?? this.#afterCascade() ?? this.#afterMove()
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

  #afterCascade(): Afterwards | undefined {
    const { store, canAsk } = this.#capture
    const { truncates } = this.output.statement
    if (!truncates?.cascade || this.#emptied.length === 0 || !store || !canAsk || !(this.#told || hasRecorded(store)))
      return undefined
    const steps = (answer: unknown) =>
      ((answer ?? []) as readonly (TableName & Pick<TableFacts, 'oid' | 'family'>)[]).map((table) =>
        emptied(table, this.#place(store), truncates.restarts),
      )
    return { sql: referencingSql, values: [arrayLiteral(this.#emptied.map(({ oid }) => String(oid)))], steps }
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
    if (write.verb === 'delete') return [deletedRows(facts, rows, place)]
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

  /** What goes without a word of which rows it is. */
  #truncated(): readonly Work[] {
    const { store } = this.#capture
    const { statement, prepared } = this.output
    if (!store || prepared) return []
    const place = this.#place(store)
    const works = this.#emptied.map((facts) => emptied(facts, place, statement.truncates?.restarts === true))
    return this.#told ? [...works, ...this.#untold().map(({ oids, did }) => doubted(store, oids, did))] : works
  }

  #untold(): readonly { readonly oids: readonly Doubted[]; readonly did: () => boolean }[] {
    const { writes, truncates, deletesFrom, deletesUnseen } = this.output.statement
    const told = new Set(this.output.writes.flatMap(({ write, columns }) => (columns ? [write] : [])))
    const deletes = writes.filter((write) => write.verb === 'delete' && !told.has(write))
    const always = () => true
    const byCount = () => this.#count > 0
    const emptied = (truncates?.tables ?? []).filter((table) => this.#isMoved || !this.#isKnown(table))
    return [
      ...deletes.map(({ table, cte }) => ({ oids: this.#oidsOf(table), did: cte ? always : byCount })),
      ...(deletesFrom
        ? [{ oids: this.#oidsOf(deletesFrom), did: () => !this.#tag.startsWith('MERGE') || byCount() }]
        : []),
      ...(deletesUnseen || emptied.length > 0 ? [{ oids: ['any'] as const, did: always }] : []),
    ]
  }

  /** Also that it is not there. */
  #isKnown(table: TableReference): boolean {
    return this.#capture.facts?.tables.has(table.id) === true
  }

  #oidsOf(name: TableReference): readonly Doubted[] {
    const table = this.#isMoved ? undefined : this.#capture.table(name)
    return table ? goesWith(table) : ['any']
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

function doubted(store: StoreSeen, oids: readonly Doubted[], did: () => boolean): Work {
  return { kind: 'work', tell: () => (did() ? doubtRows(store, oids) : undefined), drop() {} }
}

const leftBecause: { readonly [doubt in Doubt]: string } = {
  elsewhere:
    'its name meant another table than when it was asked about (the search path was changed unseen, or a table was made); name the schema, or track() the rows',
  replaced:
    'rows went from it before in a way that does not tell which (TRUNCATE, a cascade, MERGE, DO, a view, a role that may not read the key), and these may be some of them again; let the server make their keys, or track() them',
}

/** Tags that tell how many rows the statement itself wrote. */
const countsRows = /^(?:MERGE|COPY)\b/

/** COMMIT of a transaction that an error ended is answered with ROLLBACK, and so is PREPARE TRANSACTION. */
function endedAs(tag: string, kind: string): { kind?: 'rollback' } {
  return (kind === 'commit' || kind === 'prepare') && tag === 'ROLLBACK' ? { kind: 'rollback' } : {}
}
