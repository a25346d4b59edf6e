/** Requests of GraphQL, all of which go to one path: only mutations create. */
import type { Json } from '../resource/resource.ts'

/** Whether a request's body asks, and changes nothing. */
export function onlyAsks(sent: Json | undefined): boolean {
  const documents = [sent].flat().map((operation) => (operation as { query?: unknown } | null | undefined)?.query)
  return documents.length > 0 && documents.every(isQuery)
}

/** Not what is called `query` for another reason: words to search for. */
function isQuery(document: unknown): boolean {
  if (typeof document !== 'string' || /\bmutation\b/.test(document)) return false
  return /^(\s|#.*\n)*(query\b[^{]*|subscription\b[^{]*|fragment\b[^{]*)?\{/.test(document)
}
