/** Rows as the server writes them, by its types' own output: what these texts are, is what their input makes of them. */
import { type ResourceId, targetNumbered } from '@dustpan/core/driver'
import { quoteIdentifier } from '../names.ts'
import type { Batch } from '../removal/batches.ts'
import type { Answer, Sql } from '../removal/exchange.ts'
import { isNumbered, isUnmarked, numbered, Parameters, tableOf } from '../removal/statement-parts.ts'

export type Fields = { readonly [column: string]: string | null }

/** Ways of writing that a role or a database may have set otherwise, or less exactly. Within the transaction. */
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
 * What a batch's rows are, and in the same round trip which columns the table has: a shape may have been read before one was added. `unmarked`: without those
 * that are marked as deleted. */
export function rowsSql(batch: Batch, unmarked = false): readonly [columns: Sql, rows: Sql] {
  const parameters = new Parameters()
  const columns = batch.shape.written.map((name) => `t.${quoteIdentifier(name)}`)
  const text = `SELECT ${['k.n', ...columns].join(', ')} FROM ${tableOf(batch.shape)} t, ${numbered(batch, parameters)} WHERE ${isNumbered(batch)}${unmarked ? isUnmarked(batch, parameters) : ''}`
  return [
    {
      text: `SELECT coalesce(json_agg(attname ORDER BY attnum), '[]') ${writtenFrom(`${Number(batch.shape.oid)}::oid`)}`,
      values: [],
    },
    { text, values: parameters.values },
  ]
}

/** Columns that can be written: none that is computed from others. */
export const writtenFrom = (oid: string): string =>
  `FROM pg_catalog.pg_attribute WHERE attrelid = ${oid} AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`

/** By the targets' ids. Undefined: the table is another one than its shape says. */
export function rowsIn(batch: Batch, [columns, rows]: readonly Answer[]): ReadonlyMap<ResourceId, Fields> | undefined {
  const { written } = batch.shape
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
