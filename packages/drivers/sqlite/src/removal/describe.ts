import type { Json, Removal } from '@dustpan/core/driver'
import { type KeyType, keyParts } from '../keys.ts'
import type { SoftDeleteColumns } from '../options.ts'
import { quoted } from '../quote.ts'
import { restoreArgs } from '../restore/change.ts'
import { rowArgs, sqlArgs } from './spec.ts'

/** One line for reports: `DELETE FROM users WHERE id = 7`. `set`: the columns that mark a row of this table as deleted. */
export function describe(removal: Removal, key: Json, set: SoftDeleteColumns | undefined): string {
  const sql = sqlArgs(removal)
  if (sql !== undefined) return sql.sql
  const row = rowArgs(removal)
  const changed = restoreArgs(removal)
  if (changed !== undefined) return `UPDATE ${readable(changed.table)} as before ${whereKey(changed.columns, key)}`
  if (row === undefined) return `${removal.op} ${JSON.stringify(key)}`
  const where = whereKey(row.columns ?? ['key'], key, row.types)
  const columns = row.set ?? set
  return columns === undefined
    ? `DELETE FROM ${readable(row.table)} ${where}`
    : `UPDATE ${readable(row.table)} SET ${assigned(columns)} ${where}`
}

function whereKey(columns: readonly string[], key: Json, types: readonly KeyType[] = []): string {
  const names = columns.map(readable).join(', ')
  const values = keyParts(key)
    .map((part, i) => literal(part, types[i]))
    .join(', ')
  return columns.length === 1 ? `WHERE ${names} = ${values}` : `WHERE (${names}) = (${values})`
}

function assigned(set: SoftDeleteColumns): string {
  return Object.entries(set)
    .map(([column, value]) => `${readable(column)} = ${value === 'now' ? 'CURRENT_TIMESTAMP' : literal(value)}`)
    .join(', ')
}

function literal(value: Json, type: KeyType = 'plain'): string {
  if (value === null) return 'NULL'
  if (typeof value !== 'string') return JSON.stringify(value)
  if (type === 'integer') return value
  return `${type === 'blob' ? 'x' : ''}'${value.replaceAll("'", "''")}'`
}

/** Quoted only where it must be. */
const readable = (name: string): string => (/^[a-z_][a-z0-9_$]*$/i.test(name) ? name : quoted(name))
