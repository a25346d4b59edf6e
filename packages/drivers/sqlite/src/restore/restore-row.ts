import { columnsRestored, type RemovalOutcome, rowRestored } from '@dustpan/core/driver'
import type { Client } from '../client.ts'
import { quoted } from '../quote.ts'
import { tableName } from '../rows.ts'
import { compare, isAt, keyOf, type Restoration } from './look.ts'

/**
 * Undefined: a trigger keeps it as it is. `OR ABORT`: whatever a constraint of the table says, no other row gives way.
 * @throws what SQLite answers
 */
export function restoreRow(client: Client, { table, place, before, columns }: Restoration): RemovalOutcome | undefined {
  const names = columns.map(quoted)
  const values = columns.map((column) => before.get(column) ?? null)
  if (place === undefined) {
    const marks = names.map(() => '?').join(', ')
    const sql = `INSERT OR ABORT INTO ${tableName(table)} (${names.join(', ')}) VALUES (${marks})`
    return client.run(sql, ...values) === 1 ? rowRestored : undefined
  }
  const set = names.map((name) => `${name} = ?`).join(', ')
  const sql = `UPDATE OR ABORT ${tableName(table)} SET ${set} WHERE ${isAt(table)}`
  if (client.run(sql, ...values, ...place) !== 1) return undefined
  const row = compare(client, table, keyOf(table, before), columns, [before])
  const others = columns.filter((_, index) => row?.[index]?.[0] !== true)
  return others.length === columns.length ? undefined : columnsRestored(columns, others)
}
