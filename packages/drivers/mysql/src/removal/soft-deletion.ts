import type { Profile } from '@dustpan/core/driver'
import { type MarksOf, marksOf } from '@dustpan/core/rows'
import { readableTable, wantedTable } from '../names.ts'
import type { Settings } from '../options.ts'

/** A named table: without a schema it is in the store's own database. */
export interface NamedTable {
  readonly schema?: string | null
  readonly table: string
}

export type SoftDeletion = MarksOf<NamedTable>

/** Decides whether rows are deleted or marked. `database`: the store's own; undefined: unknown, so that any matches. */
export function softDeletion(
  driver: string,
  { softDelete = {}, deletion }: Settings,
  database: string | undefined,
  environment: string,
  profile?: Profile,
): SoftDeletion {
  const tables = Object.entries(softDelete).map(([name, set]) => ({ ...wantedTable(name), set }))
  const isNamed = (named: NamedTable, { schema, table }: NamedTable) =>
    named.table === table && ((named.schema ?? database) === (schema ?? database) || database === undefined)
  const setFor = (table: NamedTable) => tables.find((named) => isNamed(named, table))?.set
  return marksOf({ deletion, setFor, nameOf: readableTable }, { driver, environment, profile })
}
