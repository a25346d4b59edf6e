/** What an answer says was created: pure, from the rule or by default. */
import type { CreatedSet } from '../resource/capture.ts'
import type { Json } from '../resource/resource.ts'
import { type Creation, type CreationAnswer, createdSet, keysAt, lastSegment, literal } from './created-set.ts'
import { idOf, wrappedIds } from './default-ids.ts'
import { looksLikeId, routeOfPath, typeOfPath } from './noun.ts'
import type { RequestTemplate } from './request-template.ts'
import { severalTypes } from './several-types.ts'

/** Whether an answer with this status tells of a creation. */
export function tellsOfCreation({ matched }: Creation, status: number): boolean {
  return matched ? matched.rule.status.includes(status) : status === 201
}

/** The type that is announced before the answer is known. */
export function announcedType({ method, path, matched }: Creation): string {
  if (matched) return matched.rule.type ?? typeOfPath(matched.route.pattern.replace(/\{\w+\}|\*/g, '0'))
  // PUT names the thing itself: `/users/ada` is a user.
  const collection = method === 'PUT' ? path.slice(0, path.lastIndexOf('/')) : ''
  return typeOfPath(collection || path)
}

/** What kind of request it is; never with what was sent. */
export function routeText({ method, path, matched }: Creation): string {
  return matched ? matched.route.text : `${method} ${routeOfPath(path)}`
}

/** Everything that was created, a set for each type; none when no id is found. */
export function creationsIn(creation: Creation, answer: CreationAnswer): CreatedSet[] {
  const rule = creation.matched?.rule
  const sets = rule?.many || rule?.entities ? severalTypes(creation, rule, answer) : [oneType(creation, answer)]
  return sets.filter(({ keys }) => keys.length > 0)
}

function oneType(creation: Creation, answer: CreationAnswer): CreatedSet {
  const keys = keysOf(creation, answer)
  const rule = creation.matched?.rule
  const remove = rule?.remove ?? defaultRemoval(creation, answer, keys)
  return createdSet(creation, answer, announcedType(creation), keys, remove)
}

/** `Location` may also lead to a page that was there before (`/home`): that must never be deleted. */
function keysOf(creation: Creation, answer: CreationAnswer): Json[] {
  const { matched, method, path } = creation
  if (matched?.rule.id) return keysAt(matched.rule.id, creation, answer)
  if (matched?.params.id !== undefined && matched.route.pattern.endsWith('/{id}')) return [matched.params.id]
  if (!matched && method === 'PUT') return [lastSegment(path)]
  const own = idOf(answer.body)
  if (own !== undefined) return [own]
  const { location } = answer
  if (location?.startsWith(`${path}/`)) return [lastSegment(location)]
  const wrapped = wrappedIds(answer.body, announcedType(creation))
  if (wrapped.length > 0) return wrapped
  return location !== undefined && looksLikeId(lastSegment(location)) ? [lastSegment(location)] : []
}

function defaultRemoval(
  { method, path }: Creation,
  { location }: CreationAnswer,
  keys: readonly Json[],
): RequestTemplate {
  if (method === 'PUT') return { method: 'DELETE', url: withId(path) }
  const named = location !== undefined && keys.length === 1 && lastSegment(location) === String(keys[0])
  return { method: 'DELETE', url: named ? withId(location) : `${literal(path)}/{id}` }
}

function withId(path: string): string {
  return `${literal(path.slice(0, path.lastIndexOf('/')))}/{id}`
}
