import type { CaptureSink, StoreSeen } from '@dustpan/core/driver'
import { storeId } from '../identity.ts'
import type { ConnectionConfig, Mysql2Connection } from '../mysql2.ts'
import { literal, type TableName } from '../names.ts'
import { type Row, type Session, sessionOf, sessionSql } from '../session.ts'
import type { TableReference, Unseen } from '../sql/statement.ts'
import { type Table, tableOf, tableSql } from '../tables.ts'
import { rememberClient } from './captured-clients.ts'
import { commonRepertoire, type Repertoire, repertoireOf } from './charsets.ts'
import { seesTriggers } from './grants.ts'
import { OpenTransaction } from './open-transaction.ts'
import { autocommit, deadlock, inTransaction, killed, mayRollBack, noBackslashEscapes } from './server-answer.ts'
import { factsOf, knownAsView, learn, learnView } from './table-facts.ts'

/** Yields queries to the server; each receives its rows, or an error. */
export type Queries<T> = Generator<string, T, readonly Row[] | Error>

/** The state of one connection: its session, its transaction, its own temporary tables. */
export class ConnectionCapture {
  readonly sink: CaptureSink
  readonly transaction: OpenTransaction
  /** Whether the configuration of the store's driver ignores the table. */
  readonly ignores: (store: StoreSeen, table: TableName, database: string) => boolean
  readonly #connection: Mysql2Connection
  /** Whether a table is permanent, by name; false: a temporary table. */
  readonly #permanence = new Map<string, boolean>()
  /** Effects of statements that were prepared by SQL, by name. */
  readonly prepared = new Map<string, Unseen | undefined>()
  session: Session | undefined
  /** Counts changes of the database or settings. */
  era = 0
  status = 0
  /** A statement that may commit was sent and is not answered yet. */
  committing = false
  /** An XA transaction is open: another session may decide how it ends. */
  isDistributed = false
  /** False if the user may not select what RETURNING returns. */
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

  /** Known once the first query is answered. */
  get store(): StoreSeen | undefined {
    return this.#store
  }

  /** A transaction is open, or the next statement opens one. */
  get isInTransaction(): boolean {
    return this.status !== 0 && ((this.status & inTransaction) !== 0 || (this.status & autocommit) === 0)
  }

  /** A backslash in a text is an escape. Undefined: the server has not reported it yet. */
  get escapes(): boolean | undefined {
    return this.status === 0 ? this.session?.escapes : (this.status & noBackslashEscapes) === 0
  }

  /** The characters that reach the server as the client sends them. */
  get repertoire(): Repertoire {
    return commonRepertoire(this.session?.repertoire.written, repertoireOf(this.#connection.config.charsetNumber))
  }

  /** Rows that already have the new values count as affected; this is mysql2's default. */
  get foundRows(): boolean {
    return ((this.#connection.config.clientFlags ?? 0) & 2) !== 0
  }

  /** Reads the session's properties, once. */
  *readSession(): Queries<Session | undefined> {
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

  /** The facts of a table; undefined if it is not visible to other sessions too. */
  *table(reference: TableReference): Queries<Table | undefined> {
    const session = yield* this.readSession()
    const store = this.#store
    const name = { schema: reference.schema ?? session?.database ?? '', table: reference.table }
    if (!session || !store || name.schema === '' || !(yield* this.#isPermanent(name))) return undefined
    return factsOf(store.id, name.schema, name.table) ?? (yield* this.#readFacts(name, session, store))
  }

  /** Queried once per name: inserts into a view go to other tables. */
  *isView({ schema, table }: TableName): Queries<boolean> {
    const { id } = this.#store as StoreSeen
    const known = knownAsView(id, schema, table)
    if (known !== undefined) return known
    const names = `table_schema = ${literal(schema)} AND table_name = ${literal(table)}`
    const answer = yield `SELECT table_type FROM information_schema.tables WHERE ${names} LIMIT 1`
    return learnView(id, schema, table, !(answer instanceof Error) && answer[0]?.[0] === 'VIEW')
  }

  /** Marks the session with the run, if the table's rows take their mark from it. */
  *marked(table: Table): Queries<void> {
    const run = this.sink.marker?.run
    if (!table.marked || run === undefined || this.#mark === run) return
    const answer = yield `SET @dustpan_marker = ${literal(run)}`
    if (!(answer instanceof Error)) this.#mark = run
  }

  /** Unmarks the session, so that the rows it writes carry no mark. */
  *unmarked(): Queries<void> {
    if (this.#mark === undefined) return
    const answer = yield 'SET @dustpan_marker = NULL'
    if (!(answer instanceof Error)) this.#mark = undefined
  }

  /** The session carries the run's mark. */
  get isMarked(): boolean {
    return this.#mark !== undefined && this.#mark === this.sink.marker?.run
  }

  /** The database or settings may have changed, and with them the meaning of statements. */
  sessionChanged(): void {
    this.session = undefined
    this.era++
    this.#grants = undefined
    this.tablesChanged()
  }

  tablesChanged(): void {
    this.#permanence.clear()
  }

  /** The session was reset, possibly with another user. */
  sessionReset(): void {
    this.sessionChanged()
    this.status = 0
    this.#mark = undefined
    this.isDistributed = false
    this.prepared.clear()
    this.transaction.settle('rolled-back')
  }

  /** A command of the user's is about to be sent. */
  sending(mayCommit: boolean): void {
    this.committing = mayCommit
    if (mayCommit) this.transaction.committing()
  }

  /**
   * Takes the session status from an answer. If no transaction is open, one that was open has ended without a statement that
   * shows how.
   */
  answered(status: number, as: 'committed' | 'rolled-back' | 'unknown' = 'unknown'): void {
    this.status = status
    if ((status & inTransaction) === 0) this.transaction.settle(as)
  }

  /** Takes the session status from the answer to a statement that began or ended a transaction. */
  controlled(status: number): void {
    this.status = status
    if ((status & inTransaction) === 0) this.isDistributed = false
  }

  /**
   * Handles an error, which may have ended more than its own statement; `as`: how the transaction has ended if it has. `ask`: only
   * the session's status tells, and until then a commit may be on the way.
   */
  refused(errno: number, as: 'committed' | 'rolled-back' | 'unknown'): 'ask' | 'settled' {
    if (killed.has(errno) && this.committing) this.transaction.settle(as)
    else if (errno === deadlock && as !== 'committed') this.transaction.settle('rolled-back')
    else if (this.transaction.isOpen && (this.committing || mayRollBack.has(errno))) return 'ask'
    this.committing = false
    return 'settled'
  }

  /** The connection was lost: an open transaction is rolled back, unless its commit was on the way. */
  lost(): void {
    this.transaction.settle(this.committing ? 'unknown' : 'rolled-back')
  }

  /** A temporary table hides a permanent one of its name, in this session only. */
  *#isPermanent(name: TableName): Queries<boolean> {
    const id = `${name.schema}\0${name.table}`
    const known = this.#permanence.get(id)
    if (known !== undefined) return known
    const answer =
      yield `SHOW CREATE TABLE ${[name.schema, name.table].map((part) => `\`${part.replaceAll('`', '``')}\``).join('.')}`
    if (answer instanceof Error) return false
    const isPermanent = !/^CREATE TEMPORARY/i.test(answer[0]?.[1] ?? '')
    this.#permanence.set(id, isPermanent)
    return isPermanent
  }

  /** MySQL hides triggers from users without the privilege TRIGGER. */
  *#seesTriggers(table: Table): Queries<boolean> {
    if (table.changesInserts) return true
    if (!this.#grants) {
      const answer = yield 'SHOW GRANTS'
      this.#grants = answer instanceof Error ? [] : answer.map(([grant]) => grant ?? '')
    }
    return seesTriggers(this.#grants, table)
  }

  *#readFacts(name: TableName, session: Session, store: StoreSeen): Queries<Table | undefined> {
    const answers: (readonly Row[])[] = []
    for (const sql of tableSql(name, session, this.#mayProcess).slice(0, factQueries)) {
      const answer = yield sql
      if (answer instanceof Error) {
        if (!this.#mayProcess) return undefined
        this.#mayProcess = false
        return yield* this.#readFacts(name, session, store)
      }
      answers.push(answer)
    }
    const table = tableOf(answers, 'some-tables')
    const hidesTriggers = table && !session.isMariaDB && !(yield* this.#seesTriggers(table))
    return table && learn(store.id, name.schema, name.table, hidesTriggers ? { ...table, hidesTriggers } : table)
  }
}

/** All table queries but the one for foreign keys. */
const factQueries = 4

/** On a socket connection, the server reports its port. */
function endpointOf({ host, port, socketPath }: ConnectionConfig, session: Session) {
  const listens = socketPath === undefined ? (port ?? 3306) : session.port
  return { host: socketPath ?? host ?? '', port: listens, database: session.database }
}
