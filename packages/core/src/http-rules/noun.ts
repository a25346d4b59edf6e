/** Derives the type from a path: `/api/v1/users/7/orders` → `order`. */
import { singular } from '../resource/plural.ts'
import { trimmed } from './route.ts'

/** The last segment that is a noun, in the singular; `resource` if there is none. */
export function typeOfPath(path: string): string {
  const noun = trimmed(path)
    .split('/')
    .findLast((segment) => /^[a-z][\w.-]*$/i.test(segment) && !looksLikeId(segment) && !/^v\d+$/.test(segment))
  return noun === undefined ? 'resource' : singular(noun)
}

/** Whether a segment is an id rather than a noun: a number, hexadecimal, prefixed (`usr_8fj3`), or long with digits in it. */
export function looksLikeId(segment: string): boolean {
  if (!/\d/.test(segment)) return false
  return /^\d|^[\da-f-]{8,}$|_[\da-z]*\d|^[\w-]{16,}$/i.test(segment)
}

/** A path without the ids: `/users/7/orders` → `/users/{id}/orders`. */
export function routeOfPath(path: string): string {
  return path
    .split('/')
    .map((segment) => (looksLikeId(segment) ? '{id}' : segment))
    .join('/')
}
