/** The rows that a COPY wrote: COPY returns no rows, so they are queried after it. */
import type { PendingCreate } from '@dustpan/core/driver'
import { quoteIdentifier, quoteTable, readableTable, typeOf } from '../names.ts'
import { tableNamed } from './analyse-write.ts'
import { announceTable, type Begin } from './announce.ts'
import { incarnation, tableNow } from './incarnation.ts'
import { capturedKey, dependsOnSession, sessionObstacle } from './key-style.ts'
import { type PlannedWrite, planWrite, unattributed } from './plan-write.ts'
import type { SessionCapture } from './session-capture.ts'
import type { TableReference, Write } from './statement.ts'
import type { TableFacts } from './table-facts.ts'
import type { FollowUp, Work } from './transactions.ts'
import { hasKey, type OwnRow } from './written-rows.ts'

type CreateWork = (plan: PlannedWrite, facts: TableFacts, rows: OwnRow[], pending: PendingCreate) => Work

export interface CopiedRows {
  /** The server rejected the statement. */
  rejected(): void
  /** `count`: the number of rows that the server reports as copied. Undefined when there is no question to ask. */
  followUp(count: number, record: CreateWork): FollowUp | undefined
}

/** Announces a COPY before it is sent. Undefined when the table is unknown or not tracked. */
export function announceCopy(copied: TableReference, capture: SessionCapture, begin: Begin): CopiedRows | undefined {
  const facts = capture.table(copied)
  const pending = facts && announceTable(facts, capture, begin, 'COPY')
  return pending && copiedRows(copied, facts, pending, capture)
}

function copiedRows(
  copied: TableReference,
  facts: TableFacts,
  pending: PendingCreate,
  capture: SessionCapture,
): CopiedRows {
  const leaveUntracked = (why: string) => {
    pending.none('not-a-creation')
    capture.sink.warn('DUSTPAN_SQL_UNATTRIBUTED', `COPY ${typeOf(facts)}`, why)
  }
  const stepsBy = (plan: PlannedWrite, count: number, record: CreateWork) => (answer: unknown) => {
    const rows = Array.isArray(answer) ? (answer as OwnRow[]) : []
    const why = obstacleTo(facts, rows, count)
    if (why === undefined) return [record(plan, facts, rows, pending)]
    leaveUntracked(why)
    return []
  }
  return {
    rejected: () => pending.none('rejected'),
    followUp(count, record) {
      const { session, status, canAsk } = capture
      if (!session) return undefined
      const plan = planWrite(plainInsert(facts), facts, session.version)
      if (count === 0) pending.none('not-a-creation')
      else if (!plan.columns || status !== 'T' || !canAsk) leaveUntracked(plan.why?.message ?? unidentified(facts))
      else if (facts.triggers === 'after') leaveUntracked(triggered(facts))
      else return { sql: copiedRowsSql(facts, copied), values: [], steps: stepsBy(plan, count, record) }
      return undefined
    },
  }
}

/** Why the rows cannot be attributed; undefined when they can. */
function obstacleTo(facts: TableFacts, rows: readonly OwnRow[], count: number): string | undefined {
  if (facts.key.some(dependsOnSession) && rows.some((row) => !hasKey(facts, row)))
    return unattributed(readableTable(facts), sessionObstacle(facts.key)).message
  if (rows.length === count) return undefined
  return facts.triggers ? triggered(facts) : unidentified(facts)
}

/**
 * Finds the rows that the last command of this transaction wrote into a table: visible rows whose writer is still in
 * progress can only be our own, and the newest command among them is the last one. Used for COPY, which has no RETURNING.
 * Where triggers may have written rows since, there must be no other command. `copied`: the table as COPY named it, which
 * may be another table by now.
 */
export function copiedRowsSql(facts: TableFacts, copied: TableReference): string {
  const columns = facts.key.map((column) => `(${capturedKey(column, `t.${quoteIdentifier(column.name)}`)})::text`)
  const origin = incarnation({ table: tableNamed(facts.table, facts.schema), reference: 't' }, facts)
  return `WITH own AS MATERIALIZED (
    SELECT json_build_array(${columns.join(', ')}, ${origin}::text) AS row, t.cmin::text::int8 AS command
    FROM ${quoteTable(facts)} t
    WHERE ${tableNow(copied)} = ${facts.oid} AND CASE WHEN age(t.xmin) <= age(pg_current_xact_id()::xid) AND t.xmin::text::int8 > 2 THEN pg_xact_status(
      ((pg_current_xact_id()::text::int8 & ~4294967295::int8) | t.xmin::text::int8)::text::xid8) = 'in progress' END)
  SELECT coalesce(json_agg(row), '[]') FROM own WHERE ${facts.triggers === null ? 'command = (SELECT max(command) FROM own)' : '(SELECT count(DISTINCT command) FROM own) = 1'}`
}

function plainInsert(facts: TableFacts): Write {
  return {
    verb: 'insert',
    table: tableNamed(facts.table, facts.schema),
    reference: facts.table,
    at: 0,
    returning: { present: false, columns: [], names: [] },
    conflict: 'none',
  }
}

function triggered(facts: TableFacts): string {
  return `Rows copied into ${readableTable(facts)} are not tracked: it has triggers, and what they write cannot be told from what was copied; use INSERT, or track() the rows`
}

function unidentified(facts: TableFacts): string {
  return `Rows copied into ${readableTable(facts)} are not tracked: they can only be told from others inside a transaction; run COPY between BEGIN and COMMIT, or track() the rows`
}
