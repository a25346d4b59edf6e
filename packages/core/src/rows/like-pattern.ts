/** For LIKE, what a question writes: only `%` is special there. */
export function likePattern(pattern: string): string {
  return pattern.replace(/[\\_]/g, '\\$&')
}
