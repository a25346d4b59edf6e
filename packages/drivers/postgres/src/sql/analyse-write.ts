import type { DeleteStmt, InsertStmt, Node, RangeVar, ReturningClause, UpdateStmt } from 'libpg-query'
import { assignedBy, assignedOnConflict } from './analyse-update.ts'
import type { Returning, Statement, TableReference, Write } from './statement.ts'

/** The write of a statement itself, outside WITH queries. `at`: where its RETURNING goes. */
export function analyseWrite(node: Node, at: number): Pick<Statement, 'writes'> {
  const write = 'UpdateStmt' in node ? updateOf(node.UpdateStmt, at) : writeOf(node, at)
  return { writes: write ? [write] : [] }
}

/** An INSERT or DELETE as a write. */
export function writeOf(node: Node, at: number): Write | undefined {
  if ('InsertStmt' in node) return insertOf(node.InsertStmt, at)
  if ('DeleteStmt' in node) return deleteOf(node.DeleteStmt, at)
  return undefined
}

export function tableOf(relation: RangeVar | undefined): TableReference {
  return tableNamed(relation?.relname ?? '', relation?.schemaname)
}

export function tableNamed(table: string, schema: string | undefined): TableReference {
  if (schema === undefined) return { id: JSON.stringify(table), table }
  return { id: `${JSON.stringify(schema)}.${JSON.stringify(table)}`, schema, table }
}

function insertOf(statement: InsertStmt, at: number): Write {
  const reference = referenceOf(statement.relation)
  const old = oldOf(statement.returningClause, reference)
  const actions = { ONCONFLICT_NOTHING: 'nothing', ONCONFLICT_UPDATE: 'update', ONCONFLICT_NONE: 'none' } as const
  const columns = statement.cols?.flatMap((node) => ('ResTarget' in node ? (node.ResTarget.name ?? []) : []))
  const given = givenIn(statement, columns)
  const assigned = assignedOnConflict(statement)
  return {
    verb: 'insert',
    table: tableOf(statement.relation),
    reference,
    at,
    ...(columns ? { columns } : {}),
    ...(given ? { given } : {}),
    ...(assigned.length > 0 ? { assigned } : {}),
    returning: returningOf(statement.returningClause, reference),
    conflict: actions[statement.onConflictClause?.action ?? 'ONCONFLICT_NONE'] ?? 'none',
    ...(old === undefined ? {} : { old }),
  }
}

/** The columns that get a value other than their default. */
function givenIn({ selectStmt }: InsertStmt, columns: readonly string[] | undefined): readonly string[] | undefined {
  if (!selectStmt) return []
  const lists = 'SelectStmt' in selectStmt ? (selectStmt.SelectStmt.valuesLists ?? []) : []
  const rows = lists.map((list) => ('List' in list ? (list.List.items ?? []) : []))
  if (rows.length === 0) return columns
  return columns?.filter((_, index) => rows.some((row) => !('SetToDefault' in (row[index] ?? {}))))
}

function updateOf(statement: UpdateStmt, at: number): Write | undefined {
  const assigned = assignedBy(statement)
  if (assigned.length === 0) return undefined
  const reference = referenceOf(statement.relation)
  const returning = returningOf(statement.returningClause, reference)
  const old = oldOf(statement.returningClause, reference)
  return {
    ...{ verb: 'update', table: tableOf(statement.relation), reference, at, returning, assigned, conflict: 'none' },
    ...(old === undefined ? {} : { old }),
  }
}

function deleteOf(statement: DeleteStmt, at: number): Write {
  const reference = referenceOf(statement.relation)
  const returning = returningOf(statement.returningClause, reference)
  return { verb: 'delete', table: tableOf(statement.relation), reference, at, returning, conflict: 'none' }
}

function referenceOf(relation: RangeVar | undefined): string {
  return relation?.alias?.aliasname ?? relation?.relname ?? ''
}

/** `old`, or its alias in `RETURNING WITH (OLD AS …)`; undefined when the table itself has that name. */
function oldOf(clause: ReturningClause | undefined, reference: string): string | undefined {
  const options = (clause?.options ?? []).flatMap((node) => ('ReturningOption' in node ? [node.ReturningOption] : []))
  if (options.some((option) => option.value === 'old' && option.option !== 'RETURNING_OPTION_OLD')) return undefined
  const old = options.find((option) => option.option === 'RETURNING_OPTION_OLD')?.value ?? 'old'
  return reference === old ? undefined : old
}

function returningOf(clause: ReturningClause | undefined, reference: string): Returning {
  const returned = (clause?.exprs ?? []).map((node) => ({ node, column: columnUnderItsName(node, reference) }))
  const columns = returned.flatMap(({ column }) => column ?? [])
  const names = returned.flatMap(({ node, column }) => (column === undefined ? nameOf(node) : []))
  return { present: clause !== undefined, columns, names }
}

/** The possible names of a returned value: its alias, column, function, or the type that it is cast to. */
function nameOf(node: Node): readonly string[] {
  if ('ResTarget' in node) {
    const { name, val } = node.ResTarget
    return name === undefined ? (val ? nameOf(val) : []) : [name]
  }
  if ('TypeCast' in node)
    return [...(node.TypeCast.arg ? nameOf(node.TypeCast.arg) : []), ...last(node.TypeCast.typeName?.names)]
  if ('ColumnRef' in node) return last(node.ColumnRef.fields)
  return 'FuncCall' in node ? last(node.FuncCall.funcname) : []
}

function last(names: readonly Node[] = []): readonly string[] {
  const name = names.at(-1)
  if (name && 'A_Star' in name) return ['*']
  return name && 'String' in name ? [name.String.sval ?? ''] : []
}

function columnUnderItsName(node: Node, reference: string): string | undefined {
  const target = 'ResTarget' in node ? node.ResTarget : undefined
  const fields = target?.val && 'ColumnRef' in target.val ? (target.val.ColumnRef.fields ?? []) : []
  const names = fields.map((field) => ('String' in field ? (field.String.sval ?? '') : '*'))
  const column = names.at(-1)
  if (names.length === 0 || names.length > 2 || (names.length === 2 && names[0] !== reference)) return undefined
  return target?.name === undefined || target.name === column ? column : undefined
}
