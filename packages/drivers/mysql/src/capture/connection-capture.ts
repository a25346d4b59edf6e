import type { CaptureSink, StoreSeen } from '@dustpan/core/driver'
import { storeId } from '../identity.ts'
import type { ConnectionConfig, Mysql2Connection } from '../mysql2.ts'
import { literal, type TableName } from '../names.ts'
import { type Row, type Session, sessionOf, sessionSql } from '../session.ts'
import { type Table, tableOf, tableSql } from '../tables.ts'
import { rememberClient } from './captured-clients.ts'
import { type Passage, passage, passageOf } from './charsets.ts'
import { seesTriggers } from './grants.ts'
import { OpenTransaction } from './open-transaction.ts'
import { autocommit, inTransaction, noBackslashEscapes } from './server-answer.ts'
import type { TableReference, Unseen } from './statement.ts'
import { factsOf, knownAsView, learn, learnView } from './table-facts.ts'

/** A question to the server; the answer is its rows, or an error. */
export type Questions<T> = Generator<string, T, readonly Row[] | Error>

/** What is known of one connection: its session, its transaction, its own temporary tables. */
export class ConnectionCapture {
  readonly sink: CaptureSink
  readonly transaction: OpenTransaction
  /** Whether the rows of a table are left alone, by the configuration of the store's driver. */
  readonly ignores: (store: StoreSeen, table: TableName, database: string) => boolean
  readonly #connection: Mysql2Connection
  /** By name; false: a temporary table. */
  readonly #seen = new Map<string, boolean>()
  /** By the names of statements that were prepared by SQL, what they may take. */
  readonly prepared = new Map<string, Unseen | undefined>()
  session: Session | undefined
  status = 0
  /** A statement that may commit has been sent and is not answered. */
  committing = false
  /** The user may not select what RETURNING gives. */
  mayReturn = true
  #mayProcess = true
  #grants: readonly string[] | undefined
  #store: StoreSeen | undefined
  #mark: string | undefined

  constructor(connection: Mysql2Connection, sink: CaptureSink, ignores: ConnectionCapture['ignores']) {
    this.#connection = connection
    this.sink = sink
    this.ignores = ignores
    this.transaction = new OpenTransaction(
      () => sink.transaction(this.#store as StoreSeen, { announced: true }),
      () => this.committing,
    )
  }

  /** Known once the first question is answered. */
  get store(): StoreSeen | undefined {
    return this.#store
  }

  /** A transaction is open, or the next statement opens one. */
  get isInTransaction(): boolean {
    return this.status !== 0 && ((this.status & inTransaction) !== 0 || (this.status & autocommit) === 0)
  }

  /** In texts a backslash escapes. Undefined: the server has not said anything yet. */
  get escapes(): boolean | undefined {
    return this.status === 0 ? this.session?.escapes : (this.status & noBackslashEscapes) === 0
  }

  /** Which letters come to the server as the client sends them. */
  get letters(): Passage {
    return passage(this.session?.letters.written, passageOf(this.#connection.config.charsetNumber))
  }

  /** Rows that are found as they should be count as affected; so it is unless the user says otherwise. */
  get foundRows(): boolean {
    return ((this.#connection.config.clientFlags ?? 0) & 2) !== 0
  }

  /** Asks who answers, once. */
  *introduced(): Questions<Session | undefined> {
    if (this.session) return this.session
    const isMariaDB = /mariadb/i.test(this.#connection._handshakePacket?.serverVersion ?? '')
    const answer = yield sessionSql(isMariaDB)
    if (answer instanceof Error || !answer[0]) return undefined
    this.session = sessionOf(answer[0])
    const id = storeId(endpointOf(this.#connection.config, this.session), this.session.server)
    if (id !== this.#store?.id) this.#store = { id }
    rememberClient(id, this.#connection.config)
    return this.session
  }

  /** The facts of a table, where it is there for others as well. */
  *table(reference: TableReference): Questions<Table | undefined> {
    const session = yield* this.introduced()
    const store = this.#store
    const name = { schema: reference.schema ?? session?.database ?? '', table: reference.table }
    if (!session || !store || name.schema === '' || !(yield* this.#isLasting(name))) return undefined
    return factsOf(store.id, name.schema, name.table) ?? (yield* this.#ask(name, session, store))
  }

  /** Asked once for each name: what goes into a view goes into other tables. */
  *isView({ schema, table }: TableName): Questions<boolean> {
    const { id } = this.#store as StoreSeen
    const known = knownAsView(id, schema, table)
    if (known !== undefined) return known
    const names = `table_schema = ${literal(schema)} AND table_name = ${literal(table)}`
    const answer = yield `SELECT table_type FROM information_schema.tables WHERE ${names} LIMIT 1`
    return learnView(id, schema, table, !(answer instanceof Error) && answer[0]?.[0] === 'VIEW')
  }

  /** The session is marked with the run, where rows take their mark from it. */
  *marked(table: Table): Questions<void> {
    const run = this.sink.marker?.run
    if (!table.marked || run === undefined || this.#mark === run) return
    const answer = yield `SET @dustpan_marker = ${literal(run)}`
    if (!(answer instanceof Error)) this.#mark = run
  }

  /** What the session writes from now on carries no mark. */
  *unmarked(): Questions<void> {
    if (this.#mark === undefined) return
    const answer = yield 'SET @dustpan_marker = NULL'
    if (!(answer instanceof Error)) this.#mark = undefined
  }

  /** The session has the run's mark. */
  get isMarked(): boolean {
    return this.#mark !== undefined && this.#mark === this.sink.marker?.run
  }

  /** What statements mean may have changed: the database, the settings. */
  sessionChanged(): void {
    this.session = undefined
    this.#grants = undefined
    this.tablesChanged()
  }

  tablesChanged(): void {
    this.#seen.clear()
  }

  /** The session begins anew, perhaps as another user's. */
  sessionReset(): void {
    this.sessionChanged()
    this.status = 0
    this.#mark = undefined
    this.prepared.clear()
    this.transaction.settle('rolled-back')
  }

  /** A command of the user's is about to be sent. */
  sending(mayCommit: boolean): void {
    this.committing = mayCommit
    if (mayCommit) this.transaction.committing()
  }

  /** What the server says of the session with an answer. No transaction is open: one that was has ended in a way that no statement showed. */
  answered(status: number): void {
    this.status = status
    if ((status & inTransaction) === 0) this.transaction.settle('unknown')
  }

  /** What an error has ended beside its own statement. */
  refused(errno: number): void {
    this.committing = false
    if (errno === deadlock) this.transaction.settle('rolled-back')
  }

  /** The connection is no more: an open transaction went with it, unless its end was on its way. */
  lost(): void {
    this.transaction.settle(this.committing ? 'unknown' : 'rolled-back')
  }

  /** A temporary table stands before another one of its name, in this session only. */
  *#isLasting(name: TableName): Questions<boolean> {
    const id = `${name.schema}\0${name.table}`
    const known = this.#seen.get(id)
    if (known !== undefined) return known
    const answer =
      yield `SHOW CREATE TABLE ${[name.schema, name.table].map((part) => `\`${part.replaceAll('`', '``')}\``).join('.')}`
    if (answer instanceof Error) return false
    const isLasting = !/^CREATE TEMPORARY/i.test(answer[0]?.[1] ?? '')
    this.#seen.set(id, isLasting)
    return isLasting
  }

  /** MySQL lists no trigger to whom may not have one. */
  *#seesTriggers(table: Table): Questions<boolean> {
    if (table.changesInserts) return true
    if (!this.#grants) {
      const answer = yield 'SHOW GRANTS'
      this.#grants = answer instanceof Error ? [] : answer.map(([grant]) => grant ?? '')
    }
    return seesTriggers(this.#grants, table)
  }

  *#ask(name: TableName, session: Session, store: StoreSeen): Questions<Table | undefined> {
    const answers: (readonly Row[])[] = []
    for (const sql of tableSql(name, session, this.#mayProcess).slice(0, asked)) {
      const answer = yield sql
      if (answer instanceof Error) {
        if (!this.#mayProcess) return undefined
        this.#mayProcess = false
        return yield* this.#ask(name, session, store)
      }
      answers.push(answer)
    }
    const table = tableOf(answers, 'some-tables')
    const hidesTriggers = table && !session.isMariaDB && !(yield* this.#seesTriggers(table))
    return table && learn(store.id, name.schema, name.table, hidesTriggers ? { ...table, hidesTriggers } : table)
  }
}

const deadlock = 1213

/** All but the foreign keys. */
const asked = 4

/** A socket leads to a server that tells its port itself. */
function endpointOf({ host, port, socketPath }: ConnectionConfig, session: Session) {
  const listens = socketPath === undefined ? (port ?? 3306) : session.port
  return { host: socketPath ?? host ?? '', port: listens, database: session.database }
}
