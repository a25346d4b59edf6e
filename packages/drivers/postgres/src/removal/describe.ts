import {
  type Json,
  keyParts,
  type Removal,
  type RowArgs,
  type SetColumns,
  type SqlArgs,
  shortened,
} from '@dustpan/core/driver'
import { readable, readableTable } from '../names.ts'
import type { SoftDeletion } from './soft-deletion.ts'

/** One line for reports: `DELETE FROM users WHERE id = 7`. */
export function describe(removal: Removal, key: Json, softly: SoftDeletion): string {
  if (removal.op === 'sql') return shortened((removal.args as unknown as SqlArgs).sql)
  const { schema, table, columns = ['key'] } = removal.args as unknown as RowArgs
  const name = { schema: schema ?? 'public', table }
  const where = `WHERE ${condition(columns, keyParts(key))}`
  if (removal.op === 'restore-row') return `UPDATE ${readableTable(name)} as before ${where}`
  const set = softly(removal, name)
  return set
    ? `UPDATE ${readableTable(name)} SET ${assigned(set)} ${where}`
    : `DELETE FROM ${readableTable(name)} ${where}`
}

function condition(columns: readonly string[], values: readonly Json[]): string {
  const names = columns.map(readable).join(', ')
  const literals = values.map(literal).join(', ')
  return columns.length === 1 ? `${names} = ${literals}` : `(${names}) = (${literals})`
}

function assigned(set: SetColumns): string {
  return Object.entries(set)
    .map(([column, value]) => `${readable(column)} = ${value === 'now' ? 'now()' : literal(value)}`)
    .join(', ')
}

function literal(value: Json): string {
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`
  return value === null ? 'NULL' : JSON.stringify(value)
}
