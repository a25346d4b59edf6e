/** The rows that a COPY wrote: COPY returns no rows, so they are queried after it. */
import type { PendingCreate } from '@dustpan/core/driver'
import { arrayLiteral } from '../array-literal.ts'
import { quoteIdentifier, quoteTable, readableTable, typeOf } from '../names.ts'
import { incarnation, tableNow } from '../rewriting/incarnation.ts'
import { capturedKey, dependsOnSession, sessionObstacle } from '../rewriting/key-style.ts'
import { type PlannedWrite, planWrite, unattributed } from '../rewriting/plan-write.ts'
import type { TableFacts } from '../rewriting/table-facts.ts'
import { tableNamed } from '../sql/analyse-write.ts'
import type { TableReference, Write } from '../sql/statement.ts'
import { announceTable, type Begin } from './announce.ts'
import { type BeforeCopy, type Changes, changesSql, isOwnRow, rowPlace, type TableBefore } from './before-copy.ts'
import type { SessionCapture } from './session-capture.ts'
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
export function announceCopy(
  copied: TableReference,
  capture: SessionCapture,
  begin: Begin,
  before: BeforeCopy | undefined,
): CopiedRows | undefined {
  const facts = capture.table(copied)
  const pending = facts && announceTable(facts, capture, begin, 'COPY')
  return pending && copiedRows(copied, facts, pending, capture, before?.answer)
}

function copiedRows(
  copied: TableReference,
  facts: TableFacts,
  pending: PendingCreate,
  capture: SessionCapture,
  before: TableBefore | undefined,
): CopiedRows {
  const leaveUntracked = (why: string) => {
    pending.none('not-a-creation')
    capture.sink.warn('DUSTPAN_SQL_UNATTRIBUTED', `COPY ${typeOf(facts)}`, why)
  }
  const stepsBy = (plan: PlannedWrite, count: number, changes: Changes, record: CreateWork) => (answer: unknown) => {
    const after = (answer ?? { rows: [], changes: null }) as TableAfter
    const why = obstacleTo(facts, after, count, changes)
    if (why === undefined) return [record(plan, facts, [...after.rows], pending)]
    leaveUntracked(why)
    return []
  }
  return {
    rejected: () => pending.none('rejected'),
    followUp(count, record) {
      const { session } = capture
      if (!session) return undefined
      const plan = planWrite(plainInsert(facts), facts, session.version)
      if (count === 0) pending.none('not-a-creation')
      else if (!plan.columns) leaveUntracked(plan.why?.message ?? unidentified(facts))
      else if (!facts.readable) leaveUntracked(unreadable(facts))
      else if (!before?.rows) leaveUntracked(before ? tooMany(facts) : unidentified(facts))
      else
        return {
          sql: copiedRowsSql(facts, copied),
          values: [arrayLiteral(before.rows)],
          steps: stepsBy(plan, count, before.changes, record),
        }
      return undefined
    },
  }
}

interface TableAfter {
  readonly rows: readonly OwnRow[]
  readonly changes: Changes
}

/** Why the rows cannot be attributed; undefined when they can. */
function obstacleTo(
  facts: TableFacts,
  { rows, changes }: TableAfter,
  count: number,
  changesBefore: Changes,
): string | undefined {
  if (changes === null || changes !== changesBefore) return triggered(facts)
  if (facts.key.some(dependsOnSession) && rows.some((row) => !hasKey(facts, row)))
    return unattributed(readableTable(facts), sessionObstacle(facts.key)).message
  if (rows.length === count) return undefined
  return rows.length > count ? triggered(facts) : unidentified(facts)
}

/**
 * The rows of this transaction that were not where they are now before the COPY, which has no RETURNING. `copied`: the
 * table as COPY named it, which may be another table by now.
 */
function copiedRowsSql(facts: TableFacts, copied: TableReference): string {
  const columns = facts.key.map((column) => `(${capturedKey(column, `t.${quoteIdentifier(column.name)}`)})::text`)
  const origin = incarnation({ table: tableNamed(facts.table, facts.schema), reference: 't' }, facts)
  return `WITH own AS MATERIALIZED (
    SELECT json_build_array(${columns.join(', ')}, ${origin}::text) AS row, ${rowPlace} AS place
    FROM ${quoteTable(facts)} t WHERE ${tableNow(copied)} = ${facts.oid} AND ${isOwnRow})
  SELECT json_build_object('changes', ${changesSql(facts)}, 'rows', (
    SELECT coalesce(json_agg(row), '[]') FROM own WHERE NOT EXISTS (SELECT FROM unnest($1::text[]) b(place) WHERE b.place = own.place)))`
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
  return `Rows copied into ${readableTable(facts)} are not tracked: its triggers write to it too, and what they write cannot be told from what was copied; use INSERT, or track() the rows`
}

function unidentified(facts: TableFacts): string {
  return `Rows copied into ${readableTable(facts)} are not tracked: they can only be told from others inside a transaction; run COPY alone between BEGIN and COMMIT, or track() the rows`
}

function unreadable(facts: TableFacts): string {
  return unattributed(
    readableTable(facts),
    'COPY does not return them, and the role may not read the table; GRANT SELECT on it, or track() the rows',
  ).message
}

function tooMany(facts: TableFacts): string {
  return unattributed(
    readableTable(facts),
    'the transaction had written too many rows of it before COPY; use a transaction of its own, or track() the rows',
  ).message
}
