/**
 * Tables that this process created. Rows that an INSERT … SELECT reads from an older table and writes into such a table may
 * be the older table's rows, moved: it is then dropped, or its rows are deleted.
 */
import { type StoreSeen, withoutIdentity } from '@dustpan/core/driver'
import type { Statement, TableReference } from './statement.ts'

/** By the address of the database, as the rest is not always known: names as statements gave them, and without schema. */
const made = new Map<string, Map<string, string>>()

/** Notes the tables that a completed statement created, renamed or dropped. */
export function noteMade(store: StoreSeen, { makes, renames, truncates }: Statement): void {
  if (!makes && made.size === 0) return
  const tables = madeIn(store) ?? new Map<string, string>()
  if (makes && !makes.reads.some(isOlderThan(tables))) {
    made.set(withoutIdentity(store.id), tables.set(makes.table.id, makes.table.table))
  }
  if (renames && tables.delete(renames.from.id)) tables.set(renames.to.id, renames.to.table)
  if (truncates?.drops) for (const { id } of truncates.tables) tables.delete(id)
}

/** Whether rows that a statement writes into a table may be moved from an older one. */
export function mayBeMoved(store: StoreSeen, table: string, { reads = [] }: Statement): boolean {
  const tables = reads.length > 0 && madeIn(store)
  return tables ? reads.some(isOlderThan(tables)) && [...tables.values()].includes(table) : false
}

const madeIn = ({ id }: StoreSeen) => made.get(withoutIdentity(id))

const isOlderThan =
  (tables: ReadonlyMap<string, string>) =>
  ({ id }: TableReference): boolean =>
    !tables.has(id)
