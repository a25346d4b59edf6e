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
export function describe(removal: Removal, key: Json, softDelete: SoftDeletion, database: string | undefined): string {
  if (removal.op === 'sql') return shortened((removal.args as unknown as SqlArgs).sql)
  const { schema = null, table, columns = ['key'] } = removal.args as unknown as RowArgs
  const name = readableTable({ schema: schema === database ? null : schema, table })
  return readableRemoval(name, readableWhere(columns, key, sql), softDelete(removal, { schema, table }), sql)
}

/** Bytes are recorded in hex. */
const sql: ReadableSql = {
  name: readable,
  value: (value) => (typeof value === 'string' && /^0x[\da-f]+$/.test(value) ? value : readableValue(value)),
  now: 'NOW()',
}
