/** The owner that the creating request named besides its path, if this process captured it: held in memory only. */
import type { ResourceId } from '../resource/resource.ts'

const byResource = new Map<ResourceId, string>()

export const owners = {
  /** A run begins. */
  begin(): void {
    byResource.clear()
  },
  /** @param owner as given by `ownerOf` */
  note(ids: readonly ResourceId[], owner: string): void {
    for (const id of ids) byResource.set(id, owner)
  },
  /** The same resource under another id. */
  same(id: ResourceId, other: ResourceId): void {
    const owner = byResource.get(other)
    if (owner !== undefined) byResource.set(id, owner)
  },
  /** Undefined: its creation was not captured. */
  of: (id: ResourceId): string | undefined => byResource.get(id),
}
