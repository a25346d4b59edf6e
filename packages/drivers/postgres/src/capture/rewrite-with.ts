import { quoteIdentifier } from '../names.ts'
import { incarnationBehind } from './incarnation.ts'
import { capturedKey } from './key-style.ts'
import type { PlannedWrite } from './plan-write.ts'
import { type Edit, ownColumn, type RewrittenStatement, returningEdit } from './rewriting.ts'
import type { MainPart, Returning, Statement } from './statement.ts'

const main = quoteIdentifier('__dustpan_main')
const keys = quoteIdentifier('__dustpan_keys')

/**
 * A statement whose WITH queries write rows: what follows WITH becomes a query of that WITH too, and a SELECT behind it brings the user's rows,
 * and with the first of them the keys that the WITH queries wrote. One row comes even when the user's statement has none.
 * Undefined: none of the WITH queries can tell its keys.
 */
export function rewriteWith(
  statement: Statement,
  part: MainPart,
  planned: readonly InWith[],
): RewrittenStatement | undefined {
  const inner = planned.flatMap(({ plan }, index) => (plan.write.cte && plan.columns ? [index] : []))
  if (inner.length === 0) return undefined
  if (part.verb === 'MERGE')
    return { output: { statement, writes: planned.map(({ plan }) => besideMerge(plan)) }, edits: [] }
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

/** A write with the names that its columns have for the rest of the statement. */
interface InWith {
  readonly plan: PlannedWrite
  readonly edit: Edit | undefined
}

/** Adds the columns to a WITH query, or finds the key among those that it returns anyway. Other writes stay as they are. */
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
    const place = facts ? [`${incarnationBehind(write.table, facts)}::text`] : []
    return {
      plan: { ...planned, columns: [...texts, ...place] },
      edit: undefined,
    }
  }
  return { plan: hidden(planned), edit: undefined }
}

/** A name that stands for two columns cannot be asked for. `new.*` and its like may hold any name. */
function isReturnedOnce(name: string, { columns, names }: Returning): boolean {
  const times = columns.filter((column) => column === '*' || column === name).length
  return times === 1 && !names.includes(name) && !names.includes('*')
}

function hidden({ write, facts }: PlannedWrite): PlannedWrite {
  const message = `Rows inserted into ${write.table.table} inside WITH are not tracked: the statement uses \`*\`, so no column can be added; return the key from the WITH query`
  return { write, facts, why: { code: 'DUSTPAN_SQL_UNATTRIBUTED', message } }
}

function besideMerge(plan: PlannedWrite): PlannedWrite {
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

/** PostgreSQL carries out what follows WITH first, then its queries that nobody reads, the last one first: sequences give the same values so. */
function wrapping(keyLists: readonly string[]): string {
  return `, ${keys} AS (SELECT CASE WHEN (SELECT count(*) FROM ${main}) >= 0 THEN json_build_array(${keyLists.toReversed().join(', ')})::text END AS keys)
 SELECT m.*, CASE WHEN row_number() OVER () = 1 THEN k.keys END FROM ${keys} k LEFT JOIN (SELECT true, * FROM ${main}) m ON true`
}
