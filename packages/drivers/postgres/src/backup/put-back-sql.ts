import { keyPart, quoteIdentifier, quoteTable } from '../names.ts'
import { textOf } from '../removal/batches.ts'
import type { Sql } from '../removal/exchange.ts'
import { Parameters, tableOf } from '../removal/statement-parts.ts'
import type { Lost } from './put-back.ts'
import type { Fields } from './row-texts.ts'

/** Rows of one table with the same columns. Their values are texts for the input of the columns' own types. */
export function insertSql(rows: readonly Lost[]): Sql {
  const parameters = new Parameters()
  return { text: insertion(rows, parameters), values: parameters.values }
}

/** Of several tables in one statement. */
export function insertAllSql(parts: readonly (readonly Lost[])[]): Sql {
  const parameters = new Parameters()
  const all = parts.map((rows, i) => `i${i} AS (${insertion(rows, parameters)})`)
  return { text: `WITH ${all.join(', ')} SELECT`, values: parameters.values }
}

function insertion(rows: readonly Lost[], parameters: Parameters): string {
  const [first] = rows as readonly [Lost]
  const columns = Object.keys(first.fields)
  const row = ({ fields }: Lost) => `(${columns.map((name) => parameters.add(fields[name] ?? null)).join(', ')})`
  return `INSERT INTO ${quoteTable(first.batch.shape)} (${columns.map(quoteIdentifier).join(', ')}) OVERRIDING SYSTEM VALUE VALUES ${rows.map(row).join(', ')}`
}

/** Sets columns back where the row is still as it was seen. */
export function unmarkSql(lost: Lost, other: readonly string[], now: Fields): Sql {
  const { fields } = lost
  const { shape, columns } = lost.batch
  const parameters = new Parameters()
  const set = other.map((name) => `${quoteIdentifier(name)} = ${parameters.add(fields[name] ?? null)}`)
  const seen = { ...keyOf(lost), ...now }
  const same = [...columns, ...other].map(
    (name) => `t.${quoteIdentifier(name)} IS NOT DISTINCT FROM ${parameters.add(seen[name] ?? null)}`,
  )
  return {
    text: `UPDATE ${tableOf(shape)} t SET ${set.join(', ')} WHERE ${same.join(' AND ')}`,
    values: parameters.values,
  }
}

/** A key that is computed is not among what was seen. */
function keyOf({ backedUp: { target }, batch: { columns } }: Lost): Fields {
  return Object.fromEntries(columns.map((name, i) => [name, textOf(keyPart(target.key, i))]))
}
