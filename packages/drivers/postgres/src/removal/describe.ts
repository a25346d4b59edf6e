import type { Json, Removal } from '@dustpan/core/driver'
import {
  type ReadableSql,
  type RowArgs,
  readableRemoval,
  readableValue,
  readableWhere,
  type SqlArgs,
  shortened,
} from '@dustpan/core/rows'
import { readable, readableTable } from '../names.ts'
import type { SoftDeletion } from './soft-deletion.ts'

/** One line for reports: `DELETE FROM users WHERE id = 7`. */
export function describe(removal: Removal, key: Json, softDelete: SoftDeletion): string {
  if (removal.op === 'sql') return shortened((removal.args as unknown as SqlArgs).sql)
  const { schema, table, columns = ['key'] } = removal.args as unknown as RowArgs
  const name = { schema: schema ?? 'public', table }
  const where = readableWhere(columns, key, sql)
  if (removal.op === 'restore-row') return `UPDATE ${readableTable(name)} as before ${where}`
  return readableRemoval(readableTable(name), where, softDelete(removal, name), sql)
}

const sql: ReadableSql = { name: readable, value: readableValue, now: 'now()' }
