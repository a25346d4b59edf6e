import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { TestContext } from '@dustpan/app-endpoints/context'
import type { Database, Queries, Row, Value } from './database.ts'
import { Violation, type ViolationKind } from './violation.ts'

const schema = new URL('schema.sqlite.sql', import.meta.url)

/** SQLite's extended result codes, https://sqlite.org/rescode.html */
const violations: Record<number, ViolationKind> = {
  275: 'value', // CHECK
  787: 'reference', // FOREIGNKEY
  1299: 'value', // NOTNULL
  2067: 'unique', // UNIQUE
}

export async function openSqlite(file: string, propagate: TestContext['propagateTo']): Promise<Database> {
  const connection = propagate(new DatabaseSync(file))
  connection.exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL;')
  connection.exec(readFileSync(schema, 'utf8'))
  const now: Queries = { query: async (sql, values = []) => run(connection, sql, values) }
  const inTurn = takeTurns()
  return {
    query: (sql, values) => inTurn(() => now.query(sql, values)),
    transaction: (work) => inTurn(() => transaction(connection, () => work(now))),
    close: () => inTurn(async () => connection.close()),
  }
}

function run(connection: DatabaseSync, sql: string, values: readonly Value[]): readonly Row[] {
  try {
    return connection.prepare(sql).all(...values.map(asSqlite))
  } catch (error) {
    const kind = violations[(error as { errcode?: number }).errcode ?? 0]
    throw kind === undefined ? error : new Violation(kind, error)
  }
}

function asSqlite(value: Value): string | number | null {
  return typeof value === 'boolean' ? Number(value) : value
}

async function transaction<T>(connection: DatabaseSync, work: () => Promise<T>): Promise<T> {
  connection.exec('BEGIN IMMEDIATE')
  try {
    const result = await work()
    connection.exec('COMMIT')
    return result
  } catch (error) {
    connection.exec('ROLLBACK')
    throw error
  }
}

/** Serialises transactions, as all requests share one connection. */
function takeTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = last.then(work)
    last = mine.catch(() => {})
    return mine
  }
}
