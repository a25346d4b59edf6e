/** Reads the id of a new resource from `Location`. */
import { looksLikeId } from '../http-rules/noun.ts'
import { decodeSegment, trimmed } from '../http-rules/route.ts'
import { lastSegment } from './created-set.ts'
import { sameNoun } from './referred.ts'
import { basePath, type SeenAnswer, type SeenCreation, slashOf } from './seen-creation.ts'
import { isCollection, isPage } from './segments.ts'

/** The segment after the request's path. Undefined: none, as when `Location` is that path itself or one above it, which existed before. */
export function placeOf(location: string | undefined, path: string): Place | 'elsewhere' | undefined {
  if (location === undefined) return undefined
  const target = trimmed(location)
  if (target === path || path.startsWith(`${basePath(target)}/`)) return undefined
  if (!target.startsWith(`${basePath(path)}/`)) return isBehindPrefix(target, path) ? placeOfLast(target) : 'elsewhere'
  const [id = '', ...rest] = target.slice(basePath(path).length + 1).split('/')
  if (isPage(id) || (path === '/' && !looksLikeId(id))) return 'elsewhere'
  return { id: decodeSegment(id), isLast: rest.length === 0 }
}

export interface Place {
  readonly id: string
  readonly isLast: boolean
  /** In another collection of the same name. */
  readonly isElsewhere?: true
}

const placeOfLast = (target: string): Place => ({ id: lastSegment(target), isLast: true, isElsewhere: true })

/** `/orders/7` for `/api/orders`. Below another resource (`/users/1/orders`) it may have existed before, and only been added there. */
function isBehindPrefix(target: string, path: string): boolean {
  const kind = lastSegment(path)
  const before = path.split('/').slice(1, -1)
  return (
    kind !== '' &&
    lastSegment(parentOf(target)) === kind &&
    !isPage(lastSegment(target)) &&
    !before.some(isResourceSegment)
  )
}

const isResourceSegment = (segment: string): boolean => looksLikeId(segment) || isCollection(segment)

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))

/** If `Location` is the resource's path, its trailing slash is the one the service wants. */
export function trailingSlash({ location }: SeenAnswer, { path, slash }: SeenCreation): '' | '/' {
  const target = location === undefined ? '' : trimmed(location)
  const isItem = target.lastIndexOf('/') === basePath(path).length && target.startsWith(`${basePath(path)}/`)
  return isItem && location !== undefined ? slashOf(location) : slash
}

/**
 * The resource in `Location`, if a rule says what is created: one below the request's path, or in a collection of the given
 * name. A list, a page, or a resource in the request's path existed before.
 */
export function resourceAt(
  location: string | undefined,
  path: string,
  nouns: readonly string[],
): RulePlace | undefined {
  if (location === undefined) return undefined
  const target = trimmed(location)
  const isNamed = (collection: string) => nouns.some((noun) => sameNoun(noun, lastSegment(collection)))
  const keyed = keyedSet(target)
  if (keyed && (keyed.set === basePath(path) || isNamed(keyed.set)) && !isAbove(target, path))
    return { id: keyed.id, isBelow: keyed.set === basePath(path) }
  const [collection, id] = [parentOf(target), lastSegment(target)]
  const isBelow = collection === basePath(path)
  const isOfRule = isBelow ? path !== '/' || looksLikeId(id) : isNamed(collection)
  return isOfRule && !isPage(id) && !isAbove(target, path) ? { id, isBelow } : undefined
}

/** A resource addressed as in OData: `/Users(7)`, `/Users('carl')`. @param id without quotes, and never with one in it */
export function keyedSet(
  target: string,
): { readonly set: string; readonly id: string; readonly quote: string } | undefined {
  const [, set, quote, id] = /^([A-Za-z_]\w*)\(('?)([^'=,()]+)\2\)$/.exec(lastSegment(target)) ?? []
  return set === undefined || quote === undefined || id === undefined
    ? undefined
    : { set: `${parentOf(trimmed(target))}/${set}`, id, quote }
}

export interface RulePlace {
  readonly id: string
  /** It continues the request's path. */
  readonly isBelow: boolean
}

/** The request's path, and those above it, existed before. */
function isAbove(target: string, path: string): boolean {
  return `${path}/`.startsWith(`${basePath(target)}/`)
}
