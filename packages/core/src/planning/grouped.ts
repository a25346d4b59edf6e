import type { Resource, ResourceSet } from '../resource/resource.ts'

/** A non-empty list. */
export type Group = readonly [Resource, ...Resource[]]

/** Groups resources by a key of their sets. Resources of a set are adjacent, so `keyOf` runs once per set, not per resource. */
export function grouped<Key>(
  resources: readonly Resource[],
  keyOf: (set: ResourceSet) => Key,
): ReadonlyMap<Key, Group> {
  const groups = new Map<Key, Resource[]>()
  let set: ResourceSet | undefined
  let group: Resource[] = []
  for (const resource of resources) {
    if (resource.set !== set) {
      set = resource.set
      group = groupFor(keyOf(set), groups)
    }
    group.push(resource)
  }
  return groups as ReadonlyMap<Key, unknown> as ReadonlyMap<Key, Group>
}

function groupFor<Key>(key: Key, groups: Map<Key, Resource[]>): Resource[] {
  const known = groups.get(key)
  if (known) return known
  const group: Resource[] = []
  groups.set(key, group)
  return group
}
