import type { Node, RawStmt } from 'libpg-query'
import { analyseSession } from './analyse-session.ts'
import { analyseTables } from './analyse-tables.ts'
import { rekeyingOf } from './analyse-update.ts'
import { analyseWith, updatesInWith } from './analyse-with.ts'
import { analyseWrite } from './analyse-write.ts'
import { mayCallFunction } from './called-functions.ts'
import { parser } from './parser.ts'
import { type Span, SqlText } from './sql-text.ts'
import type { Analysis, Rekeying, Statement, TableReference } from './statement.ts'

const mayMatter =
  /\b(?:insert|delete|truncate|copy|merge|begin|start|commit|end|rollback|abort|savepoint|release|prepare|execute|deallocate|do|set|reset|discard|set_config|create|alter|drop|grant|revoke|import|security|reassign|call)\b/i
const update = /\bupdate\b/i
const mayCreate = /\b(?:insert|copy|merge)\b/i
const mayCommit = /\b(?:commit|end|prepare)\b/i
/** A prepared transaction outlives its connection: another process may commit it. */
const commits: ReadonlySet<string | undefined> = new Set(['commit', 'prepare'])
const maxCached = 1_000
const cache = new Map<string, Analysis | undefined>()

/** Whether a text, or a part of one, may have tracked effects other than by UPDATE. */
export const mayHaveEffects = (text: string): boolean => mayMatter.test(text) || mayCallFunction(text)

export const mayUpdate = (text: string): boolean => update.test(text)

export const isAnalysed = (text: string): boolean => cache.has(text)

/** Analyses a text; undefined when it has no tracked effects. Cached for the last thousand texts. The parser must be loaded. */
export function analyse(text: string): Analysis | undefined {
  if (cache.has(text)) return cache.get(text)
  const analysis = read(text)
  if (cache.size >= maxCached) cache.delete(cache.keys().next().value as string)
  cache.set(text, analysis)
  return analysis
}

function read(text: string): Analysis | undefined {
  try {
    const sql = new SqlText(text)
    const statements = (parser.parse(text).stmts ?? []).map((raw) => analyseRaw(sql, raw))
    return statements.some(hasEffects) ? summary(statements) : undefined
  } catch (error) {
    const unparsable = mayCreate.test(text) ? { unparsable: (error as Error).message } : undefined
    return unparsable || mayCommit.test(text)
      ? { ...summary([]), commits: mayCommit.test(text), ...unparsable }
      : undefined
  }
}

function analyseRaw(sql: SqlText, raw: RawStmt): Statement {
  const start = sql.at(raw.stmt_location ?? 0)
  const end = raw.stmt_len ? sql.at((raw.stmt_location ?? 0) + raw.stmt_len) : sql.text.length
  return analyseNode(sql, raw.stmt as Node, { start, end })
}

function analyseNode(sql: SqlText, node: Node, span: Span): Statement {
  if ('PrepareStmt' in node && node.PrepareStmt.query) {
    return { ...analyseNode(sql, node.PrepareStmt.query, span), prepares: node.PrepareStmt.name ?? '' }
  }
  const inWith = analyseWith(sql, node, span)
  const rekeys = updatesInWith(node, inWith !== undefined)
  const written = inWith ?? analyseWrite(node, sql.lastTokenEnd(span))
  return {
    span,
    ...written,
    ...analyseTables(node, written),
    ...analyseSession(node, sql.text.slice(span.start, span.end)),
    ...(rekeys.length > 0 ? { rekeys } : {}),
  }
}

function hasEffects(statement: Statement): boolean {
  return Object.keys(statement).length > 2 || statement.writes.length > 0
}

function summary(statements: readonly Statement[]): Analysis {
  const writes = statements.flatMap((statement) => statement.writes)
  const rekeyings = statements.flatMap(rekeyingsOf)
  return {
    statements,
    tables: statements.flatMap(tablesOf),
    creates: writes.some(({ verb }) => verb === 'insert') || statements.some(({ copies }) => copies),
    deletes:
      writes.some(({ verb }) => verb === 'delete') ||
      statements.some(({ truncates, deletesFrom, deletesUnseen }) => truncates ?? deletesFrom ?? deletesUnseen),
    rekeyings,
    onlyUpdates: rekeyings.length > 0 && statements.every(onlyUpdates),
    prepares: statements.some(({ prepares }) => prepares !== undefined),
    commits: statements.some(({ transaction }) => commits.has(transaction?.kind)),
  }
}

function rekeyingsOf({ writes, rekeys = [] }: Statement): readonly Rekeying[] {
  return [...writes.flatMap((write) => rekeyingOf(write) ?? []), ...rekeys]
}

const updateFields = new Set(['span', 'writes', 'rekeys'])

function onlyUpdates(statement: Statement): boolean {
  return (
    statement.writes.every(({ verb }) => verb === 'update') &&
    Object.keys(statement).every((key) => updateFields.has(key))
  )
}

function tablesOf({ writes, truncates, copies, rekeys = [], deletesFrom }: Statement): readonly TableReference[] {
  const others = [copies, deletesFrom].flatMap((table) => table ?? [])
  return [
    ...writes.map(({ table }) => table),
    ...(truncates?.tables ?? []),
    ...others,
    ...rekeys.map(({ table }) => table),
  ]
}
