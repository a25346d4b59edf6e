/** Those that refer to some that stay away, directly or through others: brought back they would hang on a stranger's. */
export function referringTo<T>(
  away: readonly T[],
  others: readonly T[],
  refersTo: (child: T, parent: T) => boolean,
): ReadonlySet<T> {
  const found = new Set<T>()
  const parents = [...away]
  for (let parent = parents.pop(); parent !== undefined; parent = parents.pop()) {
    for (const child of others) {
      if (found.has(child) || !refersTo(child, parent)) continue
      found.add(child)
      parents.push(child)
    }
  }
  return found
}
