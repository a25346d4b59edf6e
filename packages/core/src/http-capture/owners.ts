/** What a request said of whose things it is about, beside its path, when this process saw it create: held in its memory only. */
import type { ResourceId } from '../resource/resource.ts'

const byThing = new Map<ResourceId, string>()

export const owners = {
  /** A run begins. */
  begin(): void {
    byThing.clear()
  },
  /** @param owner as `ownerOf` tells it */
  note(ids: readonly ResourceId[], owner: string): void {
    for (const id of ids) byThing.set(id, owner)
  },
  /** One thing by another id. */
  same(id: ResourceId, other: ResourceId): void {
    const owner = byThing.get(other)
    if (owner !== undefined) byThing.set(id, owner)
  },
  /** Undefined: nobody saw it created. */
  of: (id: ResourceId): string | undefined => byThing.get(id),
}
