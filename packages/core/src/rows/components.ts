/** Tables that refer to each other in a cycle, in an order with children before parents. */
export interface Component<T> {
  readonly members: readonly T[]
  /** More than one member, or one that refers to itself. */
  readonly cyclic: boolean
}

/**
 * Tarjan's algorithm: `parentsOf` returns what a member refers to. A component is complete once everything it refers to is, so
 * components are found in reverse.
 */
export function componentsOf<T>(
  members: readonly T[],
  parentsOf: (member: T) => readonly T[],
): readonly Component<T>[] {
  const index = new Map<T, number>()
  const low = new Map<T, number>()
  const stack: T[] = []
  const found: Component<T>[] = []
  const visit = (member: T): void => {
    index.set(member, index.size)
    low.set(member, index.get(member) ?? 0)
    stack.push(member)
    for (const parent of parentsOf(member)) {
      if (!index.has(parent)) visit(parent)
      if (stack.includes(parent)) low.set(member, Math.min(low.get(member) ?? 0, low.get(parent) ?? 0))
    }
    if (low.get(member) !== index.get(member)) return
    const component = stack.splice(stack.indexOf(member))
    found.push({ members: component, cyclic: component.length > 1 || parentsOf(member).includes(member) })
  }
  for (const member of members) if (!index.has(member)) visit(member)
  return found.reverse()
}
