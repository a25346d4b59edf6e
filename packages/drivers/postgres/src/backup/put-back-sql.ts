import { keyPart, quoteIdentifier, quoteTable } from '../names.ts'
import { textOf } from '../removal/batches.ts'
import type { Sql } from '../removal/exchange.ts'
import { Parameters, tableSql } from '../removal/statement-parts.ts'
import type { Lost } from './put-back.ts'
import type { Fields } from './row-texts.ts'

/** Inserts rows of one table with the same columns. Values are text for the input functions of the column types. */
export function insertSql(rows: readonly Lost[]): Sql {
  const parameters = new Parameters()
  return { text: insertion(rows, parameters), values: parameters.values }
}

/** Inserts rows of several tables in one statement. */
export function insertAllSql(parts: readonly (readonly Lost[])[]): Sql {
  const parameters = new Parameters()
  const all = parts.map((rows, i) => `i${i} AS (${insertion(rows, parameters)})`)
  return { text: `WITH ${all.join(', ')} SELECT`, values: parameters.values }
}

function insertion(rows: readonly Lost[], parameters: Parameters): string {
  const [first] = rows as readonly [Lost]
  const columns = Object.keys(first.fields)
  const row = ({ fields }: Lost) => `(${columns.map((name) => parameters.add(fields[name] ?? null)).join(', ')})`
  return `INSERT INTO ${quoteTable(first.batch.table)} (${columns.map(quoteIdentifier).join(', ')}) OVERRIDING SYSTEM VALUE VALUES ${rows.map(row).join(', ')}`
}

/** Restores columns where the row is unchanged since it was read. */
export function unmarkSql(lost: Lost, changed: readonly string[], now: Fields): Sql {
  const { fields } = lost
  const { table, columns } = lost.batch
  const parameters = new Parameters()
  const set = changed.map((name) => `${quoteIdentifier(name)} = ${parameters.add(fields[name] ?? null)}`)
  const seen = { ...keyOf(lost), ...now }
  const unchanged = [...columns, ...changed].map(
    (name) => `t.${quoteIdentifier(name)} IS NOT DISTINCT FROM ${parameters.add(seen[name] ?? null)}`,
  )
  return {
    text: `UPDATE ${tableSql(table)} t SET ${set.join(', ')} WHERE ${unchanged.join(' AND ')}`,
    values: parameters.values,
  }
}

/** The key comes from the target: a generated key column is not among the backed-up fields. */
function keyOf({ backedUp: { target }, batch: { columns } }: Lost): Fields {
  return Object.fromEntries(columns.map((name, i) => [name, textOf(keyPart(target.key, i))]))
}
