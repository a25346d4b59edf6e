/** This driver's removals as data: `delete-row`, `soft-delete`, `sql`. */
import { invalidArgument, type Json, type Removal } from '@dustpan/core/driver'
import { type KeyType, keyParts } from '../keys.ts'
import type { SoftDeleteColumns } from '../options.ts'

export interface RowArgs {
  readonly table: string
  /** Undefined: the table's key at the time of the removal. */
  readonly columns?: readonly string[]
  readonly types?: readonly KeyType[]
  /** Columns to set instead of deleting the row. */
  readonly set?: SoftDeleteColumns
}

export interface SqlArgs {
  readonly sql: string
  /** `{id}` is replaced by the key, `{id.0}` by a part of it. */
  readonly params: readonly Json[]
}

export function rowRemoval(
  driver: string,
  table: string,
  columns?: readonly string[],
  types?: readonly KeyType[],
): Removal {
  const special = types?.some((type) => type !== 'plain') ? { types } : {}
  return { driver, op: 'delete-row', v: 1, args: { table, ...(columns ? { columns } : {}), ...special } }
}

/** Converts `{table, key?}` or `{sql, params?}` to a Removal. @throws TypeError for anything else. */
export function removalOf(driver: string, spec: { readonly [key: string]: Json }): Removal {
  if (typeof spec.sql === 'string') return sqlRemoval(driver, spec.sql, spec.params ?? [])
  if (typeof spec.table === 'string' && spec.table !== '') return rowRemoval(driver, spec.table, keyColumns(spec.key))
  throw invalidArgument(
    `A removal by '${driver}' needs a table or sql, got ${JSON.stringify(spec)}`,
    "Write { table: 'users', store } or { sql: 'DELETE FROM users WHERE id = ?', params: ['{id}'], store }.",
  )
}

/** The arguments of a row's removal; undefined for other operations. */
export function rowArgs(removal: Removal): RowArgs | undefined {
  const args = removal.args as { readonly table?: unknown } | null
  const isRow = removal.op === 'delete-row' || removal.op === 'soft-delete'
  return isRow && removal.v === 1 && typeof args?.table === 'string' ? (args as RowArgs) : undefined
}

export function sqlArgs(removal: Removal): SqlArgs | undefined {
  const args = removal.args as { readonly sql?: unknown } | null
  return removal.op === 'sql' && removal.v === 1 && typeof args?.sql === 'string' ? (args as SqlArgs) : undefined
}

/** The parameters with their placeholders replaced by the key. */
export function filledIn(params: readonly Json[], key: Json): Json[] {
  const parts = keyParts(key)
  const at = (index: string | undefined) => (index === undefined ? parts[0] : parts[Number(index)]) ?? null
  return params.map((param) => {
    const whole = typeof param === 'string' ? /^\{id(?:\.(\d+))?\}$/.exec(param) : null
    if (whole !== null) return at(whole[1])
    if (typeof param !== 'string') return param
    return param.replace(/\{id(?:\.(\d+))?\}/g, (_, index: string | undefined) => String(at(index)))
  })
}

function sqlRemoval(driver: string, sql: string, params: Json): Removal {
  if (!Array.isArray(params)) throw invalidArgument(`params must be an array, got ${JSON.stringify(params)}`)
  return { driver, op: 'sql', v: 1, args: { sql, params } }
}

function keyColumns(key: Json | undefined): readonly string[] | undefined {
  if (key === undefined) return undefined
  const columns = typeof key === 'string' ? [key] : key
  if (Array.isArray(columns) && columns.length > 0 && columns.every((column) => typeof column === 'string'))
    return columns
  throw invalidArgument(`key must be a column's name or an array of them, got ${JSON.stringify(key)}`)
}
