import {
  type DataRow,
  isServerError,
  type PgConnection,
  type RowDescription,
  type ServerError,
  type Submittable,
} from '../pg.ts'
import { originalPosition, type Rewriting } from '../rewriting/rewriting.ts'
import { forgetFacts } from '../rewriting/table-facts.ts'
import { parser } from '../sql/parser.ts'
import type { Begin } from './announce.ts'
import type { ClientCapture } from './client-capture.ts'
import { activate, ask } from './interlude.ts'
import { type Handlers, interpose } from './interpose.ts'
import { leavePipelined } from './pipeline-mode.ts'
import { QueryPlan } from './query-plan.ts'
import type { Question } from './session-capture.ts'
import type { Names } from './session-names.ts'
import { StatementRecord } from './statement-record.ts'
import type { Step } from './transactions.ts'

/** read_only_sql_transaction: its message names the command of the statement. */
const readOnlyTransaction = '25006'

/** Errors that our own columns may have caused, when the facts of a table are out of date. */
const possiblyOurErrors = new Set(['42703', '42501', '42P01', '42P10', '0A000', '42883'])

/** The same for a statement that was prepared before, and returns only our columns. */
const certainlyOurErrors = new Set(['42703', '0A000'])
const none: ReadonlySet<string> = new Set()

/**
 * Tracks one query of the user, from its turn to its end: asks the necessary questions first, rewrites the text, strips our
 * columns from the results, and records what was created before the user gets the answer.
 */
export class TrackedQuery implements Handlers {
  readonly #capture: ClientCapture
  readonly #query: Submittable
  readonly #plan: QueryPlan
  readonly #begin: Begin | undefined
  readonly #owner: { readonly names: Names } | undefined
  readonly #original: Handlers
  #rewriting: Rewriting | undefined
  #records: readonly StatementRecord[] = []
  /** The number of completed statements. */
  #done = 0
  #steps: Step[] = []
  #state: 'waiting' | 'asking' | 'sent' | 'refused' | 'over' = 'waiting'
  #retried = false

  /** `begin` is undefined when no scope is open, `owner` when statements are not tagged. */
  constructor(
    capture: ClientCapture,
    query: Submittable,
    begin: Begin | undefined,
    owner?: { readonly names: Names } | undefined,
  ) {
    this.#capture = capture
    this.#query = query
    this.#plan = new QueryPlan(capture, query, begin !== undefined)
    this.#begin = begin
    this.#owner = owner
    this.#original = interpose(query, this)
  }

  submit(connection: PgConnection): unknown {
    if (parser.loaded) return this.#proceed(connection)
    if (this.#capture.client.pipeline) {
      if (this.#begin) leavePipelined(this.#capture, this.#plan.text ?? '')
      return this.#original.submit.call(this.#query, connection)
    }
    this.#state = 'asking'
    // Without the parser the query is sent unchanged, with a warning.
    void parser.load().then(() => this.#resume(connection))
    return null
  }

  handleRowDescription(message: RowDescription): void {
    const isForUser = this.#records[this.#done]?.stripDescription(message) ?? true
    if (isForUser) this.#original.handleRowDescription.call(this.#query, message)
  }

  handleDataRow(message: DataRow): void {
    const isForUser = this.#records[this.#done]?.stripRow(message) ?? true
    if (isForUser) this.#original.handleDataRow.call(this.#query, message)
  }

  handleCommandComplete(message: { text: string }, connection: PgConnection): void {
    this.#steps.push(...(this.#records[this.#done]?.completed(message) ?? []))
    this.#done++
    this.#original.handleCommandComplete.call(this.#query, message, connection)
  }

  /** Errors that are not from the server (a lost connection) leave intents open: the outcome of the statement is unknown. */
  handleError(error: Error, connection: PgConnection): void {
    if (isServerError(error)) {
      if (this.#mayBeOurError(error.code, connection)) {
        this.#awaitRetry()
        return
      }
      this.#refused(connection)
      this.#restoreError(error)
    } else if (this.#state === 'asking') {
      this.#state = 'over'
    }
    this.#original.handleError.call(this.#query, error, connection)
  }

  handleReadyForQuery(connection: PgConnection): void {
    if (this.#state === 'refused') this.#retry(connection)
    else this.#askAfterwards(this.#records.slice(0, this.#done), connection)
  }

  /** Asks the remaining questions one by one, then sends the query. */
  #proceed(connection: PgConnection): unknown {
    const decided = this.#plan.decided(connection)
    const question = this.#naming() ?? (decided ? this.#marking(decided.rewriting) : this.#plan.question())
    if (!question || this.#capture.client.pipeline)
      return decided ? this.#send(connection, decided.rewriting) : this.#decideAndSend(connection)
    this.#state = 'asking'
    ask(this.#capture.client, this.#query, question.sql, question.values, (answer) => {
      const isAnswered = answer !== undefined
      const handled = isAnswered ? question.answered(answer) : undefined
      if (!handled) return this.#resume(connection, isAnswered)
      // It is still this query's turn.
      activate(this.#capture.client, this.#query)
      void handled.then(() => this.#resume(connection))
    })
    return null
  }

  #naming(): Question | undefined {
    return this.#owner && this.#capture.naming(this.#owner.names)
  }

  /** Renews the mark, which a session may have lost since a named statement was first sent. */
  #marking(rewriting: Rewriting | undefined): Question | undefined {
    if (!rewriting || !this.#capture.mark.isDue) return undefined
    const writes = rewriting.outputs.flatMap((output) => output.writes)
    return this.#capture.marking(writes.some(({ facts }) => facts !== null && facts.marker !== null))
  }

  /**
   * Continues outside pg's own call of submit, and so handles the result of submit itself. If the server refused a
   * question, the transaction is aborted, and the query will be refused as well.
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
    const rewriting = this.#plan.decide(this.#retried ? this.#rewriting : undefined)
    this.#plan.retireOther(connection, rewriting)
    return this.#send(connection, rewriting)
  }

  #send(connection: PgConnection, rewriting: Rewriting | undefined): unknown {
    this.#rewriting = rewriting
    const outputs = rewriting ? this.#plan.outputs(rewriting) : []
    let isMoved = false
    const { emptied, beforeCopy } = this.#plan
    this.#records = outputs.map((output) => {
      const record = new StatementRecord(output, this.#capture, this.#begin, { isMoved, emptied, beforeCopy })
      const { changesSession, mayChangeSession } = output.statement
      isMoved ||= Boolean(changesSession ?? mayChangeSession)
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

  /** Restores the error that the user's own text would have caused. */
  #restoreError(error: ServerError): void {
    const verb = this.#records[this.#done]?.output.strip?.wrapped?.verb
    if (verb && error.code === readOnlyTransaction) error.message = error.message.replace(/\bSELECT\b/, verb)
    const position = Number(error.position)
    if (!position || !this.#rewriting) return
    const original = String(originalPosition(position, this.#rewriting.edits))
    if (error.length !== undefined) error.length -= String(position).length - original.length
    error.position = original
  }

  #mayBeOurError(code: string, { parsedStatements }: PgConnection): boolean {
    const { status, transactions, client } = this.#capture
    const { name } = this.#query
    const isRewritten = this.#rewriting !== undefined && this.#rewriting.text !== this.#plan.text
    const isAlone = this.#records.length === 1 && status === 'I' && !transactions.isOpen && !client.pipeline
    const isPrepared = name !== undefined && parsedStatements[name] !== undefined
    const ourErrors = isPrepared ? (this.#returnsNoRows ? certainlyOurErrors : none) : possiblyOurErrors
    return isRewritten && isAlone && !this.#retried && ourErrors.has(code)
  }

  /** Whether the user's own text returns no rows. */
  get #returnsNoRows(): boolean {
    return this.#plan.text !== undefined && this.#records.every(({ output }) => output.strip?.silent === true)
  }

  /** Hides the error from the user for now: once the server is ready, the statement is sent again with current facts. */
  #awaitRetry(): void {
    this.#state = 'refused'
    for (const record of this.#records) record.rejected()
    this.#capture.inFlight.delete(this)
    activate(this.#capture.client, this.#query)
  }

  #retry(connection: PgConnection): void {
    this.#retried = true
    forgetFacts()
    // The text itself was right, but prepared before the table changed.
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
      const question = record.followUp()
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
