/** Escapes a predicate's pattern for LIKE: only `%` is special in a predicate. */
export function likePattern(pattern: string): string {
  return pattern.replace(/[\\_]/g, '\\$&')
}
