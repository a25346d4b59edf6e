/** What `Location` says of a new thing. */
import { looksLikeId } from '../http-rules/noun.ts'
import { decodeSegment, trimmed } from '../http-rules/route.ts'
import { lastSegment } from './created-set.ts'
import { type SeenAnswer, type SeenCreation, slashOf, upTo } from './seen-creation.ts'

/**
 * The segment after the path of the request. Undefined: nothing, as when it names that path itself or
 * one above it, which were there before.
 */
export function placeOf(location: string | undefined, path: string): Place | 'elsewhere' | undefined {
  if (location === undefined) return undefined
  const to = trimmed(location)
  if (to === path || path.startsWith(`${upTo(to)}/`)) return undefined
  if (!to.startsWith(`${upTo(path)}/`)) return isOfKind(to, path) ? placeElsewhere(to) : 'elsewhere'
  const [id = '', ...rest] = to.slice(upTo(path).length + 1).split('/')
  return { id: decodeSegment(id), isLast: rest.length === 0 }
}

export interface Place {
  readonly id: string
  readonly isLast: boolean
  /** In a collection that is called the same. */
  readonly isElsewhere?: true
}

const placeElsewhere = (to: string): Place => ({ id: lastSegment(to), isLast: true, isElsewhere: true })

/** `/orders/7` for `/users/1/orders`, and for `/api/orders`. */
function isOfKind(to: string, path: string): boolean {
  const kind = lastSegment(path)
  return kind !== '' && lastSegment(parentOf(to)) === kind
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))

/**
 * The path of the collection that a new thing is in: that of the request, or where `Location` has it, when things are created below another
 * one (`/users/1/orders`) and not only behind a prefix that a proxy takes away (`/api/orders`).
 */
export function collectionOf({ path }: SeenCreation, { location = path }: SeenAnswer): string {
  const place = placeOf(location, path)
  const isElsewhere = typeof place === 'object' && place.isElsewhere
  return isElsewhere && path.split('/').some(looksLikeId) ? parentOf(trimmed(location)) : path
}

/** Where `Location` has the path of the thing, it has it as the service wants it. */
export function endOf(location: string | undefined, collection: string, { slash }: SeenCreation): '' | '/' {
  const to = location === undefined ? '' : trimmed(location)
  const isThing = to.lastIndexOf('/') === upTo(collection).length && to.startsWith(`${upTo(collection)}/`)
  return isThing && location !== undefined ? slashOf(location) : slash
}

/** The path of the request, and those above it, were there before. */
export function isAbove(location: string, path: string): boolean {
  return `${path}/`.startsWith(`${upTo(trimmed(location))}/`)
}
