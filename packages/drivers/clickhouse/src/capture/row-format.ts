/** Rows as a client is given them, by the format: where the value of a column stands. */
import type { InsertParams } from '../library.ts'
import { nameParts } from '../sql/quote.ts'
import type { Table } from '../sql/table.ts'

export interface RowFormat {
  /** Columns that the rows have, in their order; undefined: each row names its own. */
  readonly columns: readonly string[] | undefined
  get(row: unknown, column: string): unknown
  /** The row with more values, for columns of which it has none; the one given stays as it is. */
  with(row: unknown, values: ReadonlyMap<string, unknown>): unknown
}

const byName = /^(?:JSON(?:Strings)?EachRow|JSONLines|NDJSON|JSON|JSONObjectEachRow)$/i
const byPlace = /^JSONCompact(?:Strings)?EachRow$/i

/** Undefined: what the rows hold is known to the server only. */
export function rowFormat(params: InsertParams, table: Table): RowFormat | undefined {
  const format = params.format ?? 'JSONCompactEachRow'
  if (byName.test(format)) return named
  return byPlace.test(format) ? placed(columnsOf(params, table)) : undefined
}

/** What an insert without a list of columns means. */
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

function placed(columns: readonly string[]): RowFormat {
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

/** As JSON would have it. */
function plain(row: unknown): Readonly<Record<string, unknown>> {
  const { toJSON } = (row ?? {}) as { toJSON?: unknown }
  const shown: unknown = typeof toJSON === 'function' ? toJSON.call(row) : row
  return typeof shown === 'object' && shown !== null ? (shown as Record<string, unknown>) : {}
}
