import { plural, singular } from './plural.ts'

/**
 * What is to stay is told by loose names: letters, quotes, the schema that goes without saying, singular and plural, and how words are joined
 * make no difference. In doubt it stays.
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
