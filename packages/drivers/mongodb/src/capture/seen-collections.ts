/** Collections of which this process has recorded something, by store: what a dropped database takes along. */
const seen = new Map<string, Set<string>>()

export function seeCollection(store: string, collection: string): void {
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

/** Where a test deleted what was there before. */
const deletedIn = new Set<string>()

export function seeDeletion(store: string, collection: string): void {
  deletedIn.add(placeOf({ store, collection }))
}

export function hadDeletion(store: string, collection: string): boolean {
  return deletedIn.has(placeOf({ store, collection }))
}

/** Where collections are now that once had a name: what is on record under it may be there still. */
const away = new Map<string, Set<string>>()

const placeOf = ({ store, collection }: Named): string => `${store}\n${collection}`

/** Said before the server is asked to; gives how it is told what came of that. What nobody told may have happened. */
export function seeRenaming(from: Named, to: Named): (isDone: boolean) => void {
  const [before, after] = [placeOf(from), placeOf(to)]
  const places = away.get(before) ?? new Set()
  const isNew = !places.has(after)
  away.set(before, places.add(after))
  return (isDone) => {
    if (isDone) move(before, after)
    else if (isNew) places.delete(after)
  }
}

/** One that is back under its name is not away. */
function move(before: string, after: string): void {
  if (deletedIn.has(before)) deletedIn.add(after)
  for (const [name, places] of away) if (places.delete(before) && name !== after) places.add(after)
}

export function wasRenamed(store: string, collection: string): boolean {
  return (away.get(placeOf({ store, collection }))?.size ?? 0) > 0
}
