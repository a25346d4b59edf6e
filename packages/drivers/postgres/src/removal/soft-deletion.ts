import type { Profile, Removal } from '@dustpan/core/driver'
import { byTableName, type MarksOf, marksOf, type RowArgs } from '@dustpan/core/rows'
import { type TableName, typeOf } from '../names.ts'
import type { Settings } from '../options.ts'

export type SoftDeletion = MarksOf<TableName>

/** Decides whether rows are deleted or marked as deleted. */
export function softDeletion(
  driver: string,
  { softDelete = {}, deletion }: Settings,
  environment: string,
  profile?: Profile,
): SoftDeletion {
  const setFor = byTableName(Object.entries(softDelete), '"')
  return marksOf<TableName>({ deletion, setFor, nameOf: typeOf }, { driver, environment, profile })
}

/** A table name without a schema is taken to be in `public`, where the search path usually leads. */
export function tableNameOf(removal: Removal): TableName {
  const { schema, table } = removal.args as unknown as RowArgs
  return { schema: schema ?? 'public', table }
}
