/** Names and values, and how they are written into SQL. */
import { type Json, parseTableName as parse, type WrittenTable, wantedTable as wanted } from '@dustpan/core/driver'

export interface TableName {
  readonly schema: string
  readonly table: string
}

/** The one way a name gets into a statement. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

export function quoteTable({ schema, table }: TableName): string {
  return `${quoteName(schema)}.${quoteName(table)}`
}

/** A text that means itself in every sql_mode, whatever the session's quotes and escapes are. */
export function literal(text: string): string {
  if (/^[\w .,:@/+-]*$/.test(text)) return `'${text}'`
  return `CONVERT(x'${Buffer.from(text).toString('hex')}' USING utf8mb4)`
}

/** A resource's type: the table's name, with its schema when that is not the connection's own. */
export function typeOf({ schema, table }: TableName, database: string): string {
  return schema === database ? table : `${schema}.${table}`
}

/** A name as people write it: quoted only where it must be. */
export function readable(name: string): string {
  return /^[a-zA-Z_][\w$]*$/.test(name) ? name : quoteName(name)
}

export function readableTable({ schema, table }: { readonly schema?: string | null; readonly table: string }): string {
  return schema ? `${readable(schema)}.${readable(table)}` : readable(table)
}

/** Splits `schema.table`, quoted or not. Undefined: not a table's name. */
export const parseTableName = (text: string): WrittenTable | undefined => parse(text, '`')

export const wantedTable = (text: string): ReturnType<typeof wanted> => wanted(text, '`')

export function textOf(value: Json): string | null {
  if (value === null || typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? '1' : '0'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
