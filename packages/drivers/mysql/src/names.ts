/** Writes names and values in SQL. */
import type { Json } from '@dustpan/core/driver'
import { parseTableName as parse, type WrittenTable, wantedTable as wanted } from '@dustpan/core/rows'

export interface TableName {
  readonly schema: string
  readonly table: string
}

/** Every name in a statement passes through here. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

export function quoteTable({ schema, table }: TableName): string {
  return `${quoteName(schema)}.${quoteName(table)}`
}

/** A text literal that is valid in every sql_mode, independent of the session's quotes and escapes. */
export function literal(text: string): string {
  if (/^[\w .,:@/+-]*$/.test(text)) return `'${text}'`
  return `CONVERT(x'${Buffer.from(text).toString('hex')}' USING utf8mb4)`
}

/** A resource's type: the table name, with its schema if that is not the connection's own. */
export function typeOf({ schema, table }: TableName, database: string): string {
  return schema === database ? table : `${schema}.${table}`
}

/** A name for messages: quoted only if necessary. */
export function readable(name: string): string {
  return /^[a-zA-Z_][\w$]*$/.test(name) ? name : quoteName(name)
}

export function readableTable({ schema, table }: { readonly schema?: string | null; readonly table: string }): string {
  return schema ? `${readable(schema)}.${readable(table)}` : readable(table)
}

/** Splits `schema.table`, quoted or not. Undefined: not a table name. */
export const parseTableName = (text: string): WrittenTable | undefined => parse(text, '`')

export const wantedTable = (text: string): ReturnType<typeof wanted> => wanted(text, '`')

export function textOf(value: Json): string | null {
  if (value === null || typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? '1' : '0'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
