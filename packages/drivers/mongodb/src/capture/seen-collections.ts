/** Collections with documents that this process has recorded, by store; dropping the database deletes them all. */
const seen = new Map<string, Set<string>>()

export function noteCollection(store: string, collection: string): void {
  const collections = seen.get(store) ?? new Set<string>()
  seen.set(store, collections.add(collection))
}

export function seenCollections(store: string): readonly string[] {
  return [...(seen.get(store) ?? [])]
}

export interface Named {
  readonly store: string
  readonly collection: string
}

/** Collections from which a test deleted preexisting documents. */
const deletedIn = new Set<string>()

export function noteDeletion(store: string, collection: string): void {
  deletedIn.add(placeOf({ store, collection }))
}

export function hadDeletion(store: string, collection: string): boolean {
  return deletedIn.has(placeOf({ store, collection }))
}

/** By former name: where collections may be now. Documents recorded under the former name may still exist there. */
const movedTo = new Map<string, Set<string>>()

const placeOf = ({ store, collection }: Named): string => `${store}\n${collection}`

/** Call before the rename is sent; returns a function that takes its outcome. Without an outcome, the rename may have happened. */
export function noteRenaming(from: Named, to: Named): (isDone: boolean) => void {
  const [before, after] = [placeOf(from), placeOf(to)]
  const places = movedTo.get(before) ?? new Set()
  const isNew = !places.has(after)
  movedTo.set(before, places.add(after))
  return (isDone) => {
    if (isDone) move(before, after)
    else if (isNew) places.delete(after)
  }
}

/** A collection that gets its former name back is no longer moved. */
function move(before: string, after: string): void {
  if (deletedIn.has(before)) deletedIn.add(after)
  for (const [name, places] of movedTo) if (places.delete(before) && name !== after) places.add(after)
}

export function wasRenamed(store: string, collection: string): boolean {
  return (movedTo.get(placeOf({ store, collection }))?.size ?? 0) > 0
}
