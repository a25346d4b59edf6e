/** Derives what an answer says was created, from the rule or by default. Pure. */

import { routeOfPath, typeOfPath } from '../http-rules/noun.ts'
import type { RequestTemplate } from '../http-rules/request-template.ts'
import { trimmed } from '../http-rules/route.ts'
import type { Rule } from '../http-rules/rules.ts'
import type { CreatedSet } from '../resource/capture.ts'
import type { Json } from '../resource/resource.ts'
import { certainIds } from './certain-ids.ts'
import { type Creation, createdSet, lastSegment, literal } from './created-set.ts'
import { type Doubt, doubts } from './doubts.ts'
import { onlyChanges, onlyQueries } from './graphql.ts'
import { trailingSlash } from './location.ts'
import { refusal } from './refused.ts'
import { doubtOfItems, idsOfRule, isOfOther } from './rule-ids.ts'
import { basePath, type SeenAnswer, type SeenCreation, slashOf } from './seen-creation.ts'
import { namesOne } from './segments.ts'
import { severalTypes } from './several-types.ts'
import { isFound } from './was-there.ts'

/** Whether this status means something was created. */
export function isCreationStatus({ matched }: Creation, status: number): boolean {
  return matched ? matched.rule.status.includes(status) : status === 201
}

/** The type that is announced before the answer is known. */
export function announcedType({ method, path, matched }: Creation): string {
  if (matched) return matched.rule.type ?? typeOfPath(matched.route.pattern.replace(/\{\w+\}|\*/g, '0'))
  // PUT names the resource itself: `/users/ada` is a user.
  const collection = method === 'PUT' ? path.slice(0, path.lastIndexOf('/')) : ''
  return typeOfPath(collection || path)
}

/** The request's route, without any of the data sent. */
export function routeText({ method, path, matched }: Creation): string {
  return matched ? matched.route.text : `${method} ${routeOfPath(path)}`
}

/** Everything that was created, one set per type. */
export interface Created {
  readonly sets: readonly CreatedSet[]
  /** Why some or all of it is not trusted. */
  readonly doubt?: Doubt
  /** Why nothing was created. */
  readonly none?: 'rejected' | 'not-a-creation' | 'updated-existing'
}

export function creationsIn(creation: SeenCreation, answer: SeenAnswer): Created {
  const { matched } = creation
  if (matched && onlyQueries(answer.sent)) return { sets: [], none: 'not-a-creation' }
  if (matched && answer.doubt) return { sets: [], doubt: answer.doubt }
  const refused = refusal(answer.body)
  // With a status that a rule lists, the body decides; 201 contradicts it.
  if (refused === 'failed' && matched && !hasSeveral(matched.rule)) return { sets: [], none: 'rejected' }
  if (refused && !(refused === 'errors' && matched && hasPlace(matched.rule)))
    return { sets: [], doubt: doubts.refused }
  if (matched && isFound(answer.body, announcedType(creation))) return { sets: [], none: 'updated-existing' }
  const { sets, doubt } = matched ? byRule(creation, matched.rule, answer) : byDefault(creation, answer)
  const filled = sets.filter(({ keys }) => keys.length > 0)
  if (matched && !doubt && filled.length === 0 && onlyChanges(answer.sent)) return { sets: [], none: 'not-a-creation' }
  const why = doubt ?? (filled.length === 0 ? doubts.noId : undefined)
  return why ? { sets: filled, doubt: why } : { sets: filled }
}

const hasSeveral = ({ many, entities, id }: Rule): boolean =>
  many !== undefined || entities !== undefined || (id?.in === 'body' && id.steps.includes('[]'))

const hasPlace = ({ many, entities, id }: Rule): boolean => (many ?? entities ?? id) !== undefined

function byDefault(creation: SeenCreation, answer: SeenAnswer): Created {
  const type = announcedType(creation)
  const { ids, doubt } = certainIds(creation, answer, type)
  const { method, path } = creation
  const url = method === 'PUT' ? withId(path) : `${literal(basePath(path))}/{id}`
  const remove = { method: 'DELETE', url: url + (method === 'PUT' ? creation.slash : trailingSlash(answer, creation)) }
  return { sets: [createdSet(creation, answer, type, ids, remove)], ...(doubt ? { doubt } : {}) }
}

function byRule(creation: SeenCreation, rule: Rule, answer: SeenAnswer): Created {
  if (rule.many || rule.entities)
    return withItemDoubt(
      withLocationDoubt(severalTypes(creation, rule, answer), rule, answer),
      doubtOfItems(rule, answer),
    )
  const { location } = answer
  const type = announcedType(creation)
  const keys = idsOfRule(creation, rule, answer, type)
  if (!rule.remove && isOfOther(creation, location, keys, type)) return { sets: [], doubt: doubts.notOfRule }
  const remove = rule.remove ?? defaultRemoval(creation, location, keys)
  const created = withLocationDoubt([createdSet(creation, answer, type, keys, remove)], rule, answer)
  return withItemDoubt(created, doubtOfItems(rule, answer, type))
}

/** That some items were changed is only reported if nothing else was done. */
function withItemDoubt(created: Created, doubt: Doubt | undefined): Created {
  const isReported = doubt && (doubt !== doubts.changed || created.sets.every(({ keys }) => keys.length === 0))
  return isReported && !created.doubt ? { ...created, doubt } : created
}

/** A `Location` that leads elsewhere is only reported if the id was expected in it. */
function withLocationDoubt(sets: readonly CreatedSet[], rule: Rule, { location }: SeenAnswer): Created {
  const places = rule.many ? Object.values(rule.many) : [rule.id ?? rule.entities]
  const isLocationUsed =
    location !== undefined && places.some((place) => place === undefined || place.in === 'location')
  return isLocationUsed && sets.every(({ keys }) => keys.length === 0) ? { sets, doubt: doubts.notOfRule } : { sets }
}

function defaultRemoval(
  { method, path, slash }: SeenCreation,
  location: string | undefined,
  keys: readonly Json[],
): RequestTemplate {
  const isKey = (segment: string) => keys.length === 1 && segment === String(keys[0])
  const collection = { method: 'DELETE', url: `${literal(basePath(path))}/{id}${slash}` }
  if (method === 'PUT') {
    const isOne = isKey(lastSegment(path)) || namesOne(path)
    return isOne ? { method: 'DELETE', url: withId(path) + slash } : collection
  }
  if (location === undefined || !isKey(lastSegment(location))) return collection
  return { method: 'DELETE', url: withId(trimmed(location)) + slashOf(location) }
}

function withId(path: string): string {
  return `${literal(path.slice(0, path.lastIndexOf('/')))}/{id}`
}
