/** Collections of which this process has recorded something, by store: what a dropped database takes along. */
const seen = new Map<string, Set<string>>()

export function seeCollection(store: string, collection: string): void {
  add(seen, store, collection)
}

export function seenCollections(store: string): readonly string[] {
  return [...(seen.get(store) ?? [])]
}

/** Names that a collection gave up for another: what is on record under them may be there still. */
const renamed = new Map<string, Set<string>>()

export function seeRenamed(store: string, collection: string): void {
  add(renamed, store, collection)
}

export function wasRenamed(store: string, collection: string): boolean {
  return renamed.get(store)?.has(collection) ?? false
}

function add(all: Map<string, Set<string>>, store: string, collection: string): void {
  const collections = all.get(store) ?? new Set<string>()
  all.set(store, collections.add(collection))
}
