import { plural, singular } from './plural.ts'

/**
 * Whether a list names a kind. Names of kinds to keep are matched loosely: case, quotes, the default schema, singular and
 * plural, and word separators make no difference. In doubt the kind is kept.
 */
export function namesKind(list: readonly string[], names: readonly string[]): boolean {
  return list.some((name) => names.some((other) => !formsOf(name).isDisjointFrom(formsOf(other))))
}

const known = new Map<string, ReadonlySet<string>>()

/** `public."Order-Items"` → `orderitems`, `orderitem` */
function formsOf(name: string): ReadonlySet<string> {
  const before = known.get(name)
  if (before) return before
  const bare = name.replaceAll('"', '').toLowerCase()
  const joined = bare.replace(/^(?:public|main)\./, '').replaceAll(/[-_\s]/g, '')
  const forms = new Set([joined, singular(joined), plural(joined)])
  known.set(name, forms)
  return forms
}
