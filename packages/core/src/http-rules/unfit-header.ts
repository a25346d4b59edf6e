/** Finds headers that no request can have: each request would fail, as if the service were unreachable. */

/** The first invalid header, and what is expected; never its value. */
export function invalidHeader(
  headers: Readonly<Record<string, unknown>>,
): { readonly name: string; readonly expected: string } | undefined {
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) return { name, expected: 'a name of letters, digits and "-"' }
    if (typeof value !== 'string') return { name, expected: 'a text' }
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
      return { name, expected: 'a value without line breaks or control characters' }
  }
  return undefined
}
