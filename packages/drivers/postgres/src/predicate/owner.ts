import { noOwners, severalOwners, unknownOwner, wrongOwner } from '@dustpan/core/driver'
import { quoteIdentifier, quoteTable, readableTable, typeOf, wantedTable } from '../names.ts'
import { isServerError } from '../pg.ts'
import type { StoreClient } from '../removal/own-client.ts'
import { shapesOf, type TableShape } from '../removal/shapes.ts'
import { typeOfColumn } from '../removal/statement-parts.ts'
import type { PredicateStore } from './store.ts'

/** Whose rows are meant: there is such a row. */
export interface Owner {
  readonly shape: TableShape
  readonly key: string
  readonly id: string
  /** What the answer calls it. */
  readonly type: string
}

/** @throws TypeError `DUSTPAN_INVALID_ARGUMENT` for what cannot be an id there, DustpanError `DUSTPAN_UNKNOWN_OWNER`. */
export async function findOwner(
  { client, driver, settings: { owners } }: PredicateStore,
  owner: string | number | undefined,
  signal: AbortSignal,
): Promise<Owner | undefined> {
  if (!owners || owner === undefined) return undefined
  const wanted = wantedTable(owners.table)
  const shape = (await shapesOf(client, [wanted], signal))(wanted)
  const key = owners.key ?? shape?.key[0]
  if (!shape || key === undefined || !Object.hasOwn(shape.columns, key)) throw noOwners(driver, owners)
  const found = { shape, key, id: String(owner), type: owners.type ?? typeOf(shape) }
  const rows = await rowsOf(client, found, signal)
  if (rows > 1) throw severalOwners(readableTable(shape), key, owner)
  if (rows === 0) throw unknownOwner(readableTable(shape), key, owner)
  return found
}

/** As many as there are, two at most. */
async function rowsOf(client: StoreClient, { shape, key, id }: Owner, signal: AbortSignal): Promise<number> {
  const type = typeOfColumn(shape, key)
  try {
    const text = `SELECT '' FROM ${quoteTable(shape)} t WHERE t.${quoteIdentifier(key)} = $1::${type} LIMIT 2`
    return (await client.rows(text, [id], signal)).length
  } catch (error) {
    if (!isServerError(error) || !/^22/.test(error.code)) throw error
    throw wrongOwner(readableTable(shape), type, id)
  }
}
