import type { Profile } from '@dustpan/core/driver'
import { byTableName, type MarksOf, marksOf } from '@dustpan/core/rows'
import { readableTable } from '../names.ts'
import type { Settings } from '../options.ts'

/** A named table: without a schema it is in the store's own database. */
export interface NamedTable {
  readonly schema?: string | null
  readonly table: string
}

export type SoftDeletion = MarksOf<NamedTable>

/** Decides whether rows are deleted or marked. `database`: the store's own; undefined: unknown. */
export function softDeletion(
  driver: string,
  { softDelete = {}, deletion }: Settings,
  database: string | undefined,
  environment: string,
  profile?: Profile,
): SoftDeletion {
  const find = byTableName(Object.entries(softDelete), '`')
  const setFor = ({ schema, table }: NamedTable) => find({ schema: schema ?? database ?? null, table })
  return marksOf({ deletion, setFor, nameOf: readableTable }, { driver, environment, profile })
}
