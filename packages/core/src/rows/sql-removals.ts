/** Removals from an SQL database as data: `delete-row` and `soft-delete` of a row by key, `sql` for a user's own statement. */
import { invalidArgument } from '../errors/dustpan-error.ts'
import type { Json, Removal } from '../resource/resource.ts'
import type { WrittenTable } from './table-name.ts'

/** Columns to set and their values, if rows are marked as deleted. */
export type SetColumns = { readonly [column: string]: Json }

/** The arguments of `delete-row` and `soft-delete`. */
export interface RowArgs {
  readonly schema?: string | null
  readonly table: string
  /** Absent: the table's key at the time of removal. */
  readonly columns?: readonly string[]
  readonly set?: SetColumns
}

/** The arguments of `sql`: the user's own statement. */
export interface SqlArgs {
  readonly sql: string
  readonly params?: readonly Json[]
}

/** Whether the removal identifies a row by its key. */
export function isRowRemoval({ removal }: { readonly removal: Pick<Removal, 'op'> }): boolean {
  return removal.op === 'delete-row' || removal.op === 'soft-delete'
}

/** The `remove` option of `track()`. */
export type RemovalSpec = { readonly [key: string]: Json }

/** How a database product is named, and how it parses table names. */
export interface SqlProduct {
  /** `MySQL` */
  readonly product: string
  parseTableName(text: string): WrittenTable | undefined
}

/**
 * Converts the `remove` option of `track()` into a removal: `{ table: 'users', store: 'main', key: 'email' }`, or `{ sql,
 * params, store }` with `'{id}'` for the key. Without `key` the table's own key at the time of removal is used.
 * @throws TypeError on wrong input.
 */
export function sqlRemoval(driver: string, { store: _, ...spec }: RemovalSpec, of: SqlProduct): Removal {
  if ('sql' in spec) return { driver, op: 'sql', v: 1, args: sqlArgs(spec, of) }
  return { driver, op: 'delete-row', v: 1, args: rowArgs(spec, of) }
}

function sqlArgs({ sql, params = [], ...rest }: RemovalSpec, { product }: SqlProduct): Json {
  refuseOthers(rest, product, 'sql, params, store')
  if (typeof sql !== 'string' || sql.trim() === '') throw wrong('sql', 'a statement', sql)
  if (!Array.isArray(params)) throw wrong('params', "a list such as ['{id}']", params)
  return { sql, params }
}

function rowArgs({ table, key, ...rest }: RemovalSpec, { product, parseTableName }: SqlProduct): Json {
  refuseOthers(rest, product, 'table, key, store')
  const name = typeof table === 'string' ? parseTableName(table) : undefined
  if (!name) throw wrong('table', "a table's name: users, shop.users", table)
  const columns = typeof key === 'string' ? [key] : key
  if (columns !== undefined && !isColumns(columns)) throw wrong('key', 'a column, or a list of columns', key)
  return { schema: name.schema ?? null, table: name.table, ...(columns === undefined ? {} : { columns }) }
}

function isColumns(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) && value.length > 0 && value.every((column) => typeof column === 'string' && column !== '')
  )
}

function refuseOthers(rest: RemovalSpec, product: string, known: string): void {
  const [other] = Object.keys(rest)
  if (other === undefined) return
  throw invalidArgument(
    `track(): remove.${other}: there is no such option`,
    `With a ${product} store these are known: ${known}`,
  )
}

function wrong(option: string, expected: string, found: Json | undefined): TypeError {
  return invalidArgument(`track(): remove.${option}: expected ${expected}, got ${JSON.stringify(found) ?? 'nothing'}`)
}
