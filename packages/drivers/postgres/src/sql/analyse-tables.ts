import type { Node, RangeVar } from 'libpg-query'
import { tableNamed, tableOf } from './analyse-write.ts'
import type { Statement, TableReference } from './statement.ts'

/** RenameStmt: ALTER TABLE renames views too. */
const renamed = new Set<string | undefined>(['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW'])

/** Parts of an INSERT that look single values up. */
const valuesOnly = new Set(['valuesLists', 'returningClause'])

/** The tables that a statement creates, renames, or reads for the rows that it inserts. */
export function analyseTables(node: Node, { writes }: Pick<Statement, 'writes'>): Partial<Statement> {
  if ('CreateStmt' in node) return made(node.CreateStmt.relation, [], node.CreateStmt.if_not_exists)
  if ('CreateTableAsStmt' in node) {
    const { into, query, if_not_exists } = node.CreateTableAsStmt
    return made(into?.rel, tablesRead(query), if_not_exists)
  }
  if ('ViewStmt' in node) return made(node.ViewStmt.view, tablesRead(node.ViewStmt.query))
  if ('RenameStmt' in node && renamed.has(node.RenameStmt.renameType)) {
    const from = tableOf(node.RenameStmt.relation)
    return { renames: { from, to: tableNamed(node.RenameStmt.newname ?? '', from.schema) } }
  }
  const reads = writes.some(({ verb }) => verb === 'insert') ? tablesRead(node) : []
  return reads.length > 0 ? { reads } : {}
}

function made(
  table: RangeVar | undefined,
  reads: readonly TableReference[],
  ifNotExists = false,
): Pick<Statement, 'makes'> {
  return { makes: { table: tableOf(table), reads, ...(ifNotExists ? { ifNotExists } : {}) } }
}

/** The tables in FROM, and those that rows are deleted from; without the names of WITH queries. */
function tablesRead(node: Node | undefined): readonly TableReference[] {
  const tables: TableReference[] = []
  const queries = new Set<unknown>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [kind, inner] of Object.entries(value)) {
      if (valuesOnly.has(kind)) continue
      if (kind === 'RangeVar') tables.push(tableOf(inner as RangeVar))
      if (kind === 'DeleteStmt') tables.push(tableOf((inner as { relation?: RangeVar }).relation))
      if (kind === 'ctename') queries.add(inner)
      visit(inner)
    }
  }
  visit(node)
  return tables.filter(({ schema, table }) => schema !== undefined || !queries.has(table))
}
