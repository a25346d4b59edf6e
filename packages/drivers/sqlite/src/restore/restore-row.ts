import type { RemovalOutcome } from '@dustpan/core/driver'
import { columnsRestored, rowRestored } from '@dustpan/core/rows'
import type { Client } from '../client.ts'
import { quoted } from '../quote.ts'
import { tableName } from '../rows.ts'
import { compare, isAt, keyOf, type Restoration } from './row-state.ts'

/**
 * Returns undefined if a trigger prevents it. `OR ABORT`: a constraint's own conflict clause must not replace another row.
 * @throws the error from SQLite
 */
export function restoreRow(client: Client, { table, place, before, columns }: Restoration): RemovalOutcome | undefined {
  const names = columns.map(quoted)
  const values = columns.map((column) => before.get(column) ?? null)
  if (place === undefined) {
    const placeholders = names.map(() => '?').join(', ')
    const sql = `INSERT OR ABORT INTO ${tableName(table)} (${names.join(', ')}) VALUES (${placeholders})`
    return client.run(sql, ...values) === 1 ? rowRestored : undefined
  }
  const set = names.map((name) => `${name} = ?`).join(', ')
  const sql = `UPDATE OR ABORT ${tableName(table)} SET ${set} WHERE ${isAt(table)}`
  if (client.run(sql, ...values, ...place) !== 1) return undefined
  const row = compare(client, table, keyOf(table, before), columns, [before])
  const unrestored = columns.filter((_, index) => row?.[index]?.[0] !== true)
  return unrestored.length === columns.length ? undefined : columnsRestored(columns, unrestored)
}
