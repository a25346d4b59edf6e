/** Redis glob patterns: `*`, `?`, `[a-c]`, `[^x]`, and `\` to escape a character. */

export function matchesGlob(pattern: string, key: string): boolean {
  return expressionOf(pattern).test(key)
}

/** A pattern that matches only `text`. */
export function escapeGlob(text: string): string {
  return text.replace(/[*?[\]\\^-]/g, '\\$&')
}

const cache = new Map<string, RegExp>()

function expressionOf(pattern: string): RegExp {
  const cached = cache.get(pattern)
  if (cached) return cached
  const source = pattern.replace(/\\(.)|\[(\^?)((?:\\.|[^\]\\])*)\]|([*?])|([^\\[*?]+)|(.)/gs, translate)
  const expression = new RegExp(`^${source}$`, 's')
  cache.set(pattern, expression)
  return expression
}

function translate(
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
