import type { DataRow, PgConnection, RowDescription, Submittable } from '../pg.ts'
import { isServerError } from '../pg.ts'
import { analyse } from './analyse.ts'
import type { ClientCapture } from './client-capture.ts'
import { activate, ask } from './interlude.ts'
import { parser } from './parser.ts'
import { rewrite, unchanged } from './rewrite.ts'
import { originalPosition, type Output, type Rewriting } from './rewriting.ts'
import type { Analysis } from './statement.ts'
import { type Begin, StatementRecord } from './statement-record.ts'
import { forgetFacts } from './table-facts.ts'
import type { Step } from './transactions.ts'
import { hasRecorded } from './written-rows.ts'

/** Errors that our own columns could have caused, when what was known of a table is no longer so. */
const perhapsOurs = new Set(['42703', '42501', '42P01', '42P10', '0A000', '42883'])

type Methods = Pick<Submittable, 'submit' | 'handleRowDescription' | 'handleDataRow' | 'handleCommandComplete' | 'handleError' | 'handleReadyForQuery'>

/**
 * One of the user's queries, from its turn to its end: what is needed is asked first, the text is rewritten, our columns are taken out of the
 * results, and what was created is recorded before the user hears of it. Its methods stand in for those that pg calls on the query.
 */
export class TrackedQuery {
  readonly #capture: ClientCapture
  readonly #query: Submittable
  readonly #text: string | undefined
  readonly #original: Methods
  #begin: Begin | undefined
  #analysis: Analysis | undefined
  #rewriting: Rewriting | undefined
  #records: readonly StatementRecord[] = []
  #done = 0
  #steps: Step[] = []
  #state: 'waiting' | 'asking' | 'sent' | 'refused' | 'over' = 'waiting'
  /** The server would not answer our questions: its transaction is aborted. */
  #unanswered = false
  #retried = false

  /** `begin` is undefined where no scope is open. */
  constructor(capture: ClientCapture, query: Submittable, begin: Begin | undefined) {
    this.#capture = capture
    this.#query = query
    this.#text = query.text
    this.#begin = begin
    this.#original = interpose(query, this)
  }

  get commits(): boolean {
    return this.#state === 'sent' && this.#analysis?.commits === true
  }

  get isSent(): boolean {
    return this.#state === 'sent' || this.#state === 'over'
  }

  /** For when its turn comes later, out of the caller's frame. */
  beginWith(begin: Begin): void {
    this.#begin = begin
  }

  submit(connection: PgConnection): unknown {
    if (parser.loaded) return this.#proceed(connection)
    if (this.#capture.client.pipeline) return this.#original.submit.call(this.#query, connection)
    this.#state = 'asking'
    void parser.load().then(() => this.#resume(connection))
    return null
  }

  handleRowDescription(message: RowDescription): void {
    if (this.#records[this.#done]?.describes(message) ?? true) this.#original.handleRowDescription.call(this.#query, message)
  }

  handleDataRow(message: DataRow): void {
    if (this.#records[this.#done]?.takes(message) ?? true) this.#original.handleDataRow.call(this.#query, message)
  }

  handleCommandComplete(message: { text: string }, connection: PgConnection): void {
    this.#steps.push(...(this.#records[this.#done]?.completed(message) ?? []))
    this.#done++
    this.#original.handleCommandComplete.call(this.#query, message, connection)
  }

  handleError(error: Error, connection: PgConnection): void {
    if (isServerError(error)) {
      if (this.#mayBeOurs(error.code, connection)) return this.#awaitRetry()
      this.#refused(connection)
      if (error.position && this.#rewriting) error.position = String(originalPosition(Number(error.position), this.#rewriting.edits))
    } else if (this.#state === 'asking') {
      this.#state = 'over'
    }
    this.#original.handleError.call(this.#query, error, connection)
  }

  handleReadyForQuery(connection: PgConnection): void {
    if (this.#state === 'refused') return this.#retry(connection)
    this.#askAfterwards(this.#records.slice(0, this.#done), connection)
  }

  /** Asks what is still unknown, one question after the other, then sends the query. */
  #proceed(connection: PgConnection): unknown {
    const given = this.#named(connection)
    if (given) return this.#send(connection, given.rewriting)
    this.#analysis ??= analyse(this.#text ?? '')
    if (!this.#analysis) return this.#send(connection, undefined)
    const question = this.#wantsFacts(this.#analysis) ? this.#capture.question(this.#analysis.tables) : undefined
    if (!question || this.#unanswered || this.#capture.client.pipeline) return this.#send(connection, this.#rewrite(this.#analysis))
    this.#state = 'asking'
    ask(this.#capture.client, this.#query, question.sql, question.values, (answer) => {
      if (answer === undefined) this.#unanswered = true
      else question.answered(answer)
      this.#resume(connection)
    })
    return null
  }

  /** Goes on outside pg's own call of submit: what pg does with its result is done here. */
  #resume(connection: PgConnection): void {
    if (this.#state === 'over') return
    const { client } = this.#capture
    activate(client, this.#query)
    const refusal = this.#proceed(connection)
    if (!(refusal instanceof Error)) return
    process.nextTick(() => {
      this.#query.handleError(refusal, connection)
      client.readyForQuery = true
      client._pulseQueryQueue()
    })
  }

  #send(connection: PgConnection, rewriting: Rewriting | undefined): unknown {
    this.#rewriting = rewriting
    this.#records = rewriting ? this.#outputs(rewriting).map((output) => new StatementRecord(output, this.#capture, this.#begin)) : []
    if (rewriting && this.#text !== undefined) this.#query.text = rewriting.text
    this.#state = 'sent'
    this.#capture.inFlight.add(this)
    const refusal = this.#original.submit.call(this.#query, connection)
    if (refusal instanceof Error) this.#refused(connection)
    return refusal
  }
  /** A named statement keeps what was decided when it was first sent: pg refuses another text for the same name. */
  #named(connection: PgConnection): { readonly rewriting: Rewriting | undefined } | undefined {
    const { name } = this.#query
    if (!name) return undefined
    const entry = this.#capture.named.get(name)
    if (entry && (this.#text === undefined || entry.text === this.#text)) return entry
    return entry || connection.parsedStatements[name] !== undefined ? { rewriting: undefined } : undefined
  }

  get #isSticky(): boolean {
    return Boolean(this.#query.name) || this.#analysis?.prepares === true
  }

  #wantsFacts({ creates, deletes }: Analysis): boolean {
    if (this.#isSticky) return creates || deletes
    return (creates && this.#begin !== undefined) || (deletes && hasRecorded(this.#capture.store))
  }

  #rewrite(analysis: Analysis): Rewriting {
    const { name } = this.#query
    const text = this.#text ?? ''
    const rewriting = this.#rewritten(text, analysis)
    if (name) this.#capture.named.set(name, { text, rewriting })
    return rewriting
  }

  #rewritten(text: string, analysis: Analysis): Rewriting {
    const { facts, session, store } = this.#capture
    if (!facts || !session || !store || !this.#wantsFacts(analysis)) return unchanged(text, analysis)
    const deletes = this.#isSticky || analysis.statements.some(({ writes }) => writes.some(({ verb, table }) => verb === 'delete' && hasRecorded(store, this.#capture.table(table))))
    const binary = (this.#query as { readonly binary?: unknown }).binary === true
    const rewriting = rewrite(text, analysis, { facts, version: session.version, deletes, binary })
    return this.#retried && rewriting.text === this.#rewriting?.text ? unchanged(text, analysis) : rewriting
  }

  /** EXECUTE does what PREPARE was given, perhaps in this same text. */
  #outputs({ outputs }: Rewriting): readonly Output[] {
    const here = new Map(outputs.flatMap((output) => (output.statement.prepares === undefined ? [] : [[output.statement.prepares, output]])))
    return outputs.map((output) => {
      const { executes, prepares } = output.statement
      if (prepares !== undefined) return { statement: output.statement, writes: [], prepared: output }
      const prepared = executes === undefined ? undefined : (here.get(executes) ?? this.#capture.prepared.get(executes))
      return prepared ?? output
    })
  }

  #mayBeOurs(code: string, { parsedStatements }: PgConnection): boolean {
    const { status, transactions, client } = this.#capture
    const changed = this.#rewriting !== undefined && this.#rewriting.text !== this.#text
    const alone = this.#rewriting?.outputs.length === 1 && status === 'I' && !transactions.isOpen && !client.pipeline
    const bound = this.#query.name !== undefined && parsedStatements[this.#query.name] !== undefined
    return changed && alone && !bound && !this.#retried && perhapsOurs.has(code)
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
    if (this.#query.name) this.#capture.named.delete(this.#query.name)
    this.#resume(connection)
  }

  #refused({ parsedStatements }: PgConnection): void {
    const failing = this.#records[this.#done]
    for (const record of this.#records.slice(this.#done)) record.rejected()
    if (failing?.output.statement.transaction?.kind === 'commit') this.#steps.push({ kind: 'rollback' })
    const { name } = this.#query
    if (name && parsedStatements[name] === undefined) this.#capture.named.delete(name)
    this.#settle(true)
  }

  #askAfterwards(records: readonly StatementRecord[], connection: PgConnection): void {
    for (const [index, record] of records.entries()) {
      const question = record.afterwards()
      if (!question) continue
      ask(this.#capture.client, this.#query, question.sql, question.values, (answer) => {
        this.#steps.push(...question.steps(answer))
        this.#askAfterwards(records.slice(index + 1), connection)
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
    if (!failed && status === 'I') transactions.idle()
    if (this.#text !== undefined) this.#query.text = this.#text
  }

  #warnUnparsable(): void {
    const unparsable = this.#analysis?.unparsable
    if (!unparsable || !this.#begin) return
    const start = (this.#text ?? '').trim().slice(0, 60)
    const message = `A statement could not be parsed (${unparsable}), so the rows that it creates are not tracked: ${start}…`
    this.#capture.sink.warn('DUSTPAN_SQL_UNPARSABLE', start, message)
  }
}

/** Puts a tracked query's methods before those of a query. A stream (COPY) has not all of them. */
function interpose(query: Submittable, tracked: TrackedQuery): Methods {
  const { submit, handleRowDescription = ignore, handleDataRow = ignore, handleCommandComplete = ignore, handleError, handleReadyForQuery } = query
  query.submit = (connection) => tracked.submit(connection)
  query.handleRowDescription = (message) => tracked.handleRowDescription(message)
  query.handleDataRow = (message) => tracked.handleDataRow(message)
  query.handleCommandComplete = (message, connection) => tracked.handleCommandComplete(message, connection)
  query.handleError = (error, connection) => tracked.handleError(error, connection)
  query.handleReadyForQuery = (connection) => tracked.handleReadyForQuery(connection)
  return { submit, handleRowDescription, handleDataRow, handleCommandComplete, handleError, handleReadyForQuery }
}

function ignore(): void {}
