/** The tables of the connected databases, and the columns that identify their rows. */
import { isLogTable } from './application/log-tables.ts'
import type { Client, Row } from './client.ts'
import { quoted } from './quote.ts'

export interface Table {
  readonly schema: string
  readonly name: string
  /** The primary key's columns, or a name of the rowid if none is declared; empty if rows cannot be distinguished. */
  readonly key: readonly string[]
  /** Rows are identified only by the rowid, which VACUUM changes. */
  readonly bare: boolean
  readonly withoutRowid: boolean
  /** Triggers cannot be created on it. */
  readonly virtual: boolean
  /** The column whose default is the time of creation. */
  readonly createdAt?: string
  /** Declared type by column. */
  readonly columns: ReadonlyMap<string, string>
  /** Computed columns, which cannot be set. */
  readonly generated: readonly string[]
}

/**
 * All tables, or those with this name. Uses plain PRAGMAs: their table-valued functions crash Node 24 once
 * `DatabaseSync.deserialize()` was called between two uses.
 */
export function readTables(client: Client, name?: string): Table[] {
  const isRequested = (row: Row) => isTable(row) && (name === undefined || sameName(String(row.name), name))
  const listed = client.all('PRAGMA table_list').filter(isRequested).sort(byName)
  return listed.map((table) => {
    const schema = quoted(String(table.schema))
    return tableOf(table, client.all(`PRAGMA ${schema}.table_xinfo(${quoted(String(table.name))})`))
  })
}

function byName(a: Row, b: Row): number {
  return String(a.name) < String(b.name) ? -1 : 1
}

function isTable({ schema, name, type }: Row): boolean {
  const isOrdinary = (type === 'table' || type === 'virtual') && schema !== 'temp'
  return isOrdinary && !String(name).startsWith('sqlite_') && !isLogTable(String(name))
}

/** The table with this name, or undefined. */
export function findTable(tables: readonly Table[], schema: string, name: string): Table | undefined {
  return tables.find((table) => sameName(table.schema, schema) && sameName(table.name, name))
}

/** SQLite folds the case of ASCII letters only. */
export function sameName(a: string, b: string): boolean {
  return a === b || foldCase(a) === foldCase(b)
}

export function foldCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

function tableOf(listed: Row, columns: readonly Row[]): Table {
  const declared = columns.filter(({ pk }) => Number(pk) > 0).sort((a, b) => Number(a.pk) - Number(b.pk))
  const createdAt = creationColumn(columns)
  return {
    schema: String(listed.schema),
    name: String(listed.name),
    key:
      declared.length > 0
        ? declared.map(({ name }) => String(name))
        : rowidName(columns.map(({ name }) => String(name))),
    bare: declared.length === 0,
    withoutRowid: Number(listed.wr) === 1,
    virtual: listed.type === 'virtual',
    generated: columns.filter(({ hidden }) => Number(hidden) > 1).map(({ name }) => String(name)),
    columns: new Map(columns.map(({ name, type }) => [String(name), String(type)])),
    ...(createdAt === undefined ? {} : { createdAt }),
  }
}

/** The first name of the rowid that no column uses. */
function rowidName(columns: readonly string[]): string[] {
  const free = ['rowid', '_rowid_', 'oid'].find((name) => !columns.some((column) => sameName(column, name)))
  return free === undefined ? [] : [free]
}

const now = /current_timestamp|(?:datetime|strftime|unixepoch|julianday)\s*\(/i
const creation = /creat|insert|added/i
const change = /updat|modif|chang|touch|last|seen/i

function creationColumn(columns: readonly Row[]): string | undefined {
  const timed = columns.filter((column) => now.test(String(column.dflt_value ?? ''))).map(({ name }) => String(name))
  return timed.find((name) => creation.test(name)) ?? timed.find((name) => !change.test(name))
}
