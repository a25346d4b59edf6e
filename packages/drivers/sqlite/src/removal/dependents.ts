/** Rows that refer to rows which are to be removed. */
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

/** Whether something that does not go along refers to the row. */
export function hasDependents(row: string, batch: Batch, keys: readonly ForeignKey[], going: readonly Batch[]): Sql {
  const parts = keysTo(batch, keys).map((key) => {
    const stays = staying(key, going)
    return {
      text: `EXISTS (SELECT 1 FROM ${tableName(key.child)} AS c WHERE ${refers(key, row)}${stays.text})`,
      params: stays.params,
    }
  })
  return { text: parts.map((part) => part.text).join(' OR ') || '0', params: parts.flatMap((part) => part.params) }
}

/** The referring rows themselves, beside the place of their target in the batch. */
export function dependentRows(
  client: Client,
  batch: Batch,
  key: ForeignKey,
  going: readonly Batch[],
  limit = -1,
): DependentRow[] {
  const stays = staying(key, going)
  const columns = key.child.key.map((column, i) => `, c.${quoted(column)} AS k${i}`).join('')
  const times =
    key.child.createdAt && batch.lookup.table.createdAt
      ? `, c.${quoted(key.child.createdAt)} AS born, x.${quoted(batch.lookup.table.createdAt)} AS "parentBorn"`
      : ''
  const sql = `SELECT j.key AS i${columns}${times} FROM ${found(batch.lookup, '?', true)}
    CROSS JOIN ${tableName(key.child)} AS c ON ${refers(key, 'x')}${stays.text} LIMIT ${limit}`
  return client
    .all(sql, keysParameter(batch.lookup, batch.targets), ...stays.params)
    .map((row) => dependentRow(key, row))
}

export interface DependentRow {
  readonly key: ForeignKey
  /** Place of the target in the batch. */
  readonly target: number
  readonly row: Json
  readonly types: readonly string[]
  readonly born: Row[string]
  readonly parentBorn: Row[string]
}

export function keysTo(batch: Batch, keys: readonly ForeignKey[]): ForeignKey[] {
  return keys.filter((key) => key.parent === batch.lookup.table && key.from.length === key.to.length)
}

function dependentRow(key: ForeignKey, row: Row): DependentRow {
  const known = keyOf(key.child.key.map((_, i) => row[`k${i}`] ?? null))
  return {
    key,
    target: Number(row.i),
    row: known?.json ?? null,
    types: known?.types ?? [],
    born: row.born ?? null,
    parentBorn: row.parentBorn ?? null,
  }
}

/** The parent's column first: its collation and affinity are those that the foreign key compares by. */
function refers(key: ForeignKey, row: string): string {
  return key.from.map((column, i) => `${row}.${quoted(key.to[i] ?? '')} = c.${quoted(column)}`).join(' AND ')
}

function staying(key: ForeignKey, going: readonly Batch[]): Sql {
  const batches = going.filter(
    ({ lookup, set, targets }) => lookup.table === key.child && set === undefined && targets.length > 0,
  )
  return {
    text: batches.map(({ lookup }) => ` AND NOT ${isAmong(lookup, 'c', '?')}`).join(''),
    params: batches.map(({ lookup, targets }) => keysParameter(lookup, targets)),
  }
}
