import { type PlannedWrite, planWrite } from './plan-write.ts'
import { rewriteWith } from './rewrite-with.ts'
import { applyEdits, type RewrittenStatement, type Rewriting, returningEdit } from './rewriting.ts'
import type { Analysis, Statement } from './statement.ts'
import { type Facts, nameKey } from './table-facts.ts'

/** `deletes`: whether the keys of deleted rows are asked for as well. Kept as long as the facts are. */
export function rewrite(text: string, analysis: Analysis, facts: Facts, version: number, deletes: boolean): Rewriting {
  const kept = facts.rewritings[deletes ? 'deletes' : 'plain']
  const known = kept.get(analysis)
  if (known) return known
  const rewriting = rewriteAll(text, analysis, facts, version, deletes)
  if (analysis.tables.every((table) => facts.tables.has(nameKey(table)))) kept.set(analysis, rewriting)
  return rewriting
}

/** The text as it is, for when nothing of it would be tracked. */
export function unchanged(text: string, analysis: Analysis): Rewriting {
  return { text, outputs: analysis.statements.map((statement) => ({ statement, writes: [] })), edits: [] }
}

function rewriteAll(text: string, analysis: Analysis, facts: Facts, version: number, deletes: boolean): Rewriting {
  const parts = analysis.statements.map((statement) => rewriteStatement(statement, facts, version, deletes))
  const edits = parts.flatMap((part) => part.edits).sort((a, b) => a.at - b.at)
  return { text: applyEdits(text, edits), outputs: parts.map((part) => part.output), edits }
}

function rewriteStatement(statement: Statement, facts: Facts, version: number, deletes: boolean): RewrittenStatement {
  const wanted = statement.writes.filter((write) => write.verb === 'insert' || deletes)
  const writes = wanted.map((write) => planWrite(write, facts, version))
  const inner = statement.main ? rewriteWith(statement, statement.main, writes) : undefined
  if (inner) return inner
  const outer = writes.findIndex((planned) => planned.columns && !planned.write.cte)
  return appendReturning(statement, writes, outer)
}

function appendReturning(statement: Statement, writes: readonly PlannedWrite[], index: number): RewrittenStatement {
  const planned = writes[index]
  if (!planned?.columns) return { output: { statement, writes }, edits: [] }
  const silent = !planned.write.returning.present
  const strip = { trailing: planned.columns.length, trailingWrite: index, silent }
  return { output: { statement, writes, strip }, edits: [returningEdit(planned)] }
}

