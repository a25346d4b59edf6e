/** Finds rows that refer to rows which are to be removed. */
import type { Json } from '@dustpan/core/driver'
import type { Client, Row } from '../client.ts'
import { keyOf } from '../keys.ts'
import { quoted } from '../quote.ts'
import { found, isAmong, keysParameter, tableName } from '../rows.ts'
import type { Batch } from './batches.ts'
import type { ForeignKey } from './foreign-keys.ts'

/** A piece of SQL with its parameters in order. */
export interface Sql {
  readonly text: string
  readonly params: readonly string[]
}

/** The condition that a row not in `alongside` (the batches of the same transaction) refers to the row. */
export function hasDependents(
  row: string,
  batch: Batch,
  keys: readonly ForeignKey[],
  alongside: readonly Batch[],
): Sql {
  const parts = keysTo(batch, keys).map((key) => {
    const exclusion = excluding(key, alongside)
    return {
      text: `EXISTS (SELECT 1 FROM ${tableName(key.child)} AS c WHERE ${refers(key, row)}${exclusion.text})`,
      params: exclusion.params,
    }
  })
  return { text: parts.map((part) => part.text).join(' OR ') || '0', params: parts.flatMap((part) => part.params) }
}

/** The referring rows, each with the index of its target in the batch. */
export function dependentRows(
  client: Client,
  batch: Batch,
  key: ForeignKey,
  alongside: readonly Batch[],
  limit = -1,
): DependentRow[] {
  const exclusion = excluding(key, alongside)
  const columns = key.child.key.map((column, i) => `, c.${quoted(column)} AS k${i}`).join('')
  const times =
    key.child.createdAt && batch.lookup.table.createdAt
      ? `, c.${quoted(key.child.createdAt)} AS "childTime", x.${quoted(batch.lookup.table.createdAt)} AS "parentTime"`
      : ''
  const sql = `SELECT j.key AS i${columns}${times} FROM ${found(batch.lookup, '?', true)}
    CROSS JOIN ${tableName(key.child)} AS c ON ${refers(key, 'x')}${exclusion.text} LIMIT ${limit}`
  return client
    .all(sql, keysParameter(batch.lookup, batch.targets), ...exclusion.params)
    .map((row) => dependentRow(key, row))
}

export interface DependentRow {
  readonly key: ForeignKey
  /** Index of the target in the batch. */
  readonly target: number
  readonly row: Json
  readonly types: readonly string[]
  readonly childTime: Row[string]
  readonly parentTime: Row[string]
}

export function keysTo(batch: Batch, keys: readonly ForeignKey[]): ForeignKey[] {
  return keys.filter((key) => key.parent === batch.lookup.table && key.from.length === key.to.length)
}

function dependentRow(key: ForeignKey, row: Row): DependentRow {
  const childKey = keyOf(key.child.key.map((_, i) => row[`k${i}`] ?? null))
  return {
    key,
    target: Number(row.i),
    row: childKey?.json ?? null,
    types: childKey?.types ?? [],
    childTime: row.childTime ?? null,
    parentTime: row.parentTime ?? null,
  }
}

/** The parent's column comes first: the foreign key uses its collation and affinity. */
function refers(key: ForeignKey, row: string): string {
  return key.from.map((column, i) => `${row}.${quoted(key.to[i] ?? '')} = c.${quoted(column)}`).join(' AND ')
}

function excluding(key: ForeignKey, alongside: readonly Batch[]): Sql {
  const batches = alongside.filter(
    ({ lookup, set, targets }) => lookup.table === key.child && set === undefined && targets.length > 0,
  )
  return {
    text: batches.map(({ lookup }) => ` AND NOT ${isAmong(lookup, 'c', '?')}`).join(''),
    params: batches.map(({ lookup, targets }) => keysParameter(lookup, targets)),
  }
}
