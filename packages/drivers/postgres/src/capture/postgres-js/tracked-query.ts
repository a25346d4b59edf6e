/** One of the user's queries: what is needed is asked first, the text is rewritten, and what was created is recorded before the user hears of it. */
import { isServerError } from '../../pg.ts'
import { analyse } from '../analyse.ts'
import type { Begin } from '../announce.ts'
import { QueryPlan } from '../query-plan.ts'
import { originalPosition, type Rewriting } from '../rewriting.ts'
import { StatementRecord } from '../statement-record.ts'
import { forgetFacts } from '../table-facts.ts'
import type { Step } from '../transactions.ts'
import { doubtUnread } from '../unread-deletes.ts'
import type { JsSession } from './js-session.ts'
import type { Classes, JsQuery, JsResult } from './library.ts'
import { takeResult, takeRow } from './own-rows.ts'
import { type Built, built, sendInstead } from './query-text.ts'
import { follow, isOfConnection, whenSent } from './unread-query.ts'
import { asUsers } from './users-error.ts'

/** What is sent beside the user's query, in its place. */
export interface Beside {
  /** A question of our own; undefined: the server refused. */
  ask(sql: string, values: readonly (string | null)[]): Promise<unknown>
  /** Has a query sent as it is. */
  leave(query: JsQuery): JsQuery
}

/** Errors that our own columns could have caused, when what was known of a table is no longer so. */
const perhapsOurs = new Set(['42703', '42501', '42P01', '42P10', '0A000', '42883'])

export class TrackedJsQuery {
  readonly #classes: Classes
  readonly #session: JsSession
  readonly #query: JsQuery
  readonly #begin: Begin | undefined
  readonly #beside: Beside
  readonly #built: Built
  readonly #plan: QueryPlan
  readonly #sent: Pick<JsQuery, 'strings' | 'args'>
  #rewriting: Rewriting | undefined
  #records: readonly StatementRecord[] = []
  /** What the server is asked behind the query. */
  #after: Promise<readonly Step[]> | undefined

  /** @throws what the library throws for values that it refuses */
  constructor(classes: Classes, session: JsSession, query: JsQuery, begin: Begin | undefined, beside: Beside) {
    this.#classes = classes
    this.#session = session
    this.#query = query
    this.#begin = begin
    this.#beside = beside
    this.#built = built(classes, query, session.options)
    this.#plan = new QueryPlan(session, { text: this.#text, binary: true }, begin !== undefined)
    this.#sent = { strings: query.strings, args: query.args }
  }

  get #text(): string {
    return this.#built.text
  }

  /** Puts everything in its place before the query is sent; gives what is to be done once it was. At once, where nothing has to be asked. */
  prepare(): (() => void) | Promise<() => void> {
    const statements = analyse(this.#text)?.statements.length ?? 0
    if (statements > 1) return this.#leaveTogether()
    if (this.#query.cursorFn) return this.#leaveCursor()
    if (this.#plan.commits)
      whenSent(this.#query, (connection) => this.#session.transactionOn(connection).committing(this.#query))
    if (!this.#plan.question()) return this.#decide()
    return this.#learn().then(() => (this.#query.cancelled ? () => {} : this.#decide()))
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
      this.#after = this.#askBehind()
    }
  }

  /** Right behind the query: what the user sends next may take the pool's last connection, and wait for this query in there. */
  #askBehind(): Promise<readonly Step[]> | undefined {
    const question = this.#records[0]?.afterwards()
    return question && this.#beside.ask(question.sql, question.values).then((answer) => question.steps(answer))
  }

  async #learn(): Promise<void> {
    for (let question = this.#plan.question(); question; question = this.#plan.question()) {
      const answer = await this.#beside.ask(question.sql, question.values)
      if (answer === undefined) return
      await question.answered(answer)
    }
  }

  /** What comes of several statements without rows is one result, and would be several with ours. */
  #leaveTogether(): () => void {
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
    whenSent(query, (connection) => follow(query, this.#session.transactionOn(connection), analyse(this.#text)))
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
    query.resolve = (given) => void this.#answered(given, resolve)
    query.reject = (error) => this.#refused(error, resolve, reject)
    if (!forEachFn || !record || !output) return
    query.forEachFn = (row, result) =>
      takeRow(record, output, row, columnsOf(query)) ? forEachFn(row, result) : undefined
  }

  #answered(given: unknown, resolve: (value: unknown) => void): unknown {
    const [record] = this.#records
    if (!record || !isResult(given)) {
      this.#settle([], false)
      return resolve(given)
    }
    const steps = takeResult(record, record.output, this.#query, given, this.#text)
    if (!this.#after) {
      this.#settle(steps, false)
      return resolve(given)
    }
    return this.#after.then((more) => {
      this.#settle([...steps, ...more], false)
      resolve(given)
    })
  }

  /** What the server did not say itself (a lost connection) leaves intents open: nobody knows what became of the statement. */
  #refused(error: unknown, resolve: (value: unknown) => void, reject: (error: unknown) => void): void {
    const { state } = this.#query
    if (isServerError(error) && !isOfConnection(error)) {
      for (const record of this.#records) record.rejected()
      if (this.#mayBeOurs(error.code)) {
        this.#again(resolve, reject)
        return
      }
      const position = Number(error.position)
      if (position && this.#rewriting) error.position = String(originalPosition(position, this.#rewriting.edits))
      this.#settle(this.#records.some((record) => record.endsTransaction) ? [{ kind: 'rollback' }] : [], true)
    } else if (state) {
      const transactions = this.#session.transactionOn(state)
      transactions.lost()
      transactions.answered(this.#query)
    }
    reject(this.#query.strings === this.#sent.strings ? error : asUsers(error, this.#text, this.#sent.args))
  }

  #mayBeOurs(code: string): boolean {
    const { state, strings } = this.#query
    const isAlone = state !== null && !this.#session.transactionOn(state).isOpen
    return isAlone && strings !== this.#sent.strings && perhapsOurs.has(code)
  }

  /** The error is not the user's to see yet: the query is sent again, as it was. */
  #again(resolve: (value: unknown) => void, reject: (error: unknown) => void): void {
    forgetFacts()
    const { handler, canceller, options, isRaw } = this.#query
    const { strings, args } = this.#sent
    const again = new this.#classes.Query(strings, args, handler, canceller, options)
    if (isRaw) again.isRaw = isRaw
    this.#beside.leave(again).then(resolve, reject)
  }

  #settle(steps: readonly Step[], failed: boolean): void {
    const { state } = this.#query
    if (!state) return
    const transactions = this.#session.transactionOn(state)
    transactions.replay(steps, failed)
    transactions.answered(this.#query)
  }
}

function columnsOf(query: JsQuery): readonly { readonly name: string }[] {
  const { statement } = query as unknown as { statement?: { columns?: readonly { name: string }[] } }
  return statement?.columns ?? []
}

function isResult(given: unknown): given is JsResult {
  return Array.isArray(given) && 'command' in given
}
