/** Reads and sets the values of rows in the formats that the client accepts. */
import type { InsertParams } from '../library.ts'
import { nameParts } from '../sql/quote.ts'
import type { Table } from '../sql/table.ts'

export interface RowFormat {
  /** The columns of the rows, in order; undefined: each row names its columns. */
  readonly columns: readonly string[] | undefined
  get(row: unknown, column: string): unknown
  /** A copy of the row, with values for columns that are empty. */
  with(row: unknown, values: ReadonlyMap<string, unknown>): unknown
}

const namedFormats = /^(?:JSON(?:Strings)?EachRow|JSONLines|NDJSON|JSON|JSONObjectEachRow)$/i
const positionalFormats = /^JSONCompact(?:Strings)?EachRow$/i

/** Undefined: only the server can read the format. */
export function rowFormat(params: InsertParams, table: Table): RowFormat | undefined {
  const format = params.format ?? 'JSONCompactEachRow'
  if (namedFormats.test(format)) return named
  return positionalFormats.test(format) ? byPosition(columnsOf(params, table)) : undefined
}

/** The columns of an insert, also if it does not list them. */
export function columnsOf({ columns }: Pick<InsertParams, 'columns'>, table: Table): readonly string[] {
  if (Array.isArray(columns) && columns.length > 0) return columns.map(unquoted)
  const all = [...table.columns].filter(([, { kind }]) => kind === '' || kind === 'DEFAULT').map(([name]) => name)
  const except = Array.isArray(columns) ? [] : ((columns as { except?: readonly string[] } | undefined)?.except ?? [])
  return all.filter((name) => !except.map(unquoted).includes(name))
}

const unquoted = (name: string): string => nameParts(name)?.[0] ?? name.trim()

const named: RowFormat = {
  columns: undefined,
  get: (row, column) => (Object.hasOwn(plain(row), column) ? plain(row)[column] : undefined),
  with(row, values) {
    const missing = [...values].filter(([column]) => isEmpty(plain(row)[column]))
    return { ...plain(row), ...Object.fromEntries(missing) }
  },
}

function byPosition(columns: readonly string[]): RowFormat {
  const at = new Map(columns.map((column, i) => [column, i]))
  return {
    columns,
    get: (row, column) => {
      const i = at.get(column)
      return i === undefined || !Array.isArray(row) ? undefined : row[i]
    },
    with(row, values) {
      if (!Array.isArray(row)) return row
      const marked = [...row]
      for (const [column, value] of values) {
        const i = at.get(column)
        if (i === undefined) marked.push(value)
        else if (isEmpty(marked[i])) marked[i] = value
      }
      return marked
    },
  }
}

export const isEmpty = (value: unknown): boolean => value === undefined || value === null || value === ''

/** The row as JSON serialises it. */
function plain(row: unknown): Readonly<Record<string, unknown>> {
  const { toJSON } = (row ?? {}) as { toJSON?: unknown }
  const json: unknown = typeof toJSON === 'function' ? toJSON.call(row) : row
  return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {}
}
