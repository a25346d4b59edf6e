import { noOwners, severalOwners, unknownOwner } from '@dustpan/core/rows'
import { quoted } from '../quote.ts'
import type { OpenStore } from '../removal/connection.ts'
import { tableName } from '../rows.ts'
import { findTable, sameName, type Table } from '../tables.ts'
import type { PredicateOptions } from './store.ts'

/** An existing row whose owned rows are selected. */
export interface Owner {
  readonly table: Table
  readonly key: string
  readonly id: string | number
  /** The type name in the result. */
  readonly type: string
}

/** @throws DustpanError `DUSTPAN_UNKNOWN_OWNER` */
export function findOwner(
  { client, schema }: OpenStore,
  tables: readonly Table[],
  { driver, owners }: PredicateOptions,
  given: string | number | undefined,
): Owner | undefined {
  if (!owners || given === undefined) return undefined
  const table = findTable(tables, schema, owners.table)
  const key = owners.key ?? table?.key[0]
  const isColumn = table && key !== undefined && (table.key.includes(key) || hasColumn(table, key))
  if (!isColumn) throw noOwners(driver, owners)
  for (const id of spellings(given)) {
    const sql = `SELECT 1 FROM ${tableName(table)} AS o WHERE o.${quoted(key)} = json_extract(?, '$[0]')`
    const found = client.all(`${sql} LIMIT 2`, JSON.stringify([id]))
    if (found.length > 1) throw severalOwners(table.name, key, given)
    if (found.length > 0) return { table, key, id, type: owners.type ?? table.name }
  }
  throw unknownOwner(table.name, key, given)
}

/** The command line passes only text, and a column without a type holds the value it was given. */
function spellings(id: string | number): readonly (string | number)[] {
  return typeof id === 'string' && /^-?\d{1,15}$/.test(id) ? [id, Number(id)] : [id]
}

function hasColumn(table: Table, name: string): boolean {
  return [...table.columns.keys()].some((column) => sameName(column, name))
}
