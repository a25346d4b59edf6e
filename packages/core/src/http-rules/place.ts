/** Where in an answer something stands: `body.items[].id`, `location`, `header.x-id`, `path.name`. */

import type { Json } from '../resource/resource.ts'
import { invalidOption } from './invalid-option.ts'

export type Place =
  | { readonly in: 'body'; readonly steps: readonly string[] }
  | { readonly in: 'header' | 'path'; readonly name: string }
  | { readonly in: 'location' }

/** @throws DustpanError `DUSTPAN_CONFIG_INVALID` with the option's path. */
export function parsePlace(text: unknown, path: string): Place {
  const [, root, rest] =
    (typeof text === 'string' && /^(body|header|path|location)((?:\[\])?(?:\.\S+)?)$/.exec(text)) || []
  if (root === 'location' && rest === '') return { in: 'location' }
  if ((root === 'header' || root === 'path') && rest?.startsWith('.')) return { in: root, name: rest.slice(1) }
  if (root === 'body' && rest !== undefined) return { in: 'body', steps: rest.match(/\[\]|[^.[\]]+/g) ?? [] }
  const hint = 'Write it like "body.id", "body.items[].id", "location", "header.x-id" or "path.name".'
  throw invalidOption(path, 'a place in the answer', text, hint)
}

/** Whether a text is a place in one of these parts of an answer. */
export function isPlace(text: unknown, roots: readonly string[]): text is string {
  try {
    return roots.includes(parsePlace(text, '').in)
  } catch {
    return false
  }
}

/** Everything that stands at a place of a JSON value; lists along the way, and at the end, are gone through. @param counts which of their items count, and of what is in these */
export function valuesAt(
  value: Json | undefined,
  steps: readonly string[],
  counts: (item: Json) => boolean = all,
): Json[] {
  return found(value, steps, counts, false)
}

function found(
  value: Json | undefined,
  steps: readonly string[],
  counts: (item: Json) => boolean,
  inList: boolean,
): Json[] {
  if (value === undefined) return []
  const [first, ...rest] = steps
  if (Array.isArray(value))
    return value.flatMap((item: Json) => found(item, first === '[]' ? rest : steps, counts, true))
  if (inList && !counts(value)) return []
  if (first === undefined) return [value]
  if (typeof value !== 'object' || value === null || first === '[]') return []
  return found((value as { readonly [key: string]: Json })[first], rest, counts, inList)
}

const all = (): boolean => true

/** Whether a value can be an id, and stand in a path as one. */
export function isId(value: Json | undefined): value is string | number {
  return typeof value === 'number' || (typeof value === 'string' && !/^\.{0,2}$/.test(value))
}
