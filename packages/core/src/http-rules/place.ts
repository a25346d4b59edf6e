/** Places in an answer: `body.items[].id`, `location`, `header.x-id`, `path.name`. */

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

/** Whether a text is a place under one of these roots. */
export function isPlace(text: unknown, roots: readonly string[]): text is string {
  try {
    return roots.includes(parsePlace(text, '').in)
  } catch {
    return false
  }
}

/** All values at a place of a JSON value; lists on the way and at the end are flattened. @param isIncluded which list items are included */
export function valuesAt(
  value: Json | undefined,
  steps: readonly string[],
  isIncluded: (item: Json) => boolean = all,
): Json[] {
  return collect(value, steps, isIncluded, false)
}

function collect(
  value: Json | undefined,
  steps: readonly string[],
  isIncluded: (item: Json) => boolean,
  inList: boolean,
): Json[] {
  if (value === undefined) return []
  const [first, ...rest] = steps
  if (Array.isArray(value))
    return value.flatMap((item: Json) => collect(item, first === '[]' ? rest : steps, isIncluded, true))
  if (inList && !isIncluded(value)) return []
  if (first === undefined) return [value]
  if (typeof value !== 'object' || value === null || first === '[]') return []
  return collect((value as { readonly [key: string]: Json })[first], rest, isIncluded, inList)
}

const all = (): boolean => true

/** Whether a value can be an id and a path segment. */
export function isId(value: Json | undefined): value is string | number {
  return typeof value === 'number' || (typeof value === 'string' && !/^\.{0,2}$/.test(value))
}
