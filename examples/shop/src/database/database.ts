import type { TestContext } from '@dustpan/app-endpoints/context'
import { openPostgres } from './postgres.ts'
import { openSqlite } from './sqlite.ts'

export type Value = string | number | boolean | null
export type Row = Readonly<Record<string, unknown>>

/** Statements use `?` for values with every database. */
export interface Queries {
  query(sql: string, values?: readonly Value[]): Promise<readonly Row[]>
}

export interface Database extends Queries {
  transaction<T>(work: (tx: Queries) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Opens the database and creates its tables: PostgreSQL for a `postgres://` URL, else an SQLite file. */
export function openDatabase(where: string, propagate: TestContext['propagateTo']): Promise<Database> {
  return /^postgres(ql)?:\/\//.test(where) ? openPostgres(where, propagate) : openSqlite(where, propagate)
}
