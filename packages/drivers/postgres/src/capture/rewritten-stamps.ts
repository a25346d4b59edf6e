/**
 * Statements of this process that may have written into rows that were there: UPDATE, an upsert, MERGE. A time of creation that one of them
 * names says nothing of when its row came: the `save()` of an ORM writes it anew, together with a reference to a test's row.
 */
/** A lock (`FOR UPDATE`) writes nothing. */
const update = /(?<!\bfor\s+(?:no\s+key\s+)?)\bupdate\b/i
const limit = 1_000
const texts = new Set<string>()
let isAnyWritten = false

/** `namesAll`: no column is written that the text does not name. */
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
