import type { Resource } from '@dustpan/core/ledger'

/** The number of resources in each state. */
export function countByState(resources: readonly Resource[]): Readonly<Record<string, number>> {
  const groups = Map.groupBy(resources, ({ state }) => state)
  return Object.fromEntries([...groups].map(([name, { length }]) => [name, length]))
}
