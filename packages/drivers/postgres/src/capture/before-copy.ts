/**
 * What a transaction did to a table before a COPY into it: asked before the COPY is sent, so that the copied rows can be
 * told from all others.
 */
import { quoteTable } from '../names.ts'
import type { TableFacts } from '../rewriting/table-facts.ts'
import type { Analysis, TableReference } from '../sql/statement.ts'
import type { Question, SessionCapture } from './session-capture.ts'

export interface TableBefore {
  /** The places of the rows that the transaction had written; null if they are too many. */
  readonly rows: readonly string[] | null
  readonly changes: Changes
}

/** The number of updates and deletes of the transaction; null if the server does not count them, and triggers may cause some. */
export type Changes = number | null

/** Limit for the rows that are compared. */
const maxRows = 10_000

export class BeforeCopy {
  readonly #capture: SessionCapture
  readonly #copied: TableReference
  #answer: TableBefore | undefined

  /** Undefined when there is no COPY, or other statements in the same text may write rows too. */
  static of(capture: SessionCapture, { statements }: Analysis): BeforeCopy | undefined {
    const [only] = statements
    return only?.copies && statements.length === 1 ? new BeforeCopy(capture, only.copies) : undefined
  }

  private constructor(capture: SessionCapture, copied: TableReference) {
    this.#capture = capture
    this.#copied = copied
  }

  /** Undefined when it was answered, or when the rows cannot be told anyway. */
  question(): Question | undefined {
    const { status } = this.#capture
    const facts = this.#capture.table(this.#copied)
    if (this.#answer || !facts || status !== 'T' || !isReadable(facts)) return undefined
    const answered = (answer: unknown) => {
      this.#answer = answer as TableBefore
    }
    return { sql: beforeSql(facts), values: [], answered }
  }

  get answer(): TableBefore | undefined {
    return this.#answer
  }
}

/** Whether its rows can be queried safely: a question that the server refuses would abort the user's transaction. */
function isReadable({ kind, temporary, secured, readable, key }: TableFacts): boolean {
  return (kind === 'r' || kind === 'p') && !temporary && !secured && readable && key.length > 0
}

function beforeSql(facts: TableFacts): string {
  const rows = `SELECT ${rowPlace} AS place FROM ${quoteTable(facts)} t WHERE pg_current_xact_id_if_assigned() IS NOT NULL AND ${isOwnRow} LIMIT ${maxRows + 1}`
  return `SELECT json_build_object('changes', ${changesSql(facts)}, 'rows', (
    SELECT CASE WHEN count(*) <= ${maxRows} THEN coalesce(json_agg(y.place), '[]') END FROM (${rows}) y))`
}

/** A row's table and place in it: unchanged as long as the row is not. */
export const rowPlace = `(t.tableoid::int8 || ' ' || t.ctid::text)`

/** Whether this transaction wrote a visible row: only its own rows are visible while their writer is in progress. */
export const isOwnRow = `CASE WHEN age(t.xmin) <= age(pg_current_xact_id_if_assigned()::xid) AND t.xmin::text::int8 > 2 THEN pg_xact_status(
      ((pg_current_xact_id_if_assigned()::text::int8 & ~4294967295::int8) | t.xmin::text::int8)::text::xid8) = 'in progress' END`

/** Dustpan's own triggers change nothing but the log. */
export function changesSql({ oid }: TableFacts): string {
  const tables = `(SELECT ${oid}::oid AS oid UNION SELECT relid FROM pg_catalog.pg_partition_tree(${oid}::oid::regclass))`
  return `(SELECT CASE WHEN current_setting('track_counts')::bool OR NOT EXISTS (
      SELECT FROM pg_catalog.pg_trigger g JOIN ${tables} c ON g.tgrelid = c.oid
      WHERE g.tgtype & 4 <> 0 AND NOT g.tgisinternal AND g.tgenabled <> 'D' AND g.tgname !~ '^dustpan_[0-9]+$')
    THEN sum(pg_stat_get_xact_tuples_updated(c.oid) + pg_stat_get_xact_tuples_deleted(c.oid))::int8 END FROM ${tables} c)`
}
