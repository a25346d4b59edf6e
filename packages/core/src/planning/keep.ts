/** Keeping is closed upwards: whatever a kept resource depends on is kept with it. */
import type { Resource, ResourceId } from '../resource/resource.ts'
import { parentOf } from './declared.ts'

/** The candidates that the kept resources depend on, directly or indirectly. */
export function neededBy(kept: readonly Resource[], candidates: readonly Resource[]): ReadonlySet<Resource> {
  if (kept.length === 0) return new Set()
  const byId = new Map<ResourceId, Resource>(candidates.map((resource) => [resource.id, resource]))
  const needed = new Set<Resource>()
  const open = [...kept]
  for (let resource = open.pop(); resource; resource = open.pop()) {
    // A declared child follows its parent: it is kept with it, or because its own steps' conditions are not met.
    if (parentOf(resource) !== undefined) continue
    for (const id of resource.set.dependsOn ?? []) {
      const parent = byId.get(id)
      if (!parent || needed.has(parent)) continue
      needed.add(parent)
      open.push(parent)
    }
  }
  return needed
}
