import { noOwners, severalOwners, unknownOwner, wrongOwner } from '@dustpan/core/rows'
import { isServerError } from '../mysql2.ts'
import { quoteName, quoteTable, readableTable, wantedTable } from '../names.ts'
import { keyText, valueSql } from '../removal/statement-parts.ts'
import type { Table } from '../tables.ts'
import type { PredicateStore } from './store.ts'

/** An existing row whose owned rows are selected. */
export interface Owner {
  readonly table: Table
  readonly key: string
  readonly id: string
  /** The type name in the result. */
  readonly type: string
  /** Its columns as text. */
  readonly row: ReadonlyMap<string, string | null>
}

/** @throws TypeError `DUSTPAN_INVALID_ARGUMENT` for what cannot be an id there, DustpanError `DUSTPAN_UNKNOWN_OWNER`. */
export async function findOwner(
  { client, driver, settings: { owners } }: PredicateStore,
  owner: string | number | undefined,
  signal: AbortSignal,
): Promise<Owner | undefined> {
  if (!owners || owner === undefined) return undefined
  const table = await client.table(wantedTable(owners.table), signal)
  const key = owners.key ?? table?.key[0]?.name
  const column = key === undefined ? undefined : table?.columns.get(key)
  if (!table || key === undefined || !column) throw noOwners(driver, owners)
  const isNumber = column.collation === null && /int|decimal/.test(column.type)
  if (isNumber && !/^-?\d+$/.test(String(owner))) throw wrongOwner(readableTable(table), column.type, owner)
  const columns = [...table.columns.values()]
  const text = `SELECT ${columns.map((one) => keyText(one, 't')).join(', ')} FROM ${quoteTable(table)} t WHERE t.${quoteName(key)} = ${valueSql(owner)} LIMIT 2`
  const [row, another] = await client.rows(text, signal).catch((error: unknown) => {
    if (!isServerError(error)) throw error
    throw wrongOwner(readableTable(table), column.type, owner)
  })
  if (another) throw severalOwners(readableTable(table), key, owner)
  if (!row) throw unknownOwner(readableTable(table), key, owner)
  const texts = new Map(columns.map(({ name }, index) => [name, row[index] ?? null]))
  return { table, key, id: String(owner), type: owners.type ?? table.table, row: texts }
}
