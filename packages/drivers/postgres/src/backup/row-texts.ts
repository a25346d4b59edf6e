/** Rows as the server writes them, by the output functions of the types: the input functions read the same values back. */
import type { ResourceId } from '@dustpan/core/driver'
import { targetNumbered } from '@dustpan/core/rows'
import { quoteIdentifier } from '../names.ts'
import type { Batch } from '../removal/batches.ts'
import type { Answer, Sql } from '../removal/exchange.ts'
import { isNumbered, isUnmarked, numbered, Parameters, tableSql } from '../removal/statement-parts.ts'

export type Fields = { readonly [column: string]: string | null }

/** Output settings that a role or database may have changed, or made less exact. Set for the transaction. */
export const exactly: Sql = {
  text: `SELECT ${Object.entries({
    DateStyle: 'ISO, YMD',
    IntervalStyle: 'postgres',
    TimeZone: 'UTC',
    extra_float_digits: '3',
    bytea_output: 'hex',
    lc_monetary: 'C',
    xmloption: 'content',
  })
    .map(([name, value]) => `set_config('${name}', '${value}', true)`)
    .join(', ')}`,
  values: [],
}

/**
 * The rows of a batch, and in the same round trip the columns of the table: the table may have been read before a column
 * was added. `unmarked`: without rows that are marked as deleted.
 */
export function rowsSql(batch: Batch, unmarked = false): readonly [columns: Sql, rows: Sql] {
  const parameters = new Parameters()
  const columns = batch.table.written.map((name) => `t.${quoteIdentifier(name)}`)
  const text = `SELECT ${['k.n', ...columns].join(', ')} FROM ${tableSql(batch.table)} t, ${numbered(batch, parameters)} WHERE ${isNumbered(batch)}${unmarked ? isUnmarked(batch, parameters) : ''}`
  return [
    {
      text: `SELECT coalesce(json_agg(attname ORDER BY attnum), '[]') ${writtenFrom(`${Number(batch.table.oid)}::oid`)}`,
      values: [],
    },
    { text, values: parameters.values },
  ]
}

/** Columns that can be written: not generated. */
export const writtenFrom = (oid: string): string =>
  `FROM pg_catalog.pg_attribute WHERE attrelid = ${oid} AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`

/** Rows by the ids of their targets. Undefined when the table differs from its cached description. */
export function rowsIn(batch: Batch, [columns, rows]: readonly Answer[]): ReadonlyMap<ResourceId, Fields> | undefined {
  const { written } = batch.table
  if (
    columns?.rows[0]?.[0] === undefined ||
    JSON.stringify(JSON.parse(columns.rows[0][0] ?? '[]')) !== JSON.stringify(written)
  )
    return undefined
  return new Map(
    (rows?.rows ?? []).flatMap(([n, ...values]) => {
      const target = targetNumbered(batch, n)
      return target
        ? [[target.id, Object.fromEntries(written.map((name, i) => [name, values[i] ?? null]))] as const]
        : []
    }),
  )
}
