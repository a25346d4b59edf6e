/** Keep is closed upwards: what a kept thing depends on is kept with it. */
import type { Resource, ResourceId } from '../resource/resource.ts'
import { parentOf } from './declared.ts'

/** Those of the candidates that the kept ones depend on, directly or not. */
export function neededBy(kept: readonly Resource[], candidates: readonly Resource[]): ReadonlySet<Resource> {
  if (kept.length === 0) return new Set()
  const byId = new Map<ResourceId, Resource>(candidates.map((resource) => [resource.id, resource]))
  const needed = new Set<Resource>()
  const open = [...kept]
  for (let resource = open.pop(); resource; resource = open.pop()) {
    // A declared child is no thing of its own: it is kept with its parent, or because its removal is not for here.
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
