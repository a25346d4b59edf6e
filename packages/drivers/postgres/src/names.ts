/** Table names, and how they are written in SQL. */
import type { Json } from '@dustpan/core/driver'
import { byTableName, parseTableName as parse, type WrittenTable, wantedTable as wanted } from '@dustpan/core/rows'

export interface TableName {
  readonly schema: string
  readonly table: string
}

/** The only way a name gets into a statement. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function quoteTable({ schema, table }: TableName): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`
}

/** A resource's type: the table's name, with its schema when that is not `public`. */
export function typeOf({ schema, table }: TableName): string {
  return schema === 'public' ? table : `${schema}.${table}`
}

/** A name as users write it: quoted only where necessary. */
export function readable(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : quoteIdentifier(name)
}

export function readableTable({ schema, table }: TableName): string {
  return schema === 'public' ? readable(table) : `${readable(schema)}.${readable(table)}`
}

/** Splits `schema.table`, quoted or not, as PostgreSQL does. Undefined when it is not a table name. */
export const parseTableName = (text: string): WrittenTable | undefined => parse(text, '"')

export const wantedTable = (text: string): ReturnType<typeof wanted> => wanted(text, '"')

/** A table as users name it, in `public` when there is no schema. */
export function tableNamed(text: string): TableName {
  const { schema, table } = wantedTable(text)
  return { schema: schema ?? 'public', table }
}

/** Whether a list of names, as in `ignoreTables`, contains a table; without a schema, a name counts in every schema. */
export function namesTable(names: readonly string[]): (table: TableName) => boolean {
  const find = byTableName(
    names.map((name) => [name, true]),
    '"',
  )
  return (table) => find(table) === true
}

/** One value of a key; null where the key has fewer. */
export function keyPart(key: Json, index: number): Json {
  if (Array.isArray(key)) return (key as readonly Json[])[index] ?? null
  return index === 0 ? key : null
}
