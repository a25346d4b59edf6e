import type { CaptureSink } from '@dustpan/core/driver'
import type { Command, Mysql2Connection, Packet, PacketClass, PreparedStatement } from '../mysql2.ts'
import type { Row } from '../session.ts'
import type { ConnectionCapture, Questions } from './connection-capture.ts'
import { noteDoubtOfAny } from './doubtful-keys.ts'
import { GivenRows } from './given-rows.ts'
import { mayReplace } from './may-replace.ts'
import { type OwnCommand, ownExecution, ownQuery, prepareClassOf } from './own-command.ts'
import { mayCommitUnread, nothing, type Reading, readStatements } from './read-statements.ts'
import {
  answersAtOnce,
  type Done,
  doneIn,
  donePacket,
  errorNumber,
  isRow,
  ofLocks,
  ofReturning,
} from './server-answer.ts'
import { mayCommit } from './statement.ts'
import { StatementRecord } from './statement-record.ts'

/** Takes packets until it is done. */
type Taker = (packet: Packet | null | undefined) => boolean

interface Observed {
  /** As a text in which a backslash escapes. */
  readonly reading: Reading | undefined
  readonly text: string
  readonly begin: CaptureSink['begin'] | undefined
}

/**
 * A command of the user's, seen from its place in the queue of its connection: what has to be asked is asked before it is sent, and what the
 * server answers is recorded before the user sees it.
 */
export class ObservedCommand {
  readonly #command: Command
  readonly #connection: Mysql2Connection
  readonly #capture: ConnectionCapture
  #reading: Reading
  readonly #text: string
  readonly #begin: CaptureSink['begin'] | undefined
  readonly #execute: Command['execute']
  #records: readonly StatementRecord[] = []
  #at = 0
  #given = new GivenRows()
  #take: Taker

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
    this.#take = () => this.#start()
  }

  take(packet: Packet | null | undefined): boolean {
    const isDone = this.#take(packet)
    if (!isDone) return false
    this.#capture.committing = false
    for (const record of this.#records) record.ended()
    return true
  }

  /** Its prepared statement could not be prepared: there is nothing to see. */
  #start(): boolean {
    const command = this.#command
    if (command._executeOptions && !command.statement) return this.#pass(undefined)
    return this.#text.includes('\\') ? this.#ask(this.#readAnew(), () => this.#prepareAll()) : this.#prepareAll()
  }

  /** What stood before it in the queue may have said what a backslash is. */
  *#readAnew(): Questions<void> {
    if (this.#capture.escapes === undefined) yield* this.#capture.introduced()
    this.#reading = readStatements(this.#text, this.#capture.escapes ?? true) ?? nothing
  }

  #prepareAll(): boolean {
    const { statements } = this.#reading
    const mayReturn = statements.length === 1 && !this.#command.timeout && !/row_count/i.test(this.#text)
    const marks = !mayReplace(this.#reading, this.#text) ? 'all' : statements.length === 1 ? 'ours' : 'none'
    const [text, parameters] = [this.#text, this.#command.parameters ?? []]
    const circumstances = { begin: this.#begin, text, parameters, mayReturn, marks } as const
    this.#records = statements.map((statement, index) => {
      const earlier = statements.slice(0, index)
      return new StatementRecord(statement, this.#capture, { ...circumstances, earlier })
    })
    return this.#ask(this.#questions(marks !== 'all'), () => this.#send())
  }

  *#questions(mayReplace: boolean): Questions<void> {
    if (mayReplace) yield* this.#capture.unmarked()
    for (const record of this.#records) yield* record.prepare()
    if (this.#reading.unreadable === undefined || !this.#begin || !mayTake.test(this.#text)) return
    yield* this.#capture.introduced()
    if (this.#capture.store) noteDoubtOfAny(this.#capture.store)
  }

  #send(): boolean {
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

  /** Of what was not read it matters only where there is something to commit. */
  get #commits(): boolean {
    const { matters, commits } = this.#reading
    if (matters) return commits
    return this.#capture.transaction.isOpen && mayCommitUnread(this.#text, this.#capture.escapes ?? true)
  }

  #sendOwn(): boolean {
    this.#take = (packet) => this.#observe(packet)
    const isDone = this.#pass(undefined)
    for (const record of this.#records) record.sent()
    return isDone
  }

  /** A prepared statement with RETURNING is another statement, which mysql2 keeps like the user's. */
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

  /** The user's command gets the answer that it would have had. An error that only RETURNING can have made sends it as it is. */
  #sendWith(record: StatementRecord, own: OwnCommand): boolean {
    let [status, warnings] = [0, 0]
    this.#take = (packet) => {
      if (packet?.isError()) {
        const errno = errorNumber(packet)
        if (ofReturning.has(errno)) {
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
    const isDone = this.#take(undefined)
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
    if (packet?.isError()) {
      for (const each of this.#records.slice(this.#at)) each.rejected()
      this.#capture.refused(errorNumber(packet))
    } else if (packet && answersAtOnce(command)) {
      const done = doneIn(packet)
      if (done) this.#next(record, () => (record ? record.done(done) : this.#capture.answered(done.status)))
    } else if (packet && isRow(command)) this.#row(packet, record)
    return this.#pass(packet)
  }

  #next(record: StatementRecord | undefined, tell: () => void): void {
    if (record?.answersOnce) this.#at++
    const rest = this.#records.slice(this.#at)
    if (record) this.#capture.committing = rest.some(({ statement }) => mayCommit(statement))
    tell()
    if (rest.length === 0) this.#warnUnreadable()
  }

  /** One of an answer, or its end. */
  #row(packet: Packet, record: StatementRecord | undefined): void {
    const tells = record !== undefined && givesRows.has(record.statement.kind)
    if (!packet.isEOF()) {
      if (tells) this.#given.add(packet, this.#command)
      return
    }
    const [status, given] = [packet.eofStatusFlags() & 0xffff, this.#given]
    this.#given = new GivenRows()
    this.#next(record, () => {
      if (!record) this.#capture.answered(status)
      else if (tells) record.gave(given, status)
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

  /** Asks one question after the other, then goes on. */
  #ask(questions: Questions<void>, then: () => boolean): boolean {
    const ask = (answer?: readonly Row[] | Error): boolean => {
      const { value, done } = answer === undefined ? questions.next() : questions.next(answer)
      if (done) return then()
      const own = ownQuery(this.#connection, value as string)
      return this.#run(own.command, (packet) => {
        // The statement would have met it as well, and the transaction may be over by it.
        if (packet?.isError() && ofLocks.has(errorNumber(packet))) return this.#observe(packet)
        return ask(own.error ?? ((own.command._rows[0] ?? []) as Row[]))
      })
    }
    return ask()
  }

  /** Runs a command of our own in the place of the user's. */
  #run(own: Command, then: Taker): boolean {
    this.#take = (packet) => (own.execute(packet, this.#connection) ? then(packet) : false)
    return this.#take(undefined)
  }
}

const mayTake = /\b(?:delete|truncate|replace)\b/i

/** What its rows may tell of. */
const givesRows: ReadonlySet<string> = new Set(['insert', 'delete', 'opaque'])
