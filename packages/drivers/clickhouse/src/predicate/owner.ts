import type { OwnerColumn } from '@dustpan/core/driver'
import { noOwners, unknownOwner } from '@dustpan/core/rows'
import { literal, type Scalar } from '../sql/literal.ts'
import { quoteName } from '../sql/quote.ts'
import type { QueryOptions } from '../sql/server.ts'
import { type Table, tableName } from '../sql/table.ts'
import type { PredicateStore } from './store.ts'

/** An existing owner, whose rows a predicate selects; it has one row, or several versions of one. */
export interface Owner {
  readonly table: Table
  readonly key: string
  /** The id as an SQL literal. */
  readonly id: string
  /** Its type in the result. */
  readonly type: string
}

/** @throws DustpanError `DUSTPAN_UNKNOWN_OWNER` */
export async function findOwner(
  { driver, owners, server }: PredicateStore,
  tables: readonly Table[],
  given: string | number | undefined,
  options: QueryOptions,
): Promise<Owner | undefined> {
  if (!owners || given === undefined) return undefined
  const table = tables.find(({ name }) => name === owners.table)
  const key = owners.key ?? (table?.columns.has('id') ? 'id' : table?.sortingKey[0])
  const type = key === undefined ? undefined : table?.columns.get(key)?.type
  if (!table || key === undefined || type === undefined) throw noOwners(driver, owners)
  const id = literal(type, given)
  const sql = `SELECT 1 AS dustpan_found FROM ${tableName(table)} WHERE ${quoteName(key)} = ${id} LIMIT 1`
  const found = id === undefined ? [] : await server.rows(sql, options)
  if (id !== undefined && found.length > 0) return { table, key, id, type: owners.type ?? table.name }
  throw unknownOwner(table.name, key, given)
}

/** The values by which rows refer to the owner, read first so that a mutation needs no subquery. */
export async function valuesOfOwner(
  { server }: PredicateStore,
  { table, key, id }: Owner,
  { is, lowerCase }: OwnerColumn,
  options: QueryOptions,
): Promise<readonly Scalar[]> {
  const name = quoteName(is ?? key)
  const value = lowerCase ? `lower(${name})` : name
  const sql = `SELECT DISTINCT ${value} AS dustpan_value FROM ${tableName(table)} WHERE ${quoteName(key)} = ${id}`
  const rows = await server.rows<{ dustpan_value: Scalar | null }>(sql, options)
  // An empty value has no owner.
  return rows.flatMap((row) => (row.dustpan_value === null || row.dustpan_value === '' ? [] : [row.dustpan_value]))
}
