/**
 * Remembers statements of this process that may have changed existing rows: UPDATE, an upsert, MERGE. A creation timestamp
 * that one of them names does not prove when its row was inserted: the `save()` of an ORM rewrites it, together with a
 * reference to a test's row.
 */

/** Matches UPDATE, but not the lock `FOR UPDATE`, which writes nothing. */
const update = /(?<!\bfor\s+(?:no\s+key\s+)?)\bupdate\b/i
const limit = 1_000
const texts = new Set<string>()
let isAnyWritten = false

/** `namesAll`: the text names every column that it writes. */
export function noteUpdate(text: unknown, namesAll = true): void {
  if (isAnyWritten || typeof text !== 'string' || texts.has(text) || !update.test(text)) return
  isAnyWritten = !namesAll || texts.size >= limit
  texts.add(text)
}

export function mayBeRewritten(column: string): boolean {
  const name = column.toLowerCase()
  return isAnyWritten || texts.values().some((text) => text.toLowerCase().includes(name))
}

/** For tests. */
export function forgetUpdates(): void {
  texts.clear()
  isAnyWritten = false
}
