/** What `Location` says of a new thing. */
import { looksLikeId } from '../http-rules/noun.ts'
import { decodeSegment, trimmed } from '../http-rules/route.ts'
import { lastSegment } from './created-set.ts'
import { sameNoun } from './referred.ts'
import { type SeenAnswer, type SeenCreation, slashOf, upTo } from './seen-creation.ts'
import { isCollection, isPage } from './segments.ts'

/**
 * The segment after the path of the request. Undefined: nothing, as when it names that path itself or
 * one above it, which were there before.
 */
export function placeOf(location: string | undefined, path: string): Place | 'elsewhere' | undefined {
  if (location === undefined) return undefined
  const to = trimmed(location)
  if (to === path || path.startsWith(`${upTo(to)}/`)) return undefined
  if (!to.startsWith(`${upTo(path)}/`)) return isBehindPrefix(to, path) ? placeElsewhere(to) : 'elsewhere'
  const [id = '', ...rest] = to.slice(upTo(path).length + 1).split('/')
  if (isPage(id) || (path === '/' && !looksLikeId(id))) return 'elsewhere'
  return { id: decodeSegment(id), isLast: rest.length === 0 }
}

export interface Place {
  readonly id: string
  readonly isLast: boolean
  /** In a collection that is called the same. */
  readonly isElsewhere?: true
}

const placeElsewhere = (to: string): Place => ({ id: lastSegment(to), isLast: true, isElsewhere: true })

/** `/orders/7` for `/api/orders`. Below another thing (`/users/1/orders`) it may be one that was there before, and was only put there. */
function isBehindPrefix(to: string, path: string): boolean {
  const kind = lastSegment(path)
  const before = path.split('/').slice(1, -1)
  return kind !== '' && lastSegment(parentOf(to)) === kind && !isPage(lastSegment(to)) && !before.some(isOfThing)
}

const isOfThing = (segment: string): boolean => looksLikeId(segment) || isCollection(segment)

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))

/** Where `Location` has the path of the thing, it has it as the service wants it. */
export function endOf({ location }: SeenAnswer, { path, slash }: SeenCreation): '' | '/' {
  const to = location === undefined ? '' : trimmed(location)
  const isThing = to.lastIndexOf('/') === upTo(path).length && to.startsWith(`${upTo(path)}/`)
  return isThing && location !== undefined ? slashOf(location) : slash
}

/**
 * The thing that `Location` leads to, where a rule says what is created: one below the path of the request, or in a collection that is called
 * so. A list, a page, or what the path of the request names was there before.
 */
export function oneOf(location: string | undefined, path: string, nouns: readonly string[]): RulePlace | undefined {
  if (location === undefined) return undefined
  const to = trimmed(location)
  const [collection, id] = [parentOf(to), lastSegment(to)]
  const isBelow = collection === upTo(path)
  const isOfRule = isBelow
    ? path !== '/' || looksLikeId(id)
    : nouns.some((noun) => sameNoun(noun, lastSegment(collection)))
  return isOfRule && !isPage(id) && !isAbove(to, path) ? { id, isBelow } : undefined
}

export interface RulePlace {
  readonly id: string
  /** It goes on from the path of the request. */
  readonly isBelow: boolean
}

/** The path of the request, and those above it, were there before. */
function isAbove(to: string, path: string): boolean {
  return `${path}/`.startsWith(`${upTo(to)}/`)
}
