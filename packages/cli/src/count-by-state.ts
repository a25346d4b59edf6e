import type { Resource } from '@dustpan/core/ledger'

/** How many are in each state. */
export function countByState(resources: readonly Resource[]): Readonly<Record<string, number>> {
  const groups = Map.groupBy(resources, ({ state }) => state)
  return Object.fromEntries([...groups].map(([name, { length }]) => [name, length]))
}
