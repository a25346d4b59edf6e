import { noOwners, severalOwners, unknownOwner, wrongOwner } from '@dustpan/core/rows'
import { quoteIdentifier, quoteTable, readableTable, typeOf, wantedTable } from '../names.ts'
import { isServerError } from '../pg.ts'
import type { StoreClient } from '../removal/own-client.ts'
import { typeOfColumn } from '../removal/statement-parts.ts'
import { readTables, type Table } from '../removal/tables.ts'
import type { PredicateStore } from './store.ts'

/** The owner of the selected rows: an existing row. */
export interface Owner {
  readonly table: Table
  readonly key: string
  readonly id: string
  /** Its type in the answer. */
  readonly type: string
}

/**
 * Finds the owner that a predicate names.
 * @throws TypeError `DUSTPAN_INVALID_ARGUMENT` for a value that cannot be an id there, DustpanError
 * `DUSTPAN_UNKNOWN_OWNER`.
 */
export async function findOwner(
  { client, driver, settings: { owners } }: PredicateStore,
  owner: string | number | undefined,
  signal: AbortSignal,
): Promise<Owner | undefined> {
  if (!owners || owner === undefined) return undefined
  const wanted = wantedTable(owners.table)
  const table = (await readTables(client, [wanted], signal))(wanted)
  const key = owners.key ?? table?.key[0]
  if (!table || key === undefined || !Object.hasOwn(table.columns, key)) throw noOwners(driver, owners)
  const found = { table, key, id: String(owner), type: owners.type ?? typeOf(table) }
  const rows = await countRows(client, found, signal)
  if (rows > 1) throw severalOwners(readableTable(table), key, owner)
  if (rows === 0) throw unknownOwner(readableTable(table), key, owner)
  return found
}

/** The number of rows, two at most. */
async function countRows(client: StoreClient, { table, key, id }: Owner, signal: AbortSignal): Promise<number> {
  const type = typeOfColumn(table, key)
  try {
    const text = `SELECT '' FROM ${quoteTable(table)} t WHERE t.${quoteIdentifier(key)} = $1::${type} LIMIT 2`
    return (await client.rows(text, [id], signal)).length
  } catch (error) {
    if (!isServerError(error) || !/^22/.test(error.code)) throw error
    throw wrongOwner(readableTable(table), type, id)
  }
}
