import { noOwners, type OwnerColumn, unknownOwner } from '@dustpan/core/driver'
import { literal, type Scalar } from '../sql/literal.ts'
import { quoteName } from '../sql/quote.ts'
import type { How } from '../sql/server.ts'
import { type Table, tableName } from '../sql/table.ts'
import type { PredicateStore } from './store.ts'

/** Whose rows are meant: there is such a row, or several that are versions of one. */
export interface Owner {
  readonly table: Table
  readonly key: string
  /** As a literal. */
  readonly id: string
  /** What the answer calls it. */
  readonly type: string
}

/** @throws DustpanError `DUSTPAN_UNKNOWN_OWNER` */
export async function findOwner(
  { driver, owners, server }: PredicateStore,
  tables: readonly Table[],
  given: string | number | undefined,
  how: How,
): Promise<Owner | undefined> {
  if (!owners || given === undefined) return undefined
  const table = tables.find(({ name }) => name === owners.table)
  const key = owners.key ?? (table?.columns.has('id') ? 'id' : table?.sortingKey[0])
  const type = key === undefined ? undefined : table?.columns.get(key)?.type
  if (!table || key === undefined || type === undefined) throw noOwners(driver, owners)
  const id = literal(type, given)
  const sql = `SELECT 1 AS dustpan_found FROM ${tableName(table)} WHERE ${quoteName(key)} = ${id} LIMIT 1`
  const found = id === undefined ? [] : await server.rows(sql, how)
  if (id !== undefined && found.length > 0) return { table, key, id, type: owners.type ?? table.name }
  throw unknownOwner(table.name, key, given)
}

/** What rows of the owner have in their column; a mutation should not have to ask. */
export async function valuesOfOwner(
  { server }: PredicateStore,
  { table, key, id }: Owner,
  { is, lowerCase }: OwnerColumn,
  how: How,
): Promise<readonly Scalar[]> {
  const name = quoteName(is ?? key)
  const value = lowerCase ? `lower(${name})` : name
  const sql = `SELECT DISTINCT ${value} AS dustpan_value FROM ${tableName(table)} WHERE ${quoteName(key)} = ${id}`
  const rows = await server.rows<{ dustpan_value: Scalar | null }>(sql, how)
  // What has no value of an owner's own is nobody's.
  return rows.flatMap((row) => (row.dustpan_value === null || row.dustpan_value === '' ? [] : [row.dustpan_value]))
}
