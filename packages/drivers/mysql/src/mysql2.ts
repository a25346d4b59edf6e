/** The parts of mysql2 that are called here, typed structurally to fit any copy of it. */
/** The supported versions, as in `peerDependencies`. */
export const library = { name: 'mysql2', range: '^3.9.0' }

export interface Mysql2Module {
  readonly Connection: ConnectionClass
  readonly Pool: { readonly prototype: object }
  createConnection(config: object): Mysql2Connection
}

export interface ConnectionClass {
  readonly prototype: Mysql2Connection
  createQuery(sql: object, values: undefined, callback: undefined, config: object): Command
  statementKey(options: object): string
}

export interface Mysql2Connection {
  readonly config: ConnectionConfig
  readonly stream: { destroy?(): void }
  readonly _handshakePacket?: { readonly serverVersion?: string; readonly capabilityFlags?: number } | null
  readonly clientEncoding?: string
  query(sql: object, callback: (error: ServerError | null, rows?: unknown, fields?: unknown) => void): unknown
  prepare(options: object, callback: (error: unknown, statement?: PreparedStatement) => void): unknown
  addCommand(command: Command): Command
  connect(callback: (error?: Error | null) => void): void
  end(callback?: (error?: Error) => void): void
  destroy(): void
  on(event: 'error' | 'end', listener: (error?: Error) => void): unknown
  _resetSequenceId(): void
}

export interface ConnectionConfig {
  readonly host?: string
  readonly port?: number
  readonly socketPath?: string
  readonly user?: string
  readonly password?: string
  readonly database?: string
  readonly ssl?: unknown
  readonly clientFlags?: number
  /** Charset in which the client sends text. */
  readonly charsetNumber?: number
  readonly multipleStatements?: boolean
  readonly authPlugins?: unknown
}

/** A command that a connection runs in sequence: a query or a prepared statement. */
export interface Command {
  sql?: string
  readonly values?: unknown
  /** Values of a prepared statement. */
  readonly parameters?: readonly unknown[]
  statement?: PreparedStatement
  readonly timeout?: number
  onResult?: ((error: unknown, rows?: unknown, fields?: unknown) => void) | undefined
  readonly _queryOptions?: object
  readonly _executeOptions?: object
  readonly _rows: readonly unknown[][]
  readonly _fields: readonly (readonly FieldDefinition[] | undefined)[]
  readonly _resultIndex: number
  /** Handler of the next packet; null before the first and after the last. */
  next: unknown
  /** Returns whether the command is done. */
  execute(packet: Packet | null | undefined, connection: Mysql2Connection): boolean
  readonly row: unknown
  readonly resultsetHeader: unknown
  /** Handles the response to a file that was sent. */
  readonly infileOk?: unknown
}

/** A column of a result; `orgName`, `orgTable`: its name and table in the schema, independent of aliases in the statement. */
export interface FieldDefinition {
  readonly name: string
  readonly orgName?: string
  readonly orgTable?: string
  readonly schema?: string
  readonly columnType: number
  readonly flags: number
}

export type CommandClass = new (options: object, callback: (error: unknown, result?: unknown) => void) => Command

export interface PreparedStatement {
  readonly id: number
  readonly query: string
}

export interface ServerAnswer {
  readonly affectedRows: number | string
  readonly insertId: number | string
  readonly info: string
  readonly serverStatus: number
  readonly warningStatus?: number
}

export interface Packet {
  readonly buffer: Buffer
  readonly offset: number
  readonly end: number
  isError(): boolean
  isEOF(): boolean
  eofStatusFlags(): number
  eofWarningCount(): number
  asError(encoding: string | undefined): ServerError
}

export type PacketClass = new (id: number, buffer: Buffer, start: number, end: number) => Packet

/** An error sent by the server, or reported by a lost connection. */
export interface ServerError extends Error {
  readonly errno: number
  readonly code: string
  readonly sqlState?: string
  readonly fatal?: boolean
}

/** Whether it is the server's own error, not one of the connection. */
export function isServerError(error: unknown): error is ServerError {
  const { errno, sqlState } = (error ?? {}) as Partial<ServerError>
  return typeof errno === 'number' && sqlState !== undefined
}
