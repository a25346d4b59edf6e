/**
 * Tracks one query of the user: asks the necessary questions first, rewrites the text, and records what was created before
 * the user gets the answer.
 */

import { doubtUnread } from '../../changes/unread-deletes.ts'
import { isServerError } from '../../pg.ts'
import { originalPosition, type Rewriting } from '../../rewriting/rewriting.ts'
import { forgetFacts } from '../../rewriting/table-facts.ts'
import { analyse } from '../../sql/analyse.ts'
import type { Begin } from '../announce.ts'
import { QueryPlan } from '../query-plan.ts'
import { StatementRecord } from '../statement-record.ts'
import type { Step } from '../transactions.ts'
import type { JsClient } from './js-client.ts'
import type { JsSession } from './js-session.ts'
import type { Classes, JsQuery, JsResult } from './library.ts'
import { stripResult, stripRow } from './own-rows.ts'
import { type Built, buildQuery, sendInstead } from './query-text.ts'
import { follow, isOfConnection, whenSent } from './unread-query.ts'
import { asUserError } from './users-error.ts'

/** Sends additional queries where the user's query is sent. */
export interface SideQueries {
  /** Asks a question; undefined when the server refused. */
  ask(sql: string, values: readonly (string | null)[]): Promise<unknown>
  /** Marks a query to be sent unchanged. */
  markUntracked(query: JsQuery): JsQuery
}

/** Errors that our own columns may have caused, when the facts of a table are out of date. */
const possiblyOurErrors = new Set(['42703', '42501', '42P01', '42P10', '0A000', '42883'])

export class TrackedJsQuery {
  readonly #classes: Classes
  readonly #client: JsClient
  readonly #session: JsSession
  readonly #query: JsQuery
  readonly #begin: Begin | undefined
  readonly #sideQueries: SideQueries
  readonly #built: Built
  readonly #plan: QueryPlan
  readonly #original: Pick<JsQuery, 'strings' | 'args'>
  #rewriting: Rewriting | undefined
  #records: readonly StatementRecord[] = []
  /** The effects from the question asked after the query. */
  #followUp: Promise<readonly Step[]> | undefined

  /** @throws what the library throws for values that it rejects */
  constructor(classes: Classes, client: JsClient, query: JsQuery, begin: Begin | undefined, sideQueries: SideQueries) {
    this.#classes = classes
    this.#client = client
    this.#session = client.sessionOf(query.handler)
    this.#query = query
    this.#begin = begin
    this.#sideQueries = sideQueries
    this.#built = buildQuery(classes, query, client.options)
    this.#plan = new QueryPlan(this.#session, { text: this.#text, binary: true }, begin !== undefined)
    this.#original = { strings: query.strings, args: query.args }
  }

  get #text(): string {
    return this.#built.text
  }

  /**
   * Prepares the query for sending, and gives a function to call once it was sent. Synchronous when no question has to be
   * asked.
   */
  prepare(): (() => void) | Promise<() => void> {
    const statements = analyse(this.#text)?.statements.length ?? 0
    if (statements > 1) return this.#leaveSeveral()
    if (this.#query.cursorFn) return this.#leaveCursor()
    if (this.#plan.commits)
      whenSent(this.#query, (connection) => this.#client.transactionOn(connection).committing(this.#query))
    if (!this.#plan.question()) return this.#decide()
    return this.#askQuestions().then(() => (this.#query.cancelled ? () => {} : this.#decide()))
  }

  #decide(): () => void {
    this.#rewriting = this.#plan.decide(undefined)
    const outputs = this.#rewriting ? this.#plan.outputs(this.#rewriting) : []
    const { emptied } = this.#plan
    this.#records = outputs.map(
      (output) => new StatementRecord(output, this.#session, this.#begin, { isMoved: false, emptied }),
    )
    const { text } = this.#rewriting ?? {}
    if (text !== undefined && text !== this.#text) sendInstead(this.#classes, this.#query, text, this.#built)
    this.#interpose()
    return () => {
      for (const record of this.#records) record.sent()
      this.#followUp = this.#askFollowUp()
    }
  }

  /**
   * Asked immediately after the query: the next query of the user may take the last connection of the pool, and wait on it
   * for this query.
   */
  #askFollowUp(): Promise<readonly Step[]> | undefined {
    const question = this.#records[0]?.followUp()
    return question && this.#sideQueries.ask(question.sql, question.values).then((answer) => question.steps(answer))
  }

  async #askQuestions(): Promise<void> {
    for (let question = this.#plan.question(); question; question = this.#plan.question()) {
      const answer = await this.#sideQueries.ask(question.sql, question.values)
      if (answer === undefined) return
      await question.answered(answer)
    }
  }

  /** Several statements without rows have one result, but with our columns they would have several. */
  #leaveSeveral(): () => void {
    if (analyse(this.#text)?.creates) this.#warn('of several', 'send them one by one')
    return this.#leave()
  }

  #leaveCursor(): () => void {
    if (analyse(this.#text)?.creates) this.#warn('through a cursor', 'await it')
    return this.#leave()
  }

  #leave(): () => void {
    const query = this.#query
    if (this.#begin) doubtUnread(this.#session, this.#text)
    whenSent(query, (connection) => follow(query, this.#client.transactionOn(connection), analyse(this.#text)))
    return () => {}
  }

  #warn(how: string, instead: string): void {
    if (!this.#begin) return
    const message = `Rows that a statement ${how} creates are not tracked: ${instead}, or track() the rows`
    this.#session.sink.warn('DUSTPAN_SQL_UNATTRIBUTED', `postgres.js ${how}`, message)
  }

  #interpose(): void {
    const query = this.#query
    const { resolve, reject, forEachFn } = query
    const [record] = this.#records
    const output = record?.output
    query.resolve = (result) => void this.#answered(result, resolve)
    query.reject = (error) => this.#refused(error, resolve, reject)
    if (!forEachFn || !record || !output) return
    query.forEachFn = (row, result) =>
      stripRow(record, output, row, columnsOf(query)) ? forEachFn(row, result) : undefined
  }

  #answered(result: unknown, resolve: (value: unknown) => void): unknown {
    const { state, handler } = this.#query
    if (state) this.#client.answeredOn(state, handler)
    const [record] = this.#records
    if (!record || !isResult(result)) {
      this.#settle([], false)
      return resolve(result)
    }
    const steps = stripResult(record, record.output, this.#query, result, this.#text)
    if (!this.#followUp) {
      this.#settle(steps, false)
      return resolve(result)
    }
    return this.#followUp.then((followUpSteps) => {
      this.#settle([...steps, ...followUpSteps], false)
      resolve(result)
    })
  }

  /** Errors that are not from the server (a lost connection) leave intents open: the outcome of the statement is unknown. */
  #refused(error: unknown, resolve: (value: unknown) => void, reject: (error: unknown) => void): void {
    const { state } = this.#query
    if (isServerError(error) && !isOfConnection(error)) {
      for (const record of this.#records) record.rejected()
      if (this.#mayBeOurError(error.code)) {
        this.#resend(resolve, reject)
        return
      }
      const position = Number(error.position)
      if (position && this.#rewriting) error.position = String(originalPosition(position, this.#rewriting.edits))
      this.#settle(this.#records.some((record) => record.endsTransaction) ? [{ kind: 'rollback' }] : [], true)
    } else if (state) {
      const transactions = this.#client.transactionOn(state)
      transactions.lost()
      transactions.answered(this.#query)
    }
    reject(this.#query.strings === this.#original.strings ? error : asUserError(error, this.#text, this.#original.args))
  }

  #mayBeOurError(code: string): boolean {
    const { state, strings } = this.#query
    const isAlone = state !== null && !this.#client.transactionOn(state).isOpen
    return isAlone && strings !== this.#original.strings && possiblyOurErrors.has(code)
  }

  /** Hides the error from the user: the original query is sent again. */
  #resend(resolve: (value: unknown) => void, reject: (error: unknown) => void): void {
    forgetFacts()
    const { handler, canceller, options, isRaw } = this.#query
    const { strings, args } = this.#original
    const copy = new this.#classes.Query(strings, args, handler, canceller, options)
    if (isRaw) copy.isRaw = isRaw
    this.#sideQueries.markUntracked(copy).then(resolve, reject)
  }

  #settle(steps: readonly Step[], failed: boolean): void {
    const { state } = this.#query
    if (!state) return
    const transactions = this.#client.transactionOn(state)
    transactions.replay(steps, failed)
    transactions.answered(this.#query)
  }
}

function columnsOf(query: JsQuery): readonly { readonly name: string }[] {
  const { statement } = query as unknown as { statement?: { columns?: readonly { name: string }[] } }
  return statement?.columns ?? []
}

function isResult(result: unknown): result is JsResult {
  return Array.isArray(result) && 'command' in result
}
