/** Names of tables, and how they are written into SQL. */
import type { Json } from '@dustpan/core/driver'

export interface TableName {
  readonly schema: string
  readonly table: string
}

/** The one way a name gets into a statement. */
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

/** A name as people write it: quoted only where it must be. */
export function readable(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : quoteIdentifier(name)
}

export function readableTable({ schema, table }: TableName): string {
  return schema === 'public' ? readable(table) : `${readable(schema)}.${readable(table)}`
}

/** Splits `schema.table`, quoted or not, as PostgreSQL does. Undefined: not a table's name. */
export function parseTableName(text: string): { schema?: string; table: string } | undefined {
  const part = '("(?:[^"]|"")+"|[^".\\s]+)'
  const found = new RegExp(`^(?:${part}\\.)?${part}$`).exec(text)
  if (!found?.[2]) return undefined
  const table = unquote(found[2])
  return found[1] === undefined ? { table } : { schema: unquote(found[1]), table }
}

/** A key as the list of its columns' values. */
export function keyParts(key: Json): readonly Json[] {
  return Array.isArray(key) ? (key as readonly Json[]) : [key]
}

/** One of them; null where the key has fewer. */
export function keyPart(key: Json, index: number): Json {
  if (Array.isArray(key)) return (key as readonly Json[])[index] ?? null
  return index === 0 ? key : null
}

function unquote(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
}
