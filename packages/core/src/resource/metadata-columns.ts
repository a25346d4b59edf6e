/** Columns in which a row itself says that a test made it. */
import type { ConnectContext } from './connection.ts'

export interface MetadataColumns {
  /** The run's id, at most 50 characters. @default 'test_run_id' */
  readonly run: string
  /** Whether a test made the row. @default 'created_by_test' */
  readonly createdByTest: string
  /** When a test made it. @default 'test_created_at' */
  readonly createdAt: string
}

/** What gives a database's tables these columns. */
export interface MetadataMigration {
  /** Without secrets. */
  readonly store: string
  /** What each table lacks, of those named or else of all; asks the database, and changes nothing. */
  plan(
    tables: readonly string[] | undefined,
    columns: MetadataColumns,
    ctx: ConnectContext,
  ): Promise<readonly TableMigration[]>
}

export interface TableMigration {
  readonly table: string
  /** Empty: rows of the table are marked, and found by their mark at once. */
  readonly lacks: readonly ('columns' | 'default' | 'index')[]
  /** What adds it; may be run again. */
  readonly sql: readonly string[]
  /** Why it cannot have them. */
  readonly why?: string
}
