/** What an answer says was created: pure, from the rule or by default. */

import { idOf, wrappedIds } from '../http-rules/default-ids.ts'
import { looksLikeId, routeOfPath, typeOfPath } from '../http-rules/noun.ts'
import type { RequestTemplate } from '../http-rules/request-template.ts'
import { trimmed } from '../http-rules/route.ts'
import type { Rule } from '../http-rules/rules.ts'
import type { CreatedSet } from '../resource/capture.ts'
import type { Json } from '../resource/resource.ts'
import { certainIds, type Doubt, doubts } from './certain-ids.ts'
import { type Creation, createdSet, keysAt, lastSegment, literal } from './created-set.ts'
import { collectionOf, endOf, isAbove } from './location.ts'
import { type SeenAnswer, type SeenCreation, slashOf, upTo } from './seen-creation.ts'
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

/** Everything that was created, a set for each type; none when no id is certain, and then why. */
export interface Created {
  readonly sets: readonly CreatedSet[]
  readonly doubt: Doubt
}

export function creationsIn(creation: SeenCreation, answer: SeenAnswer): Created {
  if (!creation.matched) return byDefault(creation, answer)
  const { rule } = creation.matched
  const sets = rule.many || rule.entities ? severalTypes(creation, rule, answer) : [byRule(creation, rule, answer)]
  return { sets: sets.filter(({ keys }) => keys.length > 0), doubt: doubts.noId }
}

function byDefault(creation: SeenCreation, answer: SeenAnswer): Created {
  const type = announcedType(creation)
  const certain = certainIds(creation, answer, type)
  if ('doubt' in certain) return { sets: [], doubt: certain.doubt }
  const { method, path } = creation
  const collection = method === 'PUT' ? path : collectionOf(creation, answer)
  const url = method === 'PUT' ? withId(path) : `${literal(upTo(collection))}/{id}`
  const remove = { method: 'DELETE', url: url + endOf(answer.location, collection, creation) }
  return { sets: [createdSet(creation, answer, type, certain.ids, remove)], doubt: doubts.noId }
}

function byRule(creation: SeenCreation, rule: Rule, answer: SeenAnswer): CreatedSet {
  const keys = keysOf(creation, rule, answer)
  const remove = rule.remove ?? defaultRemoval(creation, answer, keys)
  return createdSet(creation, answer, announcedType(creation), keys, remove)
}

/** A rule vouches for the answer, also where it does not say all: what looks like an id is one. */
function keysOf(creation: SeenCreation, rule: Rule, answer: SeenAnswer): Json[] {
  const { matched, path } = creation
  if (rule.id) return keysAt(rule.id, creation, answer)
  if (matched?.params.id !== undefined && matched.route.pattern.endsWith('/{id}')) return [matched.params.id]
  const own = idOf(answer.body)
  if (own !== undefined) return [own]
  const { location } = answer
  if (location !== undefined && trimmed(location).startsWith(`${path}/`)) return [lastSegment(location)]
  const wrapped = wrappedIds(answer.body, announcedType(creation))
  if (wrapped.length > 0) return wrapped
  return location !== undefined && looksLikeId(lastSegment(location)) && (rule.remove || !isAbove(location, path))
    ? [lastSegment(location)]
    : []
}

function defaultRemoval(
  { method, path, slash, matched }: SeenCreation,
  { location }: SeenAnswer,
  keys: readonly Json[],
): RequestTemplate {
  if (method === 'PUT') return { method: 'DELETE', url: withId(path) + slash }
  const named = location !== undefined && keys.length === 1 && lastSegment(location) === String(keys[0])
  const isOwn = named && (matched?.rule.id !== undefined || !isAbove(location, path))
  return {
    method: 'DELETE',
    url: isOwn ? withId(trimmed(location)) + slashOf(location) : `${literal(upTo(path))}/{id}${slash}`,
  }
}

function withId(path: string): string {
  return `${literal(path.slice(0, path.lastIndexOf('/')))}/{id}`
}
