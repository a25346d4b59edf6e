/** Row removals as shown in reports: `DELETE FROM users WHERE id = 7`. Never sent to a server. */
import type { Json } from '../resource/resource.ts'
import { keyParts } from './key-parts.ts'
import type { SetColumns } from './sql-removals.ts'

/** How a database's names and values are shown to people. */
export interface ReadableSql {
  /** Quoted only where it must be. */
  name(name: string): string
  /** @param part the index within a composite key */
  value(value: Json, part?: number): string
  /** The current time. */
  readonly now: string
}

/** @param set the columns that mark the row as deleted; undefined: it is deleted */
export function readableRemoval(table: string, where: string, set: SetColumns | undefined, sql: ReadableSql): string {
  return set ? `UPDATE ${table} SET ${assigned(set, sql)} ${where}` : `DELETE FROM ${table} ${where}`
}

/** The condition that selects the row with this key. */
export function readableWhere(columns: readonly string[], key: Json, { name, value }: ReadableSql): string {
  const names = columns.map(name).join(', ')
  const values = keyParts(key).map(value).join(', ')
  return columns.length === 1 ? `WHERE ${names} = ${values}` : `WHERE (${names}) = (${values})`
}

function assigned(set: SetColumns, { name, value, now }: ReadableSql): string {
  return Object.entries(set)
    .map(([column, to]) => `${name(column)} = ${to === 'now' ? now : value(to)}`)
    .join(', ')
}

export function readableValue(value: Json): string {
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`
  return value === null ? 'NULL' : JSON.stringify(value)
}
