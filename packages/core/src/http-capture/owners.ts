/** What a request said of whose things it is about, beside its path, when this process saw it create: held in its memory only. */
import type { ResourceId } from '../resource/resource.ts'

const byThing = new Map<ResourceId, string>()

export const owners = {
  /** A run begins. */
  begin(): void {
    byThing.clear()
  },
  /** @param owner as `ownerOf` tells it; nothing is noted of none */
  note(ids: readonly ResourceId[], owner: string): void {
    if (owner !== '') for (const id of ids) byThing.set(id, owner)
  },
  /** Empty: nobody was named. */
  of: (id: ResourceId): string => byThing.get(id) ?? '',
}
