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
export function describe(removal: Removal, key: Json, softly: SoftDeletion, database: string | undefined): string {
  if (removal.op === 'sql') return shortened((removal.args as unknown as SqlArgs).sql)
  const { schema = null, table, columns = ['key'] } = removal.args as unknown as RowArgs
  const name = readableTable({ schema: schema === database ? null : schema, table })
  const where = `WHERE ${condition(columns, keyParts(key))}`
  const set = softly(removal, { schema, table })
  return set ? `UPDATE ${name} SET ${assigned(set)} ${where}` : `DELETE FROM ${name} ${where}`
}

function condition(columns: readonly string[], values: readonly Json[]): string {
  const names = columns.map(readable).join(', ')
  const literals = values.map(written).join(', ')
  return columns.length === 1 ? `${names} = ${literals}` : `(${names}) = (${literals})`
}

function assigned(set: SetColumns): string {
  return Object.entries(set)
    .map(([column, value]) => `${readable(column)} = ${value === 'now' ? 'NOW()' : written(value)}`)
    .join(', ')
}

function written(value: Json): string {
  if (typeof value === 'string') return /^0x[\da-f]+$/.test(value) ? value : `'${value.replaceAll("'", "''")}'`
  return value === null ? 'NULL' : JSON.stringify(value)
}
