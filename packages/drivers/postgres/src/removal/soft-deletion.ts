import { type MarksOf, marksOf, type Profile, type Removal, type RowArgs } from '@dustpan/core/driver'
import { type TableName, tableNamed, typeOf } from '../names.ts'
import type { Settings } from '../options.ts'

export type SoftDeletion = MarksOf<TableName>

/** Whether rows are deleted or marked. */
export function softDeletion(
  driver: string,
  { softDelete = {}, deletion }: Settings,
  environment: string,
  profile?: Profile,
): SoftDeletion {
  const tables = new Map(Object.entries(softDelete).map(([name, set]) => [typeOf(tableNamed(name)), set]))
  const setFor = (table: TableName) => tables.get(typeOf(table))
  return marksOf({ deletion, setFor, nameOf: typeOf }, { driver, environment, profile })
}

/** Without a schema, as the search path usually has it. */
export function tableNameOf(removal: Removal): TableName {
  const { schema, table } = removal.args as unknown as RowArgs
  return { schema: schema ?? 'public', table }
}
