/** Items that refer to missing ones, directly or through others: restored, they would refer to a stranger's row. */
export function referringTo<T>(
  missing: readonly T[],
  others: readonly T[],
  refersTo: (child: T, parent: T) => boolean,
): ReadonlySet<T> {
  const found = new Set<T>()
  const parents = [...missing]
  for (let parent = parents.pop(); parent !== undefined; parent = parents.pop()) {
    for (const child of others) {
      if (found.has(child) || !refersTo(child, parent)) continue
      found.add(child)
      parents.push(child)
    }
  }
  return found
}
