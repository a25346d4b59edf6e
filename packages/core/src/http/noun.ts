/** What a path is about: `/api/v1/users/7/orders` → `order`. */
import { trimmed } from './route.ts'

/** The last segment that is a noun, singular; `resource` when none is. */
export function typeOfPath(path: string): string {
  const noun = trimmed(path)
    .split('/')
    .findLast((segment) => /^[a-z][\w.-]*$/i.test(segment) && !looksLikeId(segment) && !/^v\d+$/.test(segment))
  return noun === undefined ? 'resource' : singular(noun)
}

/** A segment that is an id and no noun: a number, hexadecimal, prefixed (`usr_8fj3`), or long with digits in it. */
export function looksLikeId(segment: string): boolean {
  if (!/\d/.test(segment)) return false
  return /^\d|^[\da-f-]{8,}$|_[\da-z]*\d|^[\w-]{16,}$/i.test(segment)
}

/** A path without what tells one thing from another: `/users/7/orders` → `/users/{id}/orders`. */
export function routeOfPath(path: string): string {
  return path
    .split('/')
    .map((segment) => (looksLikeId(segment) ? '{id}' : segment))
    .join('/')
}

/** English plurals as paths and tables have them. */
export function singular(noun: string): string {
  if (/(ss|us|is|news|series|data)$/i.test(noun) || noun.length < 4) return noun
  if (/ies$/i.test(noun)) return noun.replace(/ies$/i, 'y')
  if (/(ches|shes|xes|sses|statuses)$/i.test(noun)) return noun.slice(0, -2)
  return noun.replace(/s$/i, '')
}

/** The collection of a type, when only the type is known. */
export function plural(noun: string): string {
  if (singular(noun) !== noun) return noun
  if (/[^aeiou]y$/i.test(noun)) return `${noun.slice(0, -1)}ies`
  return /(s|x|ch|sh|z)$/i.test(noun) ? `${noun}es` : `${noun}s`
}
