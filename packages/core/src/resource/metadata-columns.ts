/** Columns that mark a row as made by a test. */
import type { ConnectContext } from './connection.ts'

export interface MetadataColumns {
  /** The run's id, at most 50 characters. @default 'test_run_id' */
  readonly run: string
  /** Whether a test made the row. @default 'created_by_test' */
  readonly createdByTest: string
  /** When a test made it. @default 'test_created_at' */
  readonly createdAt: string
}

/** Adds these columns to a database's tables. */
export interface MetadataMigration {
  /** Without secrets. */
  readonly store: string
  /** What the given tables, or all tables, lack. Queries the database, and changes nothing. */
  plan(
    tables: readonly string[] | undefined,
    columns: MetadataColumns,
    ctx: ConnectContext,
  ): Promise<readonly TableMigration[]>
}

export interface TableMigration {
  readonly table: string
  /** Empty: rows of the table are marked, and quickly found by their mark. */
  readonly lacks: readonly ('columns' | 'default' | 'index')[]
  /** Statements that add it; safe to run again. */
  readonly sql: readonly string[]
  /** Why the table cannot have these columns. */
  readonly why?: string
}
