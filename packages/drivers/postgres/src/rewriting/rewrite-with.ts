import { quoteIdentifier } from '../names.ts'
import type { MainPart, Returning, Statement } from '../sql/statement.ts'
import { incarnationAfter } from './incarnation.ts'
import { capturedKey } from './key-style.ts'
import type { PlannedWrite } from './plan-write.ts'
import { type Edit, ownColumn, type RewrittenStatement, returningEdit } from './rewriting.ts'

const main = quoteIdentifier('__dustpan_main')
const keys = quoteIdentifier('__dustpan_keys')

/**
 * Rewrites a statement whose WITH queries write rows. The statement after WITH becomes a query of that WITH too, and a
 * SELECT after it returns the user's rows, with the keys that the WITH queries wrote in the first of them. One row is
 * returned even when the user's statement has none. Undefined when no WITH query can return its keys.
 */
export function rewriteWith(
  statement: Statement,
  part: MainPart,
  planned: readonly InWith[],
): RewrittenStatement | undefined {
  const inner = planned.flatMap(({ plan }, index) => (plan.write.cte && plan.columns ? [index] : []))
  if (inner.length === 0) return undefined
  if (part.verb === 'MERGE')
    return { output: { statement, writes: planned.map(({ plan }) => withMerge(plan)) }, edits: [] }
  const outer = planned.findIndex(({ plan }) => !plan.write.cte && plan.columns)
  const outerPlan = planned[outer]?.plan
  const agg = inner.map((index) => keysOf(planned[index]?.plan as PlannedWrite))
  const output = {
    statement,
    writes: planned.map(({ plan }) => plan),
    strip: {
      trailing: (outerPlan?.columns?.length ?? (part.returns ? 0 : 1)) + 1,
      ...(outerPlan ? { trailingWrite: outer } : {}),
      silent: !part.returns,
      wrapped: { verb: part.verb, writes: inner.toReversed() },
    },
  }
  const innerEdits = planned.flatMap(({ edit }) => edit ?? [])
  const tail = `${mainReturning(part, outerPlan)})${wrapping(agg)}`
  return { output, edits: [...innerEdits, { at: part.start, text: `, ${main} AS (` }, { at: part.end, text: tail }] }
}

/** A write, with the names that its columns have in the rest of the statement. */
interface InWith {
  readonly plan: PlannedWrite
  readonly edit: Edit | undefined
}

/**
 * Adds the columns to a WITH query, or finds the key among the columns that it returns already. Other writes stay
 * unchanged.
 */
export function planInWith(planned: PlannedWrite): InWith {
  const { write, columns, facts } = planned
  if (!columns || !write.cte) return { plan: planned, edit: undefined }
  if (write.cte.extendable)
    return {
      plan: { ...planned, columns: columns.map((_, index) => ownColumn(index)) },
      edit: returningEdit(planned, true),
    }
  const key = facts?.key ?? []
  const isReturned = key.every(({ name }) => isReturnedOnce(name, write.returning))
  if (!write.cte.renamed && write.conflict !== 'update' && isReturned) {
    const texts = key.map((column) => `(${capturedKey(column, quoteIdentifier(column.name))})::text`)
    const origin = facts ? [`${incarnationAfter(write.table, facts)}::text`] : []
    return {
      plan: { ...planned, columns: [...texts, ...origin] },
      edit: undefined,
    }
  }
  return { plan: withUnreadableKey(planned), edit: undefined }
}

/** Whether a name stands for exactly one returned column. `new.*` and the like may hold any name. */
function isReturnedOnce(name: string, { columns, names }: Returning): boolean {
  const times = columns.filter((column) => column === '*' || column === name).length
  return times === 1 && !names.includes(name) && !names.includes('*')
}

function withUnreadableKey({ write, facts }: PlannedWrite): PlannedWrite {
  const message = `Rows inserted into ${write.table.table} inside WITH are not tracked: the statement uses \`*\`, so no column can be added; return the key from the WITH query`
  return { write, facts, why: { code: 'DUSTPAN_SQL_UNATTRIBUTED', message } }
}

function withMerge(plan: PlannedWrite): PlannedWrite {
  const { write, facts } = plan
  if (!plan.columns) return plan
  const message = `Rows inserted into ${write.table.table} inside WITH are not tracked: MERGE follows; send the two apart`
  return { write, facts, why: { code: 'DUSTPAN_SQL_UNATTRIBUTED', message } }
}

function keysOf({ write, columns = [] }: PlannedWrite): string {
  return `(SELECT json_agg(json_build_array(${columns.join(', ')})) FROM ${quoteIdentifier(write.cte?.name ?? '')})`
}

function mainReturning(part: MainPart, outer: PlannedWrite | undefined): string {
  if (outer) return returningEdit(outer, true).text
  return part.returns ? '' : ' RETURNING true'
}

/**
 * PostgreSQL runs the statement after WITH first, then the unread queries, last one first: this order keeps the values of
 * sequences the same.
 */
function wrapping(keyLists: readonly string[]): string {
  return `, ${keys} AS (SELECT CASE WHEN (SELECT count(*) FROM ${main}) >= 0 THEN json_build_array(${keyLists.toReversed().join(', ')})::text END AS keys)
 SELECT m.*, CASE WHEN row_number() OVER () = 1 THEN k.keys END FROM ${keys} k LEFT JOIN (SELECT true, * FROM ${main}) m ON true`
}
