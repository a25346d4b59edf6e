/** The parts of `node:sqlite` and `better-sqlite3` that are called, and one client interface over both. */
import { original } from './patch.ts'

export type SqlValue = null | number | bigint | string | Uint8Array
export type Row = { readonly [column: string]: SqlValue }

export interface Database {
  prepare(sql: string): Statement
  exec(sql: string): unknown
  close(): unknown
  function(name: string, options: object, fn: (...args: SqlValue[]) => SqlValue): unknown
  /** node:sqlite */
  readonly isTransaction?: boolean
  readonly isOpen?: boolean
  readonly location?: unknown
  /** better-sqlite3 */
  readonly inTransaction?: boolean
  readonly open?: unknown
  readonly readonly?: boolean
}

export interface Statement {
  run(...params: unknown[]): { changes: number | bigint }
  all(...params: unknown[]): unknown[]
  setReadBigInts?(on: boolean): unknown
  setReturnArrays?(on: boolean): unknown
  safeIntegers?(on: boolean): unknown
}

/** Runs statements on a database, bypassing every instrument. Keeps prepared statements. */
export interface Client {
  readonly database: Database
  readonly inTransaction: boolean
  readonly isOpen: boolean
  readonly isReadOnly: boolean
  /** Integers beyond the safe range are returned as bigint. */
  all(sql: string, ...params: SqlValue[]): Row[]
  /** Returns the number of changed rows. */
  run(sql: string, ...params: SqlValue[]): number
  exec(sql: string): void
  /** Defines an SQL function with any number of arguments; integers are passed as bigint. */
  define(name: string, fn: (...args: SqlValue[]) => SqlValue): void
  close(): void
}

/** Prepared statements kept per connection. */
const maxPrepared = 100

export function clientOf(database: Database): Client {
  const statements = new Map<string, Statement>()
  const prepare = (sql: string) => statements.get(sql) ?? keep(statements, sql, prepareRaw(database, sql))
  return {
    database,
    get inTransaction() {
      return database.isTransaction ?? database.inTransaction ?? false
    },
    get isOpen() {
      return database.isOpen ?? database.open === true
    },
    get isReadOnly() {
      return database.readonly === true
    },
    all: (sql, ...params) => {
      const statement = prepare(sql)
      return original(statement.all)
        .call(statement, ...params)
        .map(withSafeNumbers)
    },
    run: (sql, ...params) => {
      const statement = prepare(sql)
      return Number(original(statement.run).call(statement, ...params).changes)
    },
    exec: (sql) => void original(database.exec).call(database, sql),
    define: (name, fn) => {
      const options = { varargs: true, useBigIntArguments: true, safeIntegers: true }
      original(database.function).call(database, name, options, fn)
    },
    close: () => void original(database.close).call(database),
  }
}

/** The library's own prototype, even when the user subclassed it. */
export function libraryPrototype(database: Database): Database {
  let prototype: Database = database
  while (!Object.hasOwn(prototype, 'function')) prototype = Object.getPrototypeOf(prototype)
  return prototype
}

/** The class of a library, whose instances are connections. */
export type Library = new (path: string) => Database

/** The library that opened a database. */
export function libraryOf(database: Database): Library {
  return libraryPrototype(database).constructor as Library
}

function prepareRaw(database: Database, sql: string): Statement {
  const statement = original(database.prepare).call(database, sql)
  statement.setReadBigInts?.(true)
  statement.setReturnArrays?.(false)
  statement.safeIntegers?.(true)
  return statement
}

function keep(statements: Map<string, Statement>, sql: string, statement: Statement): Statement {
  if (statements.size >= maxPrepared) statements.clear()
  statements.set(sql, statement)
  return statement
}

function withSafeNumbers(row: unknown): Row {
  const safe: Record<string, SqlValue> = Object.create(null) // a column may be named __proto__
  for (const [column, value] of Object.entries(row as Row)) safe[column] = safeNumber(value)
  return safe
}

/** Converts a bigint to a number where the value is the same. */
export function safeNumber(value: SqlValue): SqlValue {
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value
}
