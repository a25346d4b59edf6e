/** The tables of the connected databases, and by which columns their rows are known. */
import type { Client, Row } from './client.ts'

export interface Table {
  readonly schema: string
  readonly name: string
  /** The primary key's columns, or a name of the rowid where none is declared; empty where rows cannot be told apart. */
  readonly key: readonly string[]
  /** Rows are known by the rowid only, which VACUUM changes. */
  readonly bare: boolean
  readonly withoutRowid: boolean
  /** No triggers can be put on it. */
  readonly virtual: boolean
  /** The column that a default fills with the time of creation. */
  readonly createdAt?: string
  /** Its declared type, by column. */
  readonly columns: ReadonlyMap<string, string>
}

const columnsOfTables = `
  SELECT t.schema AS "schema", t.name AS "table", t.type AS kind, t.wr AS wr, c.name AS "column", c.type AS type, c.pk AS pk, c.dflt_value AS preset
  FROM pragma_table_list AS t, pragma_table_xinfo(t.name, t.schema) AS c
  WHERE t.type IN ('table', 'virtual') AND t.schema <> 'temp' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
  ORDER BY t.schema, t.name, c.cid`

export function readTables(client: Client): Table[] {
  const rows = new Map<string, Row[]>()
  for (const row of client.all(columnsOfTables)) {
    const id = JSON.stringify([row.schema, row.table])
    const columns = rows.get(id)
    if (columns === undefined) rows.set(id, [row])
    else columns.push(row)
  }
  return [...rows.values()].map(tableOf)
}

/** One table as it is now, or undefined. */
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

function tableOf(columns: readonly Row[]): Table {
  const [first] = columns
  const names = columns.map((column) => String(column.column))
  const declared = columns.filter((column) => Number(column.pk) > 0).sort((a, b) => Number(a.pk) - Number(b.pk))
  const createdAt = creationColumn(columns)
  return {
    schema: String(first?.schema),
    name: String(first?.table),
    key: declared.length > 0 ? declared.map((column) => String(column.column)) : rowidName(names),
    bare: declared.length === 0,
    withoutRowid: Number(first?.wr) === 1,
    virtual: first?.kind === 'virtual',
    columns: new Map(columns.map((column) => [String(column.column), String(column.type)])),
    ...(createdAt === undefined ? {} : { createdAt }),
  }
}

/** The first of the rowid's names that no column has taken. */
export function rowidName(columns: readonly string[]): string[] {
  const free = ['rowid', '_rowid_', 'oid'].find((name) => !columns.some((column) => sameName(column, name)))
  return free === undefined ? [] : [free]
}

const now = /current_timestamp|(?:datetime|strftime|unixepoch|julianday)\s*\(/i
const creation = /creat|insert|added/i
const change = /updat|modif|chang|touch|last|seen/i

function creationColumn(columns: readonly Row[]): string | undefined {
  const timed = columns.filter((column) => now.test(String(column.preset ?? ''))).map((column) => String(column.column))
  return timed.find((name) => creation.test(name)) ?? timed.find((name) => !change.test(name))
}
