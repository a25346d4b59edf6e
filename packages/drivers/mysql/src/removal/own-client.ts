import {
  type ConnectContext,
  DustpanError,
  loadLibrary,
  messageOf,
  type StoreRef,
  stoppedBy,
  withoutIdentity,
} from '@dustpan/core/driver'
import { configLike, ownConnection } from '../capture/captured-clients.ts'
import { endpointId, endpointOf, parseStoreId, sameServer, sameStore, storeId } from '../identity.ts'
import { isServerError, library, type Mysql2Connection, type Mysql2Module } from '../mysql2.ts'
import type { TableName } from '../names.ts'
import type { Settings } from '../options.ts'
import { type Row, type Session, sessionOf, sessionSql } from '../session.ts'
import { type Table, tableOf, tableSql, type Visibility } from '../tables.ts'
import { type Answer, exchange } from './exchange.ts'
import { begin, commit, rollback } from './transaction.ts'

/** The part of a connection that removals use. */
export type StoreClient = Pick<OwnClient, 'store' | 'answering' | 'session' | 'run' | 'rows' | 'table' | 'forgetTables'>

/**
 * Limits how long Dustpan's statements wait for locks, and lets each see what is committed. Sets the quotes and escapes that
 * these statements are written in.
 */
const ownSettings = `SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO', innodb_lock_wait_timeout = 2, lock_wait_timeout = 2, autocommit = 1,
  foreign_key_checks = 1, sql_safe_updates = 0, sql_select_limit = DEFAULT, group_concat_max_len = 1048576 /*!80000 , information_schema_stats_expiry = 0 */;
  SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED`

/** Dustpan's own connection to one store: not captured, reopened after it breaks. */
export class OwnClient implements AsyncDisposable {
  readonly store: StoreRef
  readonly #make: () => Mysql2Connection
  readonly #tables = new Map<string, Table | undefined>()
  #connection: Mysql2Connection | undefined
  #answering: string
  #session: Session | undefined
  #visibility: Visibility = 'innodb'
  #isInTransaction = false

  private constructor(store: StoreRef, make: () => Mysql2Connection) {
    this.store = store
    this.#make = make
    this.#answering = store.id
  }

  /** @throws DustpanError `DUSTPAN_STORE_UNREACHABLE`, `DUSTPAN_WRONG_STORE`, `DUSTPAN_DRIVER_UNAVAILABLE` */
  static async connect(store: StoreRef, settings: Settings, root: string, ctx: ConnectContext): Promise<OwnClient> {
    const own = new OwnClient(store, () => connectionFor(store, settings, root, ctx))
    await own.#open(ctx.signal)
    return own
  }

  /** The full id of the connected store. */
  get answering(): string {
    return this.#answering
  }

  get session(): Session {
    return this.#session as Session
  }

  /**
   * Runs statements in one round trip; the signal breaks the connection. A transaction is never continued on another connection.
   */
  async run(statements: readonly string[], signal: AbortSignal): Promise<readonly Answer[]> {
    if (this.#isInTransaction && !this.#connection) throw this.#lost(statements)
    const connection = this.#connection ?? (await this.#open(signal))
    for (const statement of statements) {
      if (statement === begin) this.#isInTransaction = true
      if (statement === commit || statement === rollback) this.#isInTransaction = false
    }
    return stoppedBy(signal, breaking(connection), () => exchange(connection, statements))
  }

  async rows(text: string, signal: AbortSignal): Promise<readonly Row[]> {
    const [answer] = await this.run([text], signal)
    return answer?.rows ?? []
  }

  /**
   * A table's facts from the server; cached until forgotten, if it exists. Without a schema, the store's own database is used.
   */
  async table(
    { schema, table }: { schema: string | null; table: string },
    signal: AbortSignal,
  ): Promise<Table | undefined> {
    const name = { schema: schema ?? this.session.database, table }
    const id = JSON.stringify([name.schema, table])
    const known = this.#tables.get(id) ?? tableOf(await this.#describe(name, signal), this.#visibility)
    if (known) this.#tables.set(id, known)
    return known
  }

  forgetTables(): void {
    this.#tables.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const connection = this.#connection
    this.#connection = undefined
    if (connection) await new Promise<void>((resolve) => connection.end(() => resolve()))
  }

  #lost(statements: readonly string[]): Error {
    if (statements.includes(rollback)) this.#isInTransaction = false
    return new Error('The connection was lost inside a transaction, which the server has taken back')
  }

  async #describe(name: TableName, signal: AbortSignal): Promise<readonly (readonly Row[])[]> {
    try {
      return (await this.run(tableSql(name, this.session, this.#visibility === 'innodb'), signal)).map(
        ({ rows }) => rows,
      )
    } catch (error) {
      if (this.#visibility !== 'innodb' || !isServerError(error) || error.errno !== deniedPrivilege) throw error
      this.#visibility = visibilityBy(await this.rows('SHOW GRANTS', signal))
      return this.#describe(name, signal)
    }
  }

  async #open(signal: AbortSignal): Promise<Mysql2Connection> {
    signal.throwIfAborted()
    const connection = this.#make()
    Object.defineProperty(connection, ownConnection, { value: true })
    const forget = () => {
      if (this.#connection === connection) this.#connection = undefined
    }
    connection.on('error', forget)
    connection.on('end', forget)
    await stoppedBy(signal, breaking(connection), () => this.#initialise(connection))
    this.#connection = connection
    return connection
  }

  async #initialise(connection: Mysql2Connection): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve())))
      const isMariaDB = /mariadb/i.test(connection._handshakePacket?.serverVersion ?? '')
      const answers = await exchange(connection, [...ownSettings.split(';'), sessionSql(isMariaDB)])
      const session = sessionOf(answers.at(-1)?.rows[0] ?? [])
      const place = parseStoreId(this.#answering)
      // Without a selected database, each record contains the schema of its table.
      const database = place?.database === '' ? '' : session.database
      const answering = storeId({ ...endpointIn(connection, session), ...place, database }, session.server)
      if (!sameStore(this.#answering, answering)) throw wrongStore(this.store, answering)
      if (isTooOld(session)) throw tooOld(session)
      this.#answering = answering
      this.#session = session
    } catch (error) {
      connection.destroy()
      throw error instanceof DustpanError ? error : unreachable(this.store, error)
    }
  }
}

const breaking = (connection: Mysql2Connection) => () => connection.stream.destroy?.()

/** MySQL can revoke part of a global privilege: `REVOKE SELECT ON secret.*`. MariaDB lists role privileges without a host. */
function visibilityBy(grants: readonly Row[]): Visibility {
  const all = grants.map(([grant]) => grant ?? '')
  const isGlobal = all.some((grant) => /^GRANT (?:[^`']*, )?SELECT\b[^`']* ON \*\.\* TO \S+@/.test(grant))
  return isGlobal && !all.some((grant) => /^(?:REVOKE|DENY)\b/.test(grant)) ? 'every-table' : 'some-tables'
}

/** Access denied; you need (at least one of) the PROCESS privilege. */
const deniedPrivilege = 1227

function endpointIn({ config: { host, port, socketPath, database } }: Mysql2Connection, session: Session) {
  const listens = socketPath === undefined ? (port ?? 3306) : session.port
  return { host: socketPath ?? host ?? '', port: listens, database: database ?? '' }
}

/**
 * Connects with the instance's URL if it points to the same server, else with the settings of the client captured in this
 * process.
 */
function connectionFor(store: StoreRef, { url }: Settings, root: string, { guard }: ConnectContext): Mysql2Connection {
  const wanted = parseStoreId(store.id)
  if (!wanted) throw new DustpanError('DUSTPAN_WRONG_STORE', `${store.id} is not the id of a MySQL database`)
  const { createConnection } = loadLibrary(library, root, import.meta.url) as Mysql2Module
  const { database } = wanted
  if (url !== undefined && sameServer(endpointOf(url), wanted))
    return createConnection({ ...ownOptions, uri: url.replace(/^mariadb:/, 'mysql:'), ...(database && { database }) })
  const like = configLike(store.id)
  if (like) {
    guard?.(
      `mysql://${encodeURIComponent(String(like.user ?? ''))}@${withoutIdentity(store.id).slice('mysql://'.length)}`,
    )
    return createConnection({ ...ownOptions, ...like, ...(database && { database }) })
  }
  if (url !== undefined) throw wrongStore(store, endpointId(endpointOf(url)))
  throw new DustpanError(
    'DUSTPAN_STORE_UNREACHABLE',
    `The driver "${store.driver}" has no url, so ${store.id} can only be reached by the process that created the rows`,
    { hint: `Give it one: mysql({ name: '${store.driver}', url: env('DATABASE_URL') })` },
  )
}

const ownOptions = { multipleStatements: true, namedPlaceholders: false, charset: 'utf8mb4', nestTables: false }

function isTooOld({ isMariaDB, version }: Session): boolean {
  return isMariaDB ? version < 10.006 : version < 8
}

function tooOld({ product }: Session): DustpanError {
  return new DustpanError('DUSTPAN_STORE_UNREACHABLE', `The server is ${product}: too old to remove rows from`, {
    hint: 'MariaDB 10.6 or newer, or MySQL 8.0 or newer, is needed',
  })
}

function wrongStore(store: StoreRef, answering: string): DustpanError {
  const [recorded, found] = [withoutIdentity(store.id), withoutIdentity(answering)]
  const other = recorded === found ? 'another server, or one that was set up anew, at the same address' : found
  return new DustpanError(
    'DUSTPAN_WRONG_STORE',
    `The rows were created in ${recorded}, but the driver "${store.driver}" leads to ${other}`,
    { hint: 'Point its url at the database of that run, or forget the records when that database is no more' },
  )
}

function unreachable(store: StoreRef, error: unknown): DustpanError {
  const code = (error as { code?: unknown }).code
  const message = `${withoutIdentity(store.id)} could not be reached: ${messageOf(error)}${typeof code === 'string' ? ` (${code})` : ''}`
  return new DustpanError('DUSTPAN_STORE_UNREACHABLE', message, { cause: error, hint: hints[String(code)] ?? checkUrl })
}

const checkUrl = "Look at the driver's url, and whether the server is up"
const hints: { readonly [code: string]: string } = {
  ER_ACCESS_DENIED_ERROR: "Correct the user name and the password in the driver's url",
  ER_DBACCESS_DENIED_ERROR: 'GRANT the user the rights on that database, or name another user in the url',
  ER_BAD_DB_ERROR: "There is no such database: correct the driver's url, or forget the records",
}
