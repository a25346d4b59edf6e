import type { Json, Removal } from '@dustpan/core/driver'
import { type ReadableSql, readableRemoval, readableValue, readableWhere } from '@dustpan/core/rows'
import type { KeyType } from '../keys.ts'
import type { SoftDeleteColumns } from '../options.ts'
import { quoted } from '../quote.ts'
import { restoreArgs } from '../restore/change.ts'
import { rowArgs, sqlArgs } from './spec.ts'

/** One line for reports: `DELETE FROM users WHERE id = 7`. `set`: the columns that mark a row of this table as deleted. */
export function describe(removal: Removal, key: Json, set: SoftDeleteColumns | undefined): string {
  const statement = sqlArgs(removal)
  if (statement !== undefined) return statement.sql
  const row = rowArgs(removal)
  const changed = restoreArgs(removal)
  if (changed !== undefined)
    return `UPDATE ${readable(changed.table)} as before ${readableWhere(changed.columns, key, sql)}`
  if (row === undefined) return `${removal.op} ${JSON.stringify(key)}`
  const { table, columns = ['key'], types = [] } = row
  const value: ReadableSql['value'] = (part, index = 0) => keyValue(part, types[index])
  return readableRemoval(readable(table), readableWhere(columns, key, { ...sql, value }), row.set ?? set, sql)
}

/** Quoted only if necessary. */
const readable = (name: string): string => (/^[a-z_][a-z0-9_$]*$/i.test(name) ? name : quoted(name))

const sql: ReadableSql = { name: readable, value: readableValue, now: 'CURRENT_TIMESTAMP' }

function keyValue(part: Json, type: KeyType = 'plain'): string {
  if (typeof part !== 'string' || type === 'plain') return readableValue(part)
  return type === 'integer' ? part : `x${readableValue(part)}`
}
