import { bareType } from './literal.ts'
import { nameParts, quoteName, quoteText } from './quote.ts'
import type { QueryOptions, Server } from './server.ts'

export interface Table {
  readonly database: string
  readonly name: string
  readonly engine: string
  /** Whether the table skips a block that was inserted before, by anyone. */
  readonly deduplicates: boolean
  /** It changes when the table is dropped and created again. Old servers have none. */
  readonly uuid?: string
  readonly columns: ReadonlyMap<string, Column>
  /** Columns in the sorting key, including those in expressions. */
  readonly sortingKey: readonly string[]
  /** The key by which the table merges rows sooner or later, if it does. */
  readonly merging?: { readonly columns: MergedBy }
  /** Materialized views that read inserts into the table. */
  readonly views: readonly string[]
}

/** Undefined: the key has expressions, which cannot be evaluated here. */
type MergedBy = readonly string[] | undefined

export interface Column {
  readonly type: string
  /** `MATERIALIZED` and `ALIAS` are never inserted. */
  readonly kind: string
}

interface TableRow {
  readonly name: string
  readonly engine: string
  readonly engine_full: string
  readonly sorting_key: string
  readonly primary_key: string
  readonly uuid?: string
  readonly views: readonly string[]
}

interface ColumnRow {
  readonly table: string
  readonly name: string
  readonly type: string
  readonly default_kind: string
  readonly is_in_sorting_key: number
}

/** Undefined: the table does not exist, or is a temporary table of a session. */
export async function readTable(
  server: Server,
  database: string,
  name: string,
  options?: QueryOptions,
): Promise<Table | undefined> {
  return (await readTables(server, database, options, name))[0]
}

/** Finds a table that may have been renamed. */
export async function tableWithUuid(
  server: Server,
  database: string,
  uuid: string,
  options?: QueryOptions,
): Promise<Table | undefined> {
  if (server.version < 2100) return undefined
  const sql = `SELECT name FROM system.tables WHERE database = ${quoteText(database)} AND toString(uuid) = ${quoteText(uuid)}`
  const [found] = await server.rows<{ name: string }>(sql, options)
  return found && readTable(server, database, found.name, options)
}

/** All tables of a database, or only the named one. */
export async function readTables(
  server: Server,
  database: string,
  options?: QueryOptions,
  only?: string,
): Promise<readonly Table[]> {
  const of = (table: string) =>
    `database = ${quoteText(database)}${only === undefined ? '' : ` AND ${table} = ${quoteText(only)}`}`
  const uuid = server.version < 2100 ? '' : ', toString(uuid) AS uuid'
  const [tables, columns] = await Promise.all([
    server.rows<TableRow>(
      `SELECT name, engine, engine_full, sorting_key, primary_key, dependencies_table AS views${uuid} FROM system.tables WHERE ${of('name')}`,
      options,
    ),
    server.rows<ColumnRow>(
      `SELECT table, name, type, default_kind, is_in_sorting_key FROM system.columns WHERE ${of('table')}`,
      options,
    ),
  ])
  const byTable = Map.groupBy(columns, ({ table }) => table)
  return tables.map((row) => tableOf(database, row, byTable.get(row.name) ?? []))
}

function tableOf(database: string, row: TableRow, columns: readonly ColumnRow[]): Table {
  const { name, engine, views, uuid } = row
  const key = mergingKey(row)
  return {
    ...{ database, name, engine, views, deduplicates: deduplicates(row) },
    ...(key === undefined ? {} : { merging: { columns: columnsIn(key) } }),
    ...(uuid !== undefined && /[1-9a-f]/.test(uuid) ? { uuid } : {}),
    columns: new Map(columns.map((column) => [column.name, { type: column.type, kind: column.default_kind }])),
    sortingKey: columns.filter((column) => Number(column.is_in_sorting_key) === 1).map((column) => column.name),
  }
}

/** Replicated tables deduplicate unless it is disabled; others only if it is enabled. */
function deduplicates({ engine, engine_full }: TableRow): boolean {
  const [, window] = /\breplicated_deduplication_window\s*=\s*'?(\d+)/.exec(engine_full) ?? []
  const [, other] = /\bnon_replicated_deduplication_window\s*=\s*'?(\d+)/.exec(engine_full) ?? []
  return /^(?:Replicated|Shared)/.test(engine) ? window !== '0' : Number(other ?? 0) > 0
}

/** The key as the server writes it. Undefined: the table does not merge rows. */
function mergingKey({ engine, engine_full, sorting_key, primary_key }: TableRow): string | undefined {
  if (/(?:Replacing|Summing|Aggregating|Collapsing|Coalescing|Graphite)/.test(engine)) return sorting_key
  if (engine === 'EmbeddedRocksDB') return primary_key
  return /^Join\(\s*'?(?:ANY|SEMI|ANTI)'?\s*,\s*'?\w+'?\s*,\s*(.*?)\)(?:\s+SETTINGS\b.*)?$/is.exec(engine_full)?.[1]
}

function columnsIn(key: string): MergedBy {
  const names = key === '' ? [] : key.split(/,\s*/).map((one) => nameParts(one))
  return names.every((parts) => parts?.length === 1) ? names.flatMap((parts) => parts ?? []) : undefined
}

export function tableName({ database, name }: Pick<Table, 'database' | 'name'>): string {
  return `${quoteName(database)}.${quoteName(name)}`
}

/** Whether inserting a key again changes a row. */
export function merges({ merging }: Table): boolean {
  return merging !== undefined
}

/** Whether the engine can delete rows, and reading does not consume them. */
export function canDelete({ engine }: Table): boolean {
  return /MergeTree$|^(?:Memory|Join|EmbeddedRocksDB)$/.test(engine)
}

export function isText({ type }: Column): boolean {
  return bareType(type) === 'String'
}
