/** Groups tables that are connected by foreign keys. */

import type { Relations } from '../resource/connection.ts'
import type { ResourceId } from '../resource/resource.ts'
import type { Target } from '../resource/target.ts'
import { componentsOf } from './components.ts'

interface Named {
  readonly schema: string
  readonly table: string
}

/** A table, and the tables that refer to it. */
export interface ReferredTable extends Named {
  readonly referencedBy: readonly Named[]
}

/** Rows of one table. */
export interface RowsOfTable<Table extends ReferredTable> {
  readonly table: Table
  readonly targets: readonly Pick<Target, 'id'>[]
}

/** The tables' groups: a table, or a cycle of tables. `nameOf`: a table's part of the group's name. */
export function groupsOfTables<Table extends ReferredTable>(
  rows: readonly RowsOfTable<Table>[],
  nameOf: (table: Table) => string,
): Pick<Relations, 'group' | 'edges'> {
  const tables = [...new Map(rows.map(({ table }) => [idOf(table), table])).values()]
  const parentsOf = (child: Table) => tables.filter((table) => refersTo(child, table))
  const names = new Map(
    componentsOf(tables, parentsOf).flatMap(({ members }) =>
      members.map((member) => [idOf(member), members.map(nameOf).join(' + ')] as const),
    ),
  )
  const groupOf = (table: Table) => names.get(idOf(table)) ?? ''
  const group = new Map<ResourceId, string>()
  for (const { table, targets } of rows) {
    const groupName = groupOf(table)
    for (const { id } of targets) group.set(id, groupName)
  }
  const pairs = tables.flatMap((child) => parentsOf(child).map((parent) => [groupOf(child), groupOf(parent)] as const))
  const edges = new Map(pairs.filter(([child, parent]) => child !== parent).map((pair) => [pair.join('\n'), pair]))
  return { group, edges: [...edges.values()] }
}

export const idOf = ({ schema, table }: Named): string => JSON.stringify([schema, table])

/** Whether rows of one table refer to rows of the other. */
export function refersTo(child: Named, { referencedBy }: ReferredTable): boolean {
  return referencedBy.some(({ schema, table }) => schema === child.schema && table === child.table)
}
