/** The removals of this driver, as data: `delete-rows`, `sql`. */
import { invalidArgument, type Json, type Removal } from '@dustpan/core/driver'
import { nameParts, quoteText } from '../sql/quote.ts'
import { partsOf } from '../sql/where.ts'

export interface RowArgs {
  readonly table: string
  /** Default: the columns of the sorting key. */
  readonly columns?: readonly string[]
  /** The number of rows with the key; if there are more or fewer, none is removed. `any`: any number. @default 1 */
  readonly rows?: number | 'any'
  /** The number of rows with the key before the insert; unless these are on record too, none is removed. */
  readonly before?: number
  /** The insert returned before its rows were visible, or failed with an uncertain result. */
  readonly late?: true
}

export interface SqlArgs {
  /** `{id}` stands for the key, `{id.0}` for a part of it. */
  readonly sql: string
}

export function rowRemoval(driver: string, args: RowArgs): Removal {
  return { driver, op: 'delete-rows', v: 1, args: { ...args } }
}

/** The removal for the arguments of `track()`: `{ table, key?, rows? }` or `{ sql }`. @throws TypeError on anything else. */
export function removalOf(driver: string, spec: { readonly [key: string]: Json }): Removal {
  const { sql, table, key, rows } = spec
  if (typeof sql === 'string') return { driver, op: 'sql', v: 1, args: { sql } }
  if (typeof table !== 'string' || table === '') {
    throw invalidArgument(
      `A removal by '${driver}' needs a table or sql, got ${JSON.stringify(spec)}`,
      "Write { table: 'users', store } or { sql: 'ALTER TABLE users DELETE WHERE id = {id}', store }.",
    )
  }
  return rowRemoval(driver, { table, ...columnsIn(key), ...rowsIn(rows) })
}

export function rowArgs(removal: Removal): RowArgs | undefined {
  const args = removal.args as { readonly table?: unknown } | null
  const isRow = removal.op === 'delete-rows' && removal.v === 1 && typeof args?.table === 'string'
  return isRow ? (args as RowArgs) : undefined
}

export function sqlArgs(removal: Removal): SqlArgs | undefined {
  const args = removal.args as { readonly sql?: unknown } | null
  return removal.op === 'sql' && removal.v === 1 && typeof args?.sql === 'string' ? (args as SqlArgs) : undefined
}

/** The table's name, without quotes and database. */
export function tableOf(removal: Removal): string | undefined {
  const written = rowArgs(removal)?.table
  return written === undefined ? undefined : (nameParts(written)?.at(-1) ?? written)
}

/** The statement with the literals of the key. */
export function filledIn({ sql }: SqlArgs, key: Json): string {
  const parts = partsOf(key)
  return sql.replace(/\{id(?:\.(\d+))?\}/g, (_, index: string | undefined) => {
    const value = parts[Number(index ?? 0)] ?? null
    return typeof value === 'number' ? String(value) : value === null ? 'NULL' : quoteText(String(value))
  })
}

function columnsIn(key: Json | undefined): { columns?: readonly string[] } {
  if (key === undefined) return {}
  const columns = typeof key === 'string' ? [key] : key
  if (Array.isArray(columns) && columns.length > 0 && columns.every((column) => typeof column === 'string'))
    return { columns }
  throw invalidArgument(`key must be a column's name or an array of them, got ${JSON.stringify(key)}`)
}

function rowsIn(rows: Json | undefined): { rows?: number | 'any' } {
  if (rows === undefined) return {}
  if (rows === 'any' || (Number.isInteger(rows) && Number(rows) > 0)) return { rows: rows as number | 'any' }
  throw invalidArgument(`rows must be a number of rows or 'any', got ${JSON.stringify(rows)}`)
}
