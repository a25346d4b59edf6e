import type { Analysis, Statement } from '../sql/statement.ts'
import { type PlannedWrite, planWrite } from './plan-write.ts'
import { planInWith, rewriteWith } from './rewrite-with.ts'
import { applyEdits, type Rewriting, type RewrittenStatement, returningEdit } from './rewriting.ts'
import type { Facts } from './table-facts.ts'

export interface RewriteOptions {
  readonly facts: Facts
  readonly version: number
  /** The keys of deleted rows are returned as well. */
  readonly deletes: boolean
  /** Values are transferred in the binary format. */
  readonly binary: boolean
}

/** Rewrites a text to return the keys of its writes. Cached as long as the facts are. */
export function rewrite(text: string, analysis: Analysis, options: RewriteOptions): Rewriting {
  const { facts, deletes, binary } = options
  const kept = facts.rewritings(deletes, binary)
  const known = kept.get(analysis)
  if (known) return known
  const rewriting = rewriteAll(text, analysis, options)
  if (analysis.tables.every((table) => facts.tables.has(table.id))) kept.set(analysis, rewriting)
  return rewriting
}

/** The unchanged text, for when nothing of it would be tracked. */
export function unchanged(text: string, analysis: Analysis): Rewriting {
  const outputs = analysis.statements.map((statement) => ({ statement, writes: updatesOf(statement) }))
  return { text, outputs, edits: [] }
}

/** Updates are listed even though their keys are not returned. */
function updatesOf({ writes }: Statement): readonly PlannedWrite[] {
  return writes.flatMap((write) => (write.verb === 'update' || write.assigned ? [{ write, facts: null }] : []))
}

function rewriteAll(text: string, analysis: Analysis, options: RewriteOptions): Rewriting {
  const parts = analysis.statements.map((statement) => rewriteStatement(statement, options))
  const edits = parts.flatMap((part) => part.edits).sort((a, b) => a.at - b.at)
  return { text: applyEdits(text, edits), outputs: parts.map((part) => part.output), edits }
}

function rewriteStatement(
  statement: Statement,
  { facts, version, deletes, binary }: RewriteOptions,
): RewrittenStatement {
  const wanted = statement.writes.filter((write) => write.verb !== 'delete' || deletes)
  const planned = wanted.map((write) => planInWith(planWrite(write, facts.tables.get(write.table.id), version)))
  const writes = planned.map(({ plan }) => plan)
  const inner = statement.main ? rewriteWith(statement, statement.main, planned) : undefined
  if (inner) return inner
  const outer = writes.findIndex((planned) => planned.columns && !planned.write.cte)
  return appendReturning(statement, writes, outer, binary)
}

function appendReturning(
  statement: Statement,
  writes: readonly PlannedWrite[],
  index: number,
  binary: boolean,
): RewrittenStatement {
  const planned = writes[index]
  if (!planned?.columns) return { output: { statement, writes }, edits: [] }
  const silent = !planned.write.returning.present
  const strip = { trailing: planned.columns.length, trailingWrite: index, silent }
  return { output: { statement, writes, strip }, edits: [returningEdit(planned, binary)] }
}
