import { DustpanError, invalidArgument } from '@dustpan/core/driver'
import { parseTableName, quoteIdentifier, quoteTable, readableTable, typeOf } from '../names.ts'
import type { Settings } from '../options.ts'
import { isServerError } from '../pg.ts'
import type { StoreClient } from '../removal/own-client.ts'
import { shapesOf, type TableShape } from '../removal/shapes.ts'
import { typeOfColumn } from '../removal/statement-parts.ts'

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
  client: StoreClient,
  driver: string,
  { owners }: Settings,
  owner: string | number,
  signal: AbortSignal,
): Promise<Owner | undefined> {
  if (!owners) return undefined
  const { schema = null, table } = parseTableName(owners.table) ?? { table: owners.table }
  const shape = (await shapesOf(client, [{ schema, table }], signal))({ schema, table })
  const key = owners.key ?? shape?.key[0]
  if (!shape || key === undefined || !Object.hasOwn(shape.columns, key))
    throw noOwners(driver, owners.table, owners.key)
  const found = { shape, key, id: String(owner), type: owners.type ?? typeOf(shape) }
  if (await isThere(client, found, signal)) return found
  throw new DustpanError(
    'DUSTPAN_UNKNOWN_OWNER',
    `${readableTable(shape)} has no row whose ${key} is ${JSON.stringify(owner)}, so nothing was looked for`,
    { hint: 'An owner that is gone has left nothing that could be told by it: remove that by run, tag or where' },
  )
}

async function isThere(client: StoreClient, { shape, key, id }: Owner, signal: AbortSignal): Promise<boolean> {
  const type = typeOfColumn(shape, key)
  try {
    const text = `SELECT '' FROM ${quoteTable(shape)} t WHERE t.${quoteIdentifier(key)} = $1::${type} LIMIT 1`
    return (await client.rows(text, [id], signal)).length > 0
  } catch (error) {
    if (!isServerError(error) || !/^22/.test(error.code)) throw error
    throw invalidArgument(`owner expected an id of ${readableTable(shape)} (${type}), got ${JSON.stringify(id)}.`)
  }
}

function noOwners(driver: string, table: string, key: string | undefined): DustpanError {
  const what = key === undefined ? 'with a primary key' : `with a column ${key}`
  return new DustpanError(
    'DUSTPAN_CONFIG_INVALID',
    `drivers.${driver}.options.owners: expected a table ${what}, found ${JSON.stringify(table)}`,
  )
}
