/**
 * SQLite has no settings of a session, and triggers of a table see no temporary ones. So the test's ids stand in a table of one row, but only
 * while the write lock is held, within the transaction of the statement itself: other connections never see them.
 */
import { currentTest } from './current-test.ts'
import type { TestIds } from './ids.ts'

/** What is used of a database: node:sqlite's, or better-sqlite3's. */
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
  const within = writer(database as Internals, own)
  database.prepare = (sql: string, ...rest: unknown[]) => {
    const statement = prepare.call(database, sql, ...rest)
    if (writes.test(sql)) for (const name of calls) watch(statement, name, within)
    return statement
  }
  database.exec = (sql: string) => {
    const execute = () => exec.call(database, sql)
    return writes.test(sql) && isOne.test(sql) ? within(execute) : execute()
  }
}

type Prepare = (sql: string) => { run(...values: unknown[]): unknown; get(): unknown }
type Exec = (sql: string) => unknown

/** An iteration can be left half-way: its rows are the run's. */
const calls = ['run', 'get', 'all']

const writes = /^(\s|--.*\n|\/\*[\s\S]*?\*\/)*(insert|update|delete|replace|with)\b/i
/** What begins with a write and ends with a COMMIT must be left alone. */
const isOne = /^[^;]*;?\s*$/

function watch(statement: Statement, name: string, within: (write: () => unknown) => unknown): void {
  const call = statement[name]
  if (call) statement[name] = (...args) => within(() => call.apply(statement, args))
}

function writer(database: Internals, { prepare, exec }: { prepare: Prepare; exec: Exec }) {
  const inTransaction = () => database.isTransaction ?? database.inTransaction ?? false
  // The table may come, and go, while the application runs.
  const isThere = prepare("SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = 'dustpan_context'")
  const set = ({ run, scope }: { [Key in keyof TestIds]: string | null }) =>
    prepare('UPDATE main.dustpan_context SET run = ?, scope = ?').run(run, scope)
  return <T>(write: () => T): T => {
    const test = currentTest()
    if (!test || !isThere.get()) return write()
    const alone = !inTransaction()
    if (alone) exec('BEGIN IMMEDIATE')
    try {
      set(test)
      const result = write()
      set({ run: null, scope: null })
      if (alone) exec('COMMIT')
      return result
    } catch (error) {
      if (inTransaction()) alone ? exec('ROLLBACK') : set({ run: null, scope: null })
      throw error
    }
  }
}
