/** The subset of node-postgres that is called here, typed structurally so that any copy fits. */
import { loadLibrary } from '@dustpan/core/driver'

export interface PgModule {
  readonly Client: ClientClass
  readonly Pool: { readonly prototype: object }
}

export interface ClientClass {
  new (config?: unknown): PgClient
  readonly prototype: PgClient
  readonly Query: QueryClass
}

export interface QueryClass {
  new (config: unknown, values?: unknown, callback?: unknown): PgQuery
}

export interface PgClient {
  readonly connection: PgConnection
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly ssl?: unknown
  readonly password?: unknown
  /** The server process id that the server reported at connect. */
  readonly processID?: number | null
  readonly pipeline?: boolean
  /** The promise class that the user configured. */
  readonly _Promise?: PromiseConstructor
  readyForQuery: boolean
  connect(): Promise<unknown>
  query(...args: readonly unknown[]): unknown
  end(): Promise<void>
  on(event: 'error' | 'end', listener: (error?: Error) => void): unknown
  _pulseQueryQueue(): void
}

export interface PgPool {
  readonly Client: ClientClass
  readonly _clients: readonly PgClient[]
  on(event: 'connect', listener: (client: PgClient) => void): unknown
  off(event: 'connect', listener: (client: PgClient) => void): unknown
}

export interface PgConnection {
  close(message: { readonly type: 'S' | 'P'; readonly name: string }): void
  readonly stream: { cork?(): void; uncork?(): void; destroy?(): void }
  readonly parsedStatements: { [name: string]: string | undefined }
  prependListener(event: string, listener: (message: Message) => void): unknown
  parse(statement: { text: string; name?: string; types?: readonly number[] }): void
  bind(portal: { statement?: string; values: readonly unknown[]; valueMapper?: (value: unknown) => unknown }): void
  describe(portal: { type: 'P'; name: string }): void
  execute(portal: object): void
  sync(): void
  sendCopyFail(why: string): void
}

/** The fields of the server messages that are listened to. */
export interface Message {
  readonly name?: string
  readonly status?: 'I' | 'T' | 'E'
  readonly text?: string
  /** Of an error or a notice. */
  readonly code?: string
}

export interface RowDescription {
  fields: readonly { readonly name: string }[]
}

export interface DataRow {
  fields: readonly (string | null)[]
}

/** A query as a client runs it: its own, or one of another library (pg-cursor, pg-copy-streams). */
export interface Submittable {
  text?: string
  name?: string
  binary?: unknown
  callback?: unknown
  submit(connection: PgConnection): unknown
  handleRowDescription(message: RowDescription): void
  handleDataRow(message: DataRow): void
  handleCommandComplete(message: { text: string }, connection: PgConnection): void
  handleError(error: Error, connection: PgConnection): void
  handleReadyForQuery(connection: PgConnection): void
}

export interface PgQuery extends Submittable {
  query_timeout?: unknown
  callback?: ((error: Error | null, result?: unknown) => void) | undefined
}

/** An error as the server sent it. */
export interface ServerError extends Error {
  readonly code: string
  readonly severity: string
  position?: string
  /** The length of the server's message in bytes. */
  length?: number
  readonly detail?: string
  readonly constraint?: string
}

export function isServerError(error: unknown): error is ServerError {
  return typeof error === 'object' && error !== null && 'severity' in error && 'code' in error
}

/** The supported versions, as in `peerDependencies`. */
export const pgLibrary = { name: 'pg', range: '^8.11' }
export const postgresJsLibrary = { name: 'postgres', range: '^3.4' }

/**
 * Loads the project's own `pg`, else the one installed beside this package.
 * @throws DustpanError `DUSTPAN_DRIVER_UNAVAILABLE`
 */
export function loadPg(root: string, beside: string | URL = import.meta.url): PgModule {
  return loadLibrary(pgLibrary, root, beside) as PgModule
}
