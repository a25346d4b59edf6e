import { quoteName } from '../names.ts'
import type { Table } from '../tables.ts'

/**
 * That the row `c` of a table was inserted after the row `t` of another, by the times that their defaults gave them. Whole seconds that are
 * equal say nothing; the statement that inserted a row came after the one that inserted what it refers to.
 */
export function isAfterSql(child: Table, parent: Table): string {
  if (child.stamp === null || parent.stamp === null) return '0'
  const isFine = [fractionOf(child, child.stamp), fractionOf(parent, parent.stamp)].every((digits) => digits >= 3)
  return `c.${quoteName(child.stamp)} ${isFine ? '>=' : '>'} t.${quoteName(parent.stamp)}`
}

function fractionOf({ columns }: Table, name: string): number {
  return Number(/\((\d)\)/.exec(columns.get(name)?.fullType ?? '')?.[1] ?? 0)
}
