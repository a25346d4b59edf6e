import type { CommonTableExpr, Node, WithClause } from 'libpg-query'
import { assignedBy, assignedByMerge } from './analyse-update.ts'
import { tableOf, writeOf } from './analyse-write.ts'
import type { Span, SqlText } from './sql-text.ts'
import type { MainPart, Rekeying, Statement, Write } from './statement.ts'

/** Analyses the rows written inside WITH and by the statement after it. Undefined when nothing is written inside WITH. */
export function analyseWith(
  sql: SqlText,
  node: Node,
  span: Span,
): Pick<Statement, 'writes' | 'main' | 'opaque' | 'deletesUnseen'> | undefined {
  const clause = withClauseOf(node)
  const queries = (clause?.ctes ?? []).flatMap((cte) => ('CommonTableExpr' in cte ? [cte.CommonTableExpr] : []))
  if (!queries.some((query) => query.ctequery && writeOf(query.ctequery, 0))) return undefined
  if (!startsWithWith(sql, span))
    return { writes: [], opaque: { form: 'WITH inside parentheses' }, deletesUnseen: true }
  const exposed = exposesWholeRows(node)
  const read = readNames(node)
  const inner = queries.flatMap((query) => innerWrite(sql, query, exposed, read) ?? [])
  const main = mainPart(sql, node, queries.at(-1), span)
  const outer = writeOf(node, main.end)
  return { main, writes: outer ? [...inner, outer] : inner }
}

/** The updates in WITH queries, those of MERGE, and, if `isWithin`, that of the statement after WITH. */
export function updatesInWith(node: Node, isWithin: boolean): readonly Rekeying[] {
  const ctes = withClauseOf(node)?.ctes ?? []
  const inner = ctes.flatMap((cte) => ('CommonTableExpr' in cte ? (cte.CommonTableExpr.ctequery ?? []) : []))
  return [...inner, ...(isWithin || 'MergeStmt' in node ? [node] : [])].flatMap(rekeyingIn)
}

function rekeyingIn(node: Node): readonly Rekeying[] {
  const [table, columns] =
    'UpdateStmt' in node
      ? [node.UpdateStmt.relation, assignedBy(node.UpdateStmt)]
      : 'MergeStmt' in node
        ? [node.MergeStmt.relation, assignedByMerge(node.MergeStmt)]
        : [undefined, []]
  return columns.length > 0 ? [{ table: tableOf(table), columns }] : []
}

function startsWithWith(sql: SqlText, span: Span): boolean {
  const words = sql.tokens.filter((token) => token.start >= span.start && token.end <= span.end)
  const first =
    words[0]?.text.toUpperCase() === 'PREPARE' ? words.findIndex(({ text }) => text.toUpperCase() === 'AS') + 1 : 0
  return words[first]?.text.toUpperCase() === 'WITH'
}

function withClauseOf(node: Node): WithClause | undefined {
  if ('SelectStmt' in node) return node.SelectStmt.withClause
  if ('InsertStmt' in node) return node.InsertStmt.withClause
  if ('UpdateStmt' in node) return node.UpdateStmt.withClause
  if ('DeleteStmt' in node) return node.DeleteStmt.withClause
  return 'MergeStmt' in node ? node.MergeStmt.withClause : undefined
}

function innerWrite(sql: SqlText, query: CommonTableExpr, exposed: boolean, read: Names): Write | undefined {
  const body = bodyOf(sql, query)
  const write = query.ctequery && writeOf(query.ctequery, sql.lastTokenEnd(body))
  if (!write) return undefined
  const renamed = (query.aliascolnames?.length ?? 0) > 0
  const name = query.ctename ?? ''
  // Reading a query that returns nothing is an error, and has to stay one.
  const extendable = write.returning.present ? !exposed : !read.has(name)
  return { ...write, cte: { name, renamed, extendable } }
}

function bodyOf(sql: SqlText, query: CommonTableExpr): Span {
  const columns = query.aliascolnames?.length ? sql.parentheses(sql.at(query.location ?? 0)).end : undefined
  return sql.parentheses(columns ?? sql.at(query.location ?? 0))
}

const verbs = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'VALUES', 'TABLE', '('])

/** The statement after the last WITH query, to its end. */
function mainPart(sql: SqlText, node: Node, last: CommonTableExpr | undefined, span: Span): MainPart {
  const from = last ? bodyOf(sql, last).end : span.start
  const first = sql.tokens.find((token) => token.start > from && verbs.has(token.text.toUpperCase()))
  const word = first?.text.toUpperCase() ?? 'SELECT'
  const verb = word === 'INSERT' || word === 'UPDATE' || word === 'DELETE' || word === 'MERGE' ? word : 'SELECT'
  const body = Object.values(node)[0] as { returningClause?: unknown }
  const returns = verb === 'SELECT' || body.returningClause !== undefined
  return { start: first?.start ?? from, end: sql.lastTokenEnd(span), verb, returns }
}

type Names = ReadonlySet<unknown>

/** The names of all tables and queries that the statement references. */
function readNames(node: Node): Names {
  const names = new Set<unknown>()
  visit(node, (kind, value) => {
    if (kind === 'RangeVar') names.add(value.relname)
  })
  return names
}

/** Whether a `*`, or a table name used as a value, could bring added columns into the result. */
function exposesWholeRows(node: Node): boolean {
  const tables = new Set<unknown>()
  const values = new Set<unknown>()
  let star = false
  visit(node, (kind, value) => {
    if (kind === 'A_Star') star = true
    if (kind === 'RangeVar') tables.add((value.alias as { aliasname?: string } | undefined)?.aliasname ?? value.relname)
    if (kind === 'ColumnRef') values.add(nameAlone(value.fields as readonly Node[] | undefined))
  })
  return star || [...values].some((value) => tables.has(value))
}

function nameAlone(fields: readonly Node[] = []): string | undefined {
  const [only] = fields
  return fields.length === 1 && only && 'String' in only ? only.String.sval : undefined
}

function visit(value: unknown, onNode: (kind: string, value: Record<string, unknown>) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, onNode)
  } else if (typeof value === 'object' && value !== null) {
    for (const [kind, inner] of Object.entries(value)) {
      if (typeof inner === 'object' && inner !== null) onNode(kind, inner as Record<string, unknown>)
      visit(inner, onNode)
    }
  }
}
