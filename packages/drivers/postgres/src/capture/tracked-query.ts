import {
  type DataRow,
  isServerError,
  type PgConnection,
  type RowDescription,
  type ServerError,
  type Submittable,
} from '../pg.ts'
import type { Begin } from './announce.ts'
import type { ClientCapture } from './client-capture.ts'
import { activate, ask } from './interlude.ts'
import { type Handlers, interpose } from './interpose.ts'
import { parser } from './parser.ts'
import { QueryPlan } from './query-plan.ts'
import { originalPosition, type Rewriting } from './rewriting.ts'
import type { Question } from './session-capture.ts'
import type { Names } from './session-names.ts'
import { StatementRecord } from './statement-record.ts'
import { forgetFacts } from './table-facts.ts'
import type { Step } from './transactions.ts'

/** Its message names the statement's kind. */
const readOnlyTransaction = '25006'

/** Errors that our own columns could have caused, when what was known of a table is no longer so. */
const perhapsOurs = new Set(['42703', '42501', '42P01', '42P10', '0A000', '42883'])

/** The same where a statement was prepared before, and returns nothing but our columns. */
const surelyOurs = new Set(['42703', '0A000'])
const none: ReadonlySet<string> = new Set()

/**
 * One of the user's queries, from its turn to its end: what is needed is asked first, the text is rewritten, our columns are taken
 * out of the results, and what was created is recorded before the user hears of it.
 */
export class TrackedQuery implements Handlers {
  readonly #capture: ClientCapture
  readonly #query: Submittable
  readonly #plan: QueryPlan
  readonly #begin: Begin | undefined
  readonly #whose: { readonly names: Names } | undefined
  readonly #original: Handlers
  #rewriting: Rewriting | undefined
  #records: readonly StatementRecord[] = []
  /** How many statements are done. */
  #done = 0
  #steps: Step[] = []
  #state: 'waiting' | 'asking' | 'sent' | 'refused' | 'over' = 'waiting'
  #retried = false

  /** `begin` is undefined where no scope is open, `whose` where it does not matter. */
  constructor(
    capture: ClientCapture,
    query: Submittable,
    begin: Begin | undefined,
    whose?: { readonly names: Names } | undefined,
  ) {
    this.#capture = capture
    this.#query = query
    this.#plan = new QueryPlan(capture, query, begin !== undefined)
    this.#begin = begin
    this.#whose = whose
    this.#original = interpose(query, this)
  }

  submit(connection: PgConnection): unknown {
    if (parser.loaded) return this.#proceed(connection)
    if (this.#capture.client.pipeline) return this.#original.submit.call(this.#query, connection)
    this.#state = 'asking'
    // Without the parser the query goes out as it is, with a warning.
    void parser.load().then(() => this.#resume(connection))
    return null
  }

  handleRowDescription(message: RowDescription): void {
    const isUsers = this.#records[this.#done]?.describes(message) ?? true
    if (isUsers) this.#original.handleRowDescription.call(this.#query, message)
  }

  handleDataRow(message: DataRow): void {
    const isUsers = this.#records[this.#done]?.takes(message) ?? true
    if (isUsers) this.#original.handleDataRow.call(this.#query, message)
  }

  handleCommandComplete(message: { text: string }, connection: PgConnection): void {
    this.#steps.push(...(this.#records[this.#done]?.completed(message) ?? []))
    this.#done++
    this.#original.handleCommandComplete.call(this.#query, message, connection)
  }

  /** What the server did not say itself (a lost connection) leaves intents open: nobody knows what became of the statement. */
  handleError(error: Error, connection: PgConnection): void {
    if (isServerError(error)) {
      if (this.#mayBeOurs(error.code, connection)) {
        this.#awaitRetry()
        return
      }
      this.#refused(connection)
      this.#correct(error)
    } else if (this.#state === 'asking') {
      this.#state = 'over'
    }
    this.#original.handleError.call(this.#query, error, connection)
  }

  handleReadyForQuery(connection: PgConnection): void {
    if (this.#state === 'refused') this.#retry(connection)
    else this.#askAfterwards(this.#records.slice(0, this.#done), connection)
  }

  /** Asks what is still unknown, one question after the other, then sends the query. */
  #proceed(connection: PgConnection): unknown {
    const decided = this.#plan.decided(connection)
    const question = this.#naming() ?? (decided ? this.#marking(decided.rewriting) : this.#plan.question())
    if (!question || this.#capture.client.pipeline)
      return decided ? this.#send(connection, decided.rewriting) : this.#decideAndSend(connection)
    this.#state = 'asking'
    ask(this.#capture.client, this.#query, question.sql, question.values, (answer) => {
      const isAnswered = answer !== undefined
      const waiting = isAnswered ? question.answered(answer) : undefined
      if (!waiting) return this.#resume(connection, isAnswered)
      // It is still this query's turn.
      activate(this.#capture.client, this.#query)
      void waiting.then(() => this.#resume(connection))
    })
    return null
  }

  #naming(): Question | undefined {
    return this.#whose && this.#capture.naming(this.#whose.names)
  }

  /** A session may have lost its mark since a named statement was sent first. */
  #marking(rewriting: Rewriting | undefined): Question | undefined {
    if (!rewriting || !this.#capture.mark.isDue) return undefined
    const writes = rewriting.outputs.flatMap((output) => output.writes)
    return this.#capture.marking(writes.some(({ facts }) => facts !== null && facts.marker !== null))
  }

  /**
   * Goes on outside pg's own call of submit: what pg does with its result is done here. A server that does not answer has an aborted
   * transaction, and will refuse the query as well.
   */
  #resume(connection: PgConnection, answered = true): void {
    if (this.#state === 'over') return
    const { client } = this.#capture
    activate(client, this.#query)
    const refusal = answered ? this.#proceed(connection) : this.#decideAndSend(connection)
    if (!(refusal instanceof Error)) return
    process.nextTick(() => {
      this.#query.handleError(refusal, connection)
      client.readyForQuery = true
      client._pulseQueryQueue()
    })
  }

  #decideAndSend(connection: PgConnection): unknown {
    return this.#send(connection, this.#plan.decide(this.#retried ? this.#rewriting : undefined))
  }

  #send(connection: PgConnection, rewriting: Rewriting | undefined): unknown {
    this.#rewriting = rewriting
    const outputs = rewriting ? this.#plan.outputs(rewriting) : []
    let isMoved = false
    this.#records = outputs.map((output) => {
      const record = new StatementRecord(output, this.#capture, this.#begin, { isMoved, emptied: this.#plan.emptied })
      isMoved ||= output.statement.changesSession === true
      return record
    })
    if (rewriting && this.#plan.text !== undefined) this.#query.text = rewriting.text
    if (this.#plan.commits) this.#capture.transactions.committing(this)
    this.#state = 'sent'
    this.#capture.inFlight.add(this)
    const refusal = this.#original.submit.call(this.#query, connection)
    if (refusal instanceof Error) this.#refused(connection)
    else for (const record of this.#records) record.sent()
    return refusal
  }

  /** Makes the error what it would have been for the user's own text. */
  #correct(error: ServerError): void {
    const verb = this.#records[this.#done]?.output.strip?.wrapped?.verb
    if (verb && error.code === readOnlyTransaction) error.message = error.message.replace(/\bSELECT\b/, verb)
    const position = Number(error.position)
    if (!position || !this.#rewriting) return
    const original = String(originalPosition(position, this.#rewriting.edits))
    if (error.length !== undefined) error.length -= String(position).length - original.length
    error.position = original
  }

  #mayBeOurs(code: string, { parsedStatements }: PgConnection): boolean {
    const { status, transactions, client } = this.#capture
    const { name } = this.#query
    const changed = this.#rewriting !== undefined && this.#rewriting.text !== this.#plan.text
    const alone = this.#records.length === 1 && status === 'I' && !transactions.isOpen && !client.pipeline
    const bound = name !== undefined && parsedStatements[name] !== undefined
    const codes = bound ? (this.#isSilent ? surelyOurs : none) : perhapsOurs
    return changed && alone && !this.#retried && codes.has(code)
  }

  /** The user's own text returns no rows. */
  get #isSilent(): boolean {
    return this.#plan.text !== undefined && this.#records.every(({ output }) => output.strip?.silent === true)
  }

  /** The error is not the user's to see yet: once the server is ready, the statement is sent again by what is true now. */
  #awaitRetry(): void {
    this.#state = 'refused'
    for (const record of this.#records) record.rejected()
    this.#capture.inFlight.delete(this)
    activate(this.#capture.client, this.#query)
  }

  #retry(connection: PgConnection): void {
    this.#retried = true
    forgetFacts()
    // Its text was not wrong, but older than the table is.
    if (this.#plan.retire(connection)) this.#rewriting = undefined
    this.#plan.forgetName(connection)
    this.#resume(connection)
  }

  #refused(connection: PgConnection): void {
    const [failing, ...unsent] = this.#records.slice(this.#done)
    for (const record of [failing, ...unsent]) record?.rejected()
    if (failing?.endsTransaction) this.#steps.push({ kind: 'rollback' })
    this.#plan.forgetName(connection)
    this.#settle(true)
  }

  #askAfterwards(records: readonly StatementRecord[], connection: PgConnection): void {
    for (const [index, record] of records.entries()) {
      const question = record.afterwards()
      if (!question) continue
      ask(this.#capture.client, this.#query, question.sql, question.values, (answer) => {
        this.#steps.push(...question.steps(answer))
        this.#askAfterwards(records.slice(index), connection)
      })
      return
    }
    this.#finish(connection)
  }

  #finish(connection: PgConnection): void {
    if (this.#state === 'sent') {
      for (const record of this.#records.slice(this.#done)) record.rejected()
      this.#warnUnparsable()
      this.#settle(false)
    }
    this.#original.handleReadyForQuery.call(this.#query, connection)
  }

  #settle(failed: boolean): void {
    const { transactions, status, inFlight } = this.#capture
    this.#state = 'over'
    inFlight.delete(this)
    if (status !== 'I' && !transactions.isOpen) this.#steps.unshift({ kind: 'begin' })
    transactions.replay(this.#steps, failed)
    transactions.answered(this)
    if (!failed && status === 'I') transactions.idle()
    if (this.#plan.text !== undefined) this.#query.text = this.#plan.text
  }

  #warnUnparsable(): void {
    const { unparsable, text = '' } = this.#plan
    if (unparsable === undefined || !this.#begin) return
    const start = text.trim().slice(0, 60)
    const message = `A statement could not be parsed (${unparsable}), so what it creates is not tracked: ${start}…`
    this.#capture.sink.warn('DUSTPAN_SQL_UNPARSABLE', start, message)
  }
}
