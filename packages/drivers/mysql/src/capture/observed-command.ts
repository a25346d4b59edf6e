import type { CaptureSink } from '@dustpan/core/driver'
import type { Command, Mysql2Connection, Packet, PacketClass, PreparedStatement } from '../mysql2.ts'
import type { Row } from '../session.ts'
import { mayCommitUnread, nothing, type Reading, readStatements } from '../sql/read-statements.ts'
import { mayCommit, type Statement } from '../sql/statement.ts'
import type { ConnectionCapture, Queries } from './connection-capture.ts'
import { noteDoubtOfAny } from './doubtful-keys.ts'
import { mayReplace } from './may-replace.ts'
import { type OwnCommand, ownExecution, ownQuery, prepareClassOf } from './own-command.ts'
import { notePrepared, usedBy } from './prepared-database.ts'
import { hasRecorded } from './recorded-rows.ts'
import { ReturnedRows } from './returned-rows.ts'
import {
  answersAtOnce,
  type Done,
  doneIn,
  donePacket,
  errorNumber,
  isRow,
  kept,
  lockErrors,
  returningErrors,
} from './server-answer.ts'
import { StatementRecord } from './statement-record.ts'

/** Handles packets; returns true when it is done. */
type PacketHandler = (packet: Packet | null | undefined) => boolean

interface Observed {
  /** The text parsed with backslash escapes. */
  readonly reading: Reading | undefined
  readonly text: string
  readonly begin: CaptureSink['begin'] | undefined
}

/**
 * A command of the user's, observed in the queue of its connection: Dustpan's queries run before it is sent, and the server's
 * answer is recorded before the user sees it.
 */
export class ObservedCommand {
  readonly #command: Command
  readonly #connection: Mysql2Connection
  readonly #capture: ConnectionCapture
  #reading: Reading
  readonly #text: string
  readonly #begin: CaptureSink['begin'] | undefined
  readonly #execute: Command['execute']
  /** A USE, if the statement was prepared in another database. */
  #used: readonly Statement[] = []
  #records: readonly StatementRecord[] = []
  #at = 0
  #userRows = new ReturnedRows()
  #handler: PacketHandler

  constructor(
    command: Command,
    connection: Mysql2Connection,
    capture: ConnectionCapture,
    { reading = nothing, text, begin }: Observed,
  ) {
    this.#command = command
    this.#connection = connection
    this.#capture = capture
    this.#reading = reading
    this.#text = text
    this.#begin = begin
    this.#execute = command.execute
    this.#handler = () => this.#start()
  }

  handle(packet: Packet | null | undefined): boolean {
    const isDone = this.#handler(packet)
    if (!isDone) return false
    this.#capture.committing = false
    for (const record of this.#records) record.ended()
    return true
  }

  /** If the statement could not be prepared, there is nothing to observe. */
  #start(): boolean {
    const command = this.#command
    if (command._executeOptions && !command.statement) return this.#pass(undefined)
    return this.#ask(this.#readContext(), () => this.#prepareAll())
  }

  /** An earlier command in the queue may have changed the backslash mode or the database. */
  *#readContext(): Queries<void> {
    const { statement } = this.#command
    const matters = this.#begin !== undefined || hasRecorded(this.#capture.store)
    if (statement && matters) this.#used = yield* usedBy(statement, this.#capture)
    if (!this.#text.includes('\\')) return
    if (this.#capture.escapes === undefined) yield* this.#capture.readSession()
    this.#reading = readStatements(this.#text, this.#capture.escapes ?? true) ?? nothing
  }

  #prepareAll(): boolean {
    const { statements } = this.#reading
    const mayReturn =
      statements.length === 1 && this.#used.length === 0 && !this.#command.timeout && !/row_count/i.test(this.#text)
    const marks = !mayReplace(this.#reading, this.#text) ? 'all' : statements.length === 1 ? 'ours' : 'none'
    const [text, parameters] = [this.#text, this.#command.parameters ?? []]
    const context = { begin: this.#begin, text, parameters, mayReturn, marks } as const
    this.#records = statements.map((statement, index) => {
      const earlier = [...this.#used, ...statements.slice(0, index)]
      return new StatementRecord(statement, this.#capture, { ...context, earlier })
    })
    return this.#ask(this.#queries(marks !== 'all'), () => this.#send())
  }

  *#queries(mayReplace: boolean): Queries<void> {
    if (mayReplace) yield* this.#capture.unmarked()
    for (const record of this.#records) yield* record.prepare()
    if (this.#reading.unreadable === undefined || !this.#begin || !mayRemove.test(this.#text)) return
    yield* this.#capture.readSession()
    if (this.#capture.store) noteDoubtOfAny(this.#capture.store)
  }

  #send(): boolean {
    if (this.#command.statement) notePrepared(this.#command.statement, this.#capture)
    this.#capture.sending(this.#commits)
    const [record] = this.#records
    const columns = this.#records.length === 1 ? record?.returning : undefined
    if (!record || !columns) return this.#sendOwn()
    const end = record.statement.end
    const text = `${this.#text.slice(0, end)} RETURNING ${columns.join(', ')}${this.#text.slice(end)}`
    return this.#command._executeOptions
      ? this.#prepare(text, record)
      : this.#sendWith(record, ownQuery(this.#connection, text))
  }

  /** An unread text matters only if there is something to commit. */
  get #commits(): boolean {
    const { matters, commits } = this.#reading
    if (matters) return commits
    return this.#capture.transaction.isOpen && mayCommitUnread(this.#text, this.#capture.escapes ?? true)
  }

  #sendOwn(): boolean {
    this.#handler = (packet) => this.#observe(packet)
    const isDone = this.#pass(undefined)
    for (const record of this.#records) record.sent()
    return isDone
  }

  /** With RETURNING, a prepared statement is a different statement, which mysql2 caches like the user's. */
  #prepare(text: string, record: StatementRecord): boolean {
    let found: PreparedStatement | undefined
    const Prepare = prepareClassOf(this.#connection)
    const preparing = new Prepare({ sql: text }, (_, statement) => {
      found = statement as PreparedStatement | undefined
    })
    return this.#run(preparing, () => {
      return found ? this.#sendWith(record, ownExecution(this.#command, found)) : this.#sendOwn()
    })
  }

  /**
   * Passes the user's command the answer that it would have received without RETURNING. After an error that RETURNING may have
   * caused, sends the original.
   */
  #sendWith(record: StatementRecord, own: OwnCommand): boolean {
    let [status, warnings] = [0, 0]
    this.#handler = (packet) => {
      if (packet?.isError()) {
        const errno = errorNumber(packet)
        if (returningErrors.has(errno)) {
          this.#capture.mayReturn = false
          return this.#sendOwn()
        }
        return this.#observe(packet)
      }
      if (packet?.isEOF()) [status, warnings] = [packet.eofStatusFlags() & 0xffff, packet.eofWarningCount() & 0xffff]
      if (!own.command.execute(packet, this.#connection)) return false
      const done = record.returned((own.command._rows[0] ?? []) as Row[], status, warnings)
      return this.#answer(done, packet as Packet)
    }
    const isDone = this.#handler(undefined)
    record.sent()
    return isDone
  }

  #answer(done: Done, packet: Packet): boolean {
    this.#command.next = this.#command.resultsetHeader
    return this.#pass(donePacket(packet.constructor as PacketClass, done, this.#connection))
  }

  #observe(packet: Packet | null | undefined): boolean {
    const command = this.#command
    const record = this.#records[this.#at]
    if (packet?.isError()) return this.#failed(packet, record)
    if (packet && answersAtOnce(command)) {
      const done = doneIn(packet)
      if (done) this.#next(record, () => (record ? record.done(done) : this.#capture.answered(done.status)))
    } else if (packet && isRow(command)) this.#row(packet, record)
    return this.#pass(packet)
  }

  /** An error packet has no session status: if it matters, it is asked for before the user sees the error. */
  #failed(packet: Packet, record: StatementRecord | undefined): boolean {
    const errno = errorNumber(packet)
    for (const each of this.#records.slice(this.#at)) each.rejected()
    const ended = record ? record.endedBy(errno) : this.#capture.committing ? 'unknown' : 'rolled-back'
    if (this.#capture.refused(errno, ended) === 'settled') return this.#pass(packet)
    const error = kept(packet)
    return this.#run(ownQuery(this.#connection, statusSql).command, (last) => {
      if (last?.isEOF()) this.#capture.answered(last.eofStatusFlags() & 0xffff, ended)
      return this.#pass(error)
    })
  }

  #next(record: StatementRecord | undefined, report: () => void): void {
    if (record?.answersOnce) this.#at++
    const rest = this.#records.slice(this.#at)
    if (record) this.#capture.committing = rest.some(({ statement }) => mayCommit(statement))
    report()
    if (rest.length === 0) this.#warnUnreadable()
  }

  /** Handles a row of a result, or its end. */
  #row(packet: Packet, record: StatementRecord | undefined): void {
    const hasKeys = record !== undefined && givesRows.has(record.statement.kind)
    if (!packet.isEOF()) {
      if (hasKeys) this.#userRows.add(packet, this.#command)
      return
    }
    const [status, userRows] = [packet.eofStatusFlags() & 0xffff, this.#userRows]
    this.#userRows = new ReturnedRows()
    this.#next(record, () => {
      if (!record) this.#capture.answered(status)
      else if (hasKeys) record.userReturned(userRows, status)
      else record.settle(status)
    })
  }

  #warnUnreadable(): void {
    const { unreadable } = this.#reading
    if (unreadable === undefined || !this.#begin) return
    const start = this.#text.trim().slice(0, 60)
    const message = `A statement could not be read (${unreadable}), so what it creates or deletes is not tracked: ${start}…`
    this.#capture.sink.warn('DUSTPAN_SQL_UNPARSABLE', start, message)
  }

  #pass(packet: Packet | null | undefined): boolean {
    return this.#execute.call(this.#command, packet, this.#connection)
  }

  /** Runs the queries one after the other, then continues. */
  #ask(queries: Queries<void>, then: () => boolean): boolean {
    const ask = (answer?: readonly Row[] | Error): boolean => {
      const { value, done } = answer === undefined ? queries.next() : queries.next(answer)
      if (done) return then()
      const own = ownQuery(this.#connection, value as string)
      return this.#run(own.command, (packet) => {
        // The user's statement would have hit the same error, which may have ended the transaction.
        if (packet?.isError() && lockErrors.has(errorNumber(packet))) return this.#observe(packet)
        return ask(own.error ?? ((own.command._rows[0] ?? []) as Row[]))
      })
    }
    return ask()
  }

  /** Runs one of Dustpan's own commands in place of the user's. */
  #run(own: Command, then: PacketHandler): boolean {
    this.#handler = (packet) => (own.execute(packet, this.#connection) ? then(packet) : false)
    return this.#handler(undefined)
  }
}

/** Leaves the warnings as they are. */
const statusSql = 'SHOW WARNINGS LIMIT 0'

const mayRemove = /\b(?:delete|truncate|replace)\b/i

/** Statements whose rows may contain keys. */
const givesRows: ReadonlySet<string> = new Set(['insert', 'delete', 'opaque'])
