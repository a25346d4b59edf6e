import type { Json } from '@dustpan/core/driver'
import type { Key, KeyType } from '../keys.ts'

/** A key from the log in the form in which captured keys are recorded; undefined for one with NULL, which identifies no row. */
export function keyIn(text: string): Key | undefined {
  const parts = (JSON.parse(text) as readonly Part[]).map(partOf)
  const known = parts.filter((part) => part !== undefined)
  if (known.length < parts.length) return undefined
  const json = known.map((part) => part.json)
  return { json: json.length === 1 ? (json[0] as Json) : json, types: known.map(({ type }) => type) }
}

type Part = null | number | string | { readonly blob: string } | { readonly integer: string }

function partOf(part: Part): { json: Json; type: KeyType } | undefined {
  if (part === null || part === Number.POSITIVE_INFINITY || part === Number.NEGATIVE_INFINITY) return undefined
  if (typeof part !== 'object') return { json: part, type: 'plain' }
  return 'blob' in part ? { json: part.blob, type: 'blob' } : { json: part.integer, type: 'integer' }
}
