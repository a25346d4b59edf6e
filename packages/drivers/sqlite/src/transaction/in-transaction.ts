/** Runs a test in a transaction on one connection, rolled back at its end. */
import { invalidArgument } from '@dustpan/core/driver'
import { splitStatements } from '../capture/split.ts'
import type { Database, Statement } from '../client.ts'
import { pauseCapture } from '../registry.ts'
import { controlOf, nestedSql } from './nested.ts'

/** A transaction that contains a test. */
export interface TestTransaction extends Disposable {
  /** Rolls everything back and restores the database object. May be called more than once. */
  readonly rollback: () => void
}

/**
 * Starts one transaction on a database of `node:sqlite` or `better-sqlite3`, until it is rolled back: for `beforeEach`.
 * Transactions of the code under test become savepoints in it. Nothing is recorded, and nothing can be kept.
 * @throws TypeError when it is no database, or is inside a transaction already
 * @example beforeEach(() => inTransaction(db).rollback)
 */
export function inTransaction(database: object): TestTransaction {
  if (!isDatabase(database))
    throw invalidArgument(
      `inTransaction(): expected a database of node:sqlite or better-sqlite3, got ${typeof database}`,
    )
  if (database.isTransaction ?? database.inTransaction)
    throw invalidArgument('inTransaction(): this database is in a transaction already; end it first.')
  // Nothing in it outlives the test, so there is nothing to record.
  const resumeCapture = pauseCapture(database)
  database.exec('BEGIN')
  const restore = nest(database)
  let isOver = false
  const rollback = () => {
    if (isOver) return
    isOver = true
    restore()
    try {
      if (database.isTransaction ?? database.inTransaction) database.exec('ROLLBACK')
    } finally {
      resumeCapture()
    }
  }
  return { rollback, [Symbol.dispose]: rollback }
}

function isDatabase(value: object): value is Database {
  const { prepare, exec, function: define } = value as Partial<Database>
  return [prepare, exec, define].every((method) => typeof method === 'function')
}

/**
 * Maps BEGIN, COMMIT and ROLLBACK to a savepoint; COMMIT and ROLLBACK without a BEGIN do nothing, as the database always reports
 * that it is in a transaction.
 */
function nest(database: Database): () => void {
  let isOpen = false
  const { exec, prepare } = database
  const run = (sql: string) => {
    const control = controlOf(sql)
    if (control && control !== 'begin' && !isOpen) return
    for (const one of control ? nestedSql[control] : [sql]) exec.call(database, one)
    if (control) isOpen = control === 'begin'
  }
  const restores = [
    replace(database, 'exec', { value: (sql: string) => execAll(sql, run, () => exec.call(database, sql), database) }),
    replace(database, 'prepare', {
      value: (sql: string, ...rest: never[]) => {
        const control = controlOf(sql)
        if (!control) return (prepare as (...args: unknown[]) => Statement).call(database, sql, ...rest)
        const statement = prepare.call(database, nestedSql.begin[0])
        const runNested = () => {
          run(sql)
          return { changes: 0, lastInsertRowid: 0 }
        }
        return Object.assign(statement, { run: runNested })
      },
    }),
  ]
  return () => {
    for (const restore of restores) restore()
  }
}

function execAll(sql: string, run: (sql: string) => void, whole: () => unknown, database: Database): unknown {
  const statements = splitStatements(sql)
  if (!statements.some((statement) => controlOf(statement))) return whole()
  for (const statement of statements) run(statement)
  return typeof (database as { pragma?: unknown }).pragma === 'function' ? database : undefined // as better-sqlite3 does
}

function replace(target: object, name: string, descriptor: PropertyDescriptor): () => void {
  const before = Object.getOwnPropertyDescriptor(target, name)
  Object.defineProperty(target, name, { ...descriptor, configurable: true, writable: true, enumerable: false })
  return () => {
    if (before) Object.defineProperty(target, name, before)
    else Reflect.deleteProperty(target, name)
  }
}
