/** Patterns of keys as Redis has them: `*`, `?`, `[a-c]`, `[^x]`, and `\` before what is meant as it is. */

export function matchesGlob(pattern: string, key: string): boolean {
  return expressionOf(pattern).test(key)
}

/** A text that matches only itself. */
export function escapeGlob(text: string): string {
  return text.replace(/[*?[\]\\^-]/g, '\\$&')
}

const known = new Map<string, RegExp>()

function expressionOf(pattern: string): RegExp {
  const before = known.get(pattern)
  if (before) return before
  const source = pattern.replace(/\\(.)|\[(\^?)((?:\\.|[^\]\\])*)\]|([*?])|([^\\[*?]+)|(.)/gs, translated)
  const expression = new RegExp(`^${source}$`, 's')
  known.set(pattern, expression)
  return expression
}

function translated(
  whole: string,
  escaped: string | undefined,
  not: string | undefined,
  set: string | undefined,
  wild: string | undefined,
): string {
  if (escaped !== undefined) return literal(escaped)
  if (set !== undefined) return set === '' ? (not ? '.' : '(?!)') : `[${not ?? ''}${set.replace(/[[\]^]/g, '\\$&')}]`
  if (wild !== undefined) return wild === '*' ? '.*' : '.'
  return literal(whole)
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
