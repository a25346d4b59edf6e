/**
 * SQLite has no session settings, and a table's triggers cannot read temporary tables. The test's ids are therefore kept in a
 * one-row table, but only within the transaction of the statement itself, while it holds the write lock: other connections
 * never see them.
 */
import { currentTest } from './current-test.ts'
import type { TestIds } from './ids.ts'

/** The parts of a database of node:sqlite or better-sqlite3 that are used. */
export interface SqliteDatabase {
  // biome-ignore lint/suspicious/noExplicitAny: the types of the two have nothing in common.
  prepare: (...args: any[]) => any
  // biome-ignore lint/suspicious/noExplicitAny: As above.
  exec: (...args: any[]) => any
}

interface Internals {
  /** node:sqlite */
  readonly isTransaction?: boolean
  /** better-sqlite3 */
  readonly inTransaction?: boolean
}

type Statement = Record<string, ((...args: unknown[]) => unknown) | undefined>

export const isSqlite = (target: object): target is SqliteDatabase =>
  'prepare' in target && ('isTransaction' in target || 'inTransaction' in target)

const seen = new WeakSet<object>()

export function propagateToSqlite(database: SqliteDatabase): void {
  if (seen.has(database)) return
  seen.add(database)
  const { prepare, exec } = database
  const own = { prepare: prepare.bind(database) as Prepare, exec: exec.bind(database) as Exec }
  const within = newWriter(database as Internals, own)
  database.prepare = (sql: string, ...rest: unknown[]) => {
    const statement = prepare.call(database, sql, ...rest)
    if (writes.test(sql)) for (const name of calls) wrap(statement, name, within)
    return statement
  }
  database.exec = (sql: string) => {
    const execute = () => exec.call(database, sql)
    return writes.test(sql) && isSingle.test(sql) ? within(execute) : execute()
  }
}

type Prepare = (sql: string) => { run(...values: unknown[]): unknown; get(): unknown }
type Exec = (sql: string) => unknown

/** Without `iterate`, which can be left half-way: its rows are attributed to the run. */
const calls = ['run', 'get', 'all']

const writes = /^(\s|--.*\n|\/\*[\s\S]*?\*\/)*(insert|update|delete|replace|with)\b/i
/** A text with several statements is left alone: it may begin with a write and end with a COMMIT. */
const isSingle = /^[^;]*;?\s*$/

function wrap(statement: Statement, name: string, within: (write: () => unknown) => unknown): void {
  const call = statement[name]
  if (call) statement[name] = (...args) => within(() => call.apply(statement, args))
}

function newWriter(database: Internals, { prepare, exec }: { prepare: Prepare; exec: Exec }) {
  const inTransaction = () => database.isTransaction ?? database.inTransaction ?? false
  // The table may be created or dropped while the application runs.
  const tableExists = prepare("SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = 'dustpan_context'")
  const set = ({ run, scope }: { [Key in keyof TestIds]: string | null }) =>
    prepare('UPDATE main.dustpan_context SET run = ?, scope = ?').run(run, scope)
  return <T>(write: () => T): T => {
    const test = currentTest()
    if (!test || !tableExists.get()) return write()
    const ownsTransaction = !inTransaction()
    if (ownsTransaction) exec('BEGIN IMMEDIATE')
    try {
      set(test)
      const result = write()
      set({ run: null, scope: null })
      if (ownsTransaction) exec('COMMIT')
      return result
    } catch (error) {
      if (inTransaction()) ownsTransaction ? exec('ROLLBACK') : set({ run: null, scope: null })
      throw error
    }
  }
}
