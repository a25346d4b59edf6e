/** Sorts tables into groups that refer to each other in one direction only: a group is a table or a cycle of tables. */

import type { Table } from '../tables.ts'
import type { ForeignKey } from './foreign-keys.ts'

export interface TableGroups {
  nameOf(table: Table): string
  /** Whether the table's rows may refer to rows of the same table, directly or indirectly. */
  isCyclic(table: Table): boolean
  readonly edges: readonly (readonly [child: string, parent: string])[]
}

/** References may pass through tables without targets. */
export function tableGroups(tables: readonly Table[], keys: readonly ForeignKey[]): TableGroups {
  const reach = new Map(tables.map((table) => [table, reachable(table, keys)]))
  const reaches = (from: Table, to: Table) => reach.get(from)?.has(to) === true
  const nameOf = (table: Table) => {
    const cycle = tables.filter((other) => other === table || (reaches(table, other) && reaches(other, table)))
    return cycle
      .map(({ name }) => name)
      .sort()
      .join('+')
  }
  const edges = new Map<string, readonly [string, string]>()
  for (const child of tables) {
    for (const parent of tables) {
      const edge = [nameOf(child), nameOf(parent)] as const
      if (reaches(child, parent) && edge[0] !== edge[1]) edges.set(JSON.stringify(edge), edge)
    }
  }
  return { nameOf, isCyclic: (table) => reaches(table, table), edges: [...edges.values()] }
}

/** The tables that a table's rows refer to, directly or indirectly. */
function reachable(from: Table, keys: readonly ForeignKey[]): Set<Table> {
  const found = new Set<Table>()
  const open = [from]
  for (let table = open.pop(); table !== undefined; table = open.pop()) {
    for (const { parent } of keys.filter((key) => key.child === table)) {
      if (found.has(parent)) continue
      found.add(parent)
      open.push(parent)
    }
  }
  return found
}
