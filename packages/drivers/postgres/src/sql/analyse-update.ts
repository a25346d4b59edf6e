import type { InsertStmt, MergeStmt, Node, UpdateStmt } from 'libpg-query'
import type { Rekeying, Write } from './statement.ts'

/** The columns that an UPDATE assigns, except those that WHERE fixes to the assigned value (`SET id = $1 … WHERE id = $1`). */
export function assignedBy({ relation, targetList = [], whereClause }: UpdateStmt): readonly string[] {
  const fixedByWhere = equalities(whereClause, relation?.alias?.aliasname ?? relation?.relname)
  return targets(targetList).flatMap(({ name, value }) => (fixedByWhere.has(equality(name, value) ?? '') ? [] : [name]))
}

/**
 * The columns that ON CONFLICT DO UPDATE assigns, except the conflict columns set to their proposed value: they are equal
 * already.
 */
export function assignedOnConflict({ onConflictClause }: InsertStmt): readonly string[] {
  const { targetList = [], infer, action } = onConflictClause ?? {}
  if (action !== 'ONCONFLICT_UPDATE') return []
  const conflictColumns = new Set(
    (infer?.indexElems ?? []).map((node) => ('IndexElem' in node ? node.IndexElem.name : undefined)),
  )
  return targets(targetList).flatMap(({ name, value }) =>
    conflictColumns.has(name) && isExcluded(name, value) ? [] : [name],
  )
}

export function assignedByMerge({ mergeWhenClauses = [] }: MergeStmt): readonly string[] {
  const clauses = mergeWhenClauses.flatMap((node) => ('MergeWhenClause' in node ? [node.MergeWhenClause] : []))
  return clauses
    .filter(({ commandType }) => commandType === 'CMD_UPDATE')
    .flatMap(({ targetList = [] }) => targets(targetList).map(({ name }) => name))
}

export function mergeDeletes({ mergeWhenClauses = [] }: MergeStmt): boolean {
  return mergeWhenClauses.some((node) => 'MergeWhenClause' in node && node.MergeWhenClause.commandType === 'CMD_DELETE')
}

/** The columns that a write assigns. */
export function rekeyingOf({ table, assigned }: Write): Rekeying | undefined {
  return assigned && { table, columns: assigned }
}

interface Target {
  readonly name: string
  readonly value: Node | undefined
}

function targets(list: readonly Node[]): readonly Target[] {
  return list.flatMap((node) =>
    'ResTarget' in node ? [{ name: node.ResTarget.name ?? '', value: node.ResTarget.val }] : [],
  )
}

/** The `column = value` conditions that must hold for a row. */
function equalities(where: Node | undefined, table: string | undefined): ReadonlySet<string> {
  if (!where) return new Set()
  if ('BoolExpr' in where && where.BoolExpr.boolop === 'AND_EXPR')
    return new Set((where.BoolExpr.args ?? []).flatMap((arg) => [...equalities(arg, table)]))
  if (!('A_Expr' in where) || where.A_Expr.kind !== 'AEXPR_OP') return new Set()
  const { name = [], lexpr, rexpr } = where.A_Expr
  const operator = name.map((node) => ('String' in node ? node.String.sval : '')).join('.')
  const column = lexpr && 'ColumnRef' in lexpr ? columnOf(lexpr.ColumnRef.fields, table) : undefined
  const known = operator === '=' && column !== undefined ? equality(column, rexpr) : undefined
  return new Set(known === undefined ? [] : [known])
}

/** Only for parameters and constants: any other expression may differ each time. */
function equality(column: string, value: Node | undefined): string | undefined {
  const plain = value && 'TypeCast' in value ? value.TypeCast.arg : value
  if (!plain || !('ParamRef' in plain || 'A_Const' in plain)) return undefined
  return `${column} ${JSON.stringify(plain, (key, part) => (key === 'location' ? undefined : part))}`
}

function isExcluded(name: string, value: Node | undefined): boolean {
  const fields = value && 'ColumnRef' in value ? (value.ColumnRef.fields ?? []) : []
  const names = fields.map((node) => ('String' in node ? node.String.sval : '*'))
  return names.length === 2 && names[0] === 'excluded' && names[1] === name
}

function columnOf(fields: readonly Node[] = [], table: string | undefined): string | undefined {
  const [column, owner, ...more] = fields.map((node) => ('String' in node ? node.String.sval : '*')).toReversed()
  return more.length === 0 && (owner === undefined || owner === table) ? column : undefined
}
