import { DustpanError } from '@dustpan/core/driver'
import { quoted } from '../quote.ts'
import type { OpenStore } from '../removal/connect.ts'
import { tableName } from '../rows.ts'
import { findTable, sameName, type Table } from '../tables.ts'
import type { PredicateOptions } from './store.ts'

/** Whose rows are meant: there is such a row. */
export interface Owner {
  readonly table: Table
  readonly key: string
  readonly id: string | number
  /** What the answer calls it. */
  readonly type: string
}

/** @throws DustpanError `DUSTPAN_UNKNOWN_OWNER` */
export function findOwner(
  { client, schema }: OpenStore,
  tables: readonly Table[],
  { driver, owners }: PredicateOptions,
  given: string | number,
): Owner | undefined {
  if (!owners) return undefined
  const table = findTable(tables, schema, owners.table)
  const key = owners.key ?? table?.key[0]
  const isColumn = table && key !== undefined && (table.key.includes(key) || hasColumn(table, key))
  if (!isColumn) throw noOwners(driver, owners.table, owners.key)
  for (const id of spellings(given)) {
    const sql = `SELECT 1 FROM ${tableName(table)} AS o WHERE o.${quoted(key)} = json_extract(?, '$[0]')`
    const found = client.all(`${sql} LIMIT 2`, JSON.stringify([id]))
    if (found.length > 1) throw severalOwners(table.name, key, given)
    if (found.length > 0) return { table, key, id, type: owners.type ?? table.name }
  }
  throw new DustpanError(
    'DUSTPAN_UNKNOWN_OWNER',
    `${table.name} has no row whose ${key} is ${JSON.stringify(given)}, so nothing was looked for`,
    { hint: 'An owner that is gone has left nothing that could be told by it: remove that by run, tag or where' },
  )
}

/** A command line has only texts, and a column without a type holds what it was given. */
function spellings(id: string | number): readonly (string | number)[] {
  return typeof id === 'string' && /^-?\d{1,15}$/.test(id) ? [id, Number(id)] : [id]
}

function hasColumn(table: Table, name: string): boolean {
  return [...table.columns.keys()].some((column) => sameName(column, name))
}

function severalOwners(table: string, key: string, given: string | number): DustpanError {
  return new DustpanError(
    'DUSTPAN_UNKNOWN_OWNER',
    `${table} has several rows whose ${key} is ${JSON.stringify(given)}, so nothing was looked for`,
    { hint: 'Name in owners a key that no two of them share' },
  )
}

function noOwners(driver: string, table: string, key: string | undefined): DustpanError {
  const what = key === undefined ? 'with a key' : `with a column ${key}`
  return new DustpanError(
    'DUSTPAN_CONFIG_INVALID',
    `drivers.${driver}.options.owners: expected a table ${what}, found ${JSON.stringify(table)}`,
  )
}
