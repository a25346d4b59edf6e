import type { Json, Removal } from '@dustpan/core/driver'
import { partsOf } from '../sql/where.ts'
import { rowArgs, sqlArgs, tableOf } from './spec.ts'

/** The removal as one line for reports. */
export function describe(removal: Removal, key: Json, isMarked: (table: string) => boolean): string {
  const sql = sqlArgs(removal)
  if (sql) return sql.sql
  const row = rowArgs(removal)
  if (!row) return `${removal.op} ${JSON.stringify(key)}`
  const values = partsOf(key).map((part) => JSON.stringify(part))
  const where = `WHERE ${(row.columns ?? ['key']).join(', ')} = ${values.join(', ')}`
  return `ALTER TABLE ${row.table} ${isMarked(tableOf(removal) ?? '') ? 'UPDATE …' : 'DELETE'} ${where}`
}
