/** Derives what an answer says was created, from the rule or by default. Pure. */

import { routeOfPath, typeOfPath } from '../http-rules/noun.ts'
import type { RequestTemplate } from '../http-rules/request-template.ts'
import { trimmed } from '../http-rules/route.ts'
import type { Rule } from '../http-rules/rules.ts'
import type { CreatedSet } from '../resource/capture.ts'
import type { Json } from '../resource/resource.ts'
import { certainIds } from './certain-ids.ts'
import { type Creation, createdSets, lastSegment, literal } from './created-set.ts'
import { type Doubt, doubts } from './doubts.ts'
import { keyedSet, trailingSlash } from './location.ts'
import { createdOnTheWay } from './on-the-way.ts'
import { type Operations, operationsIn } from './operations.ts'
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
  const rule = creation.matched?.rule
  const operations = rule && operationsIn(answer.sent, answer.body, rule)
  if (operations?.noneCreates) return { sets: [], none: 'not-a-creation' }
  if (rule && answer.doubt) return { sets: [], doubt: answer.doubt }
  const refused = refusal(answer.body)
  // With a status that a rule lists, the body decides; 201 contradicts it.
  if (refused === 'failed' && rule && !hasSeveral(rule)) return { sets: [], none: 'rejected' }
  if (refused && !operations?.isFailed && !(refused === 'errors' && rule && hasPlace(rule)))
    return { sets: [], doubt: doubts.refused }
  if (rule && isFound(answer.body, announcedType(creation))) return { sets: [], none: 'updated-existing' }
  return rule ? ofRule(creation, rule, answer, operations) : withKeys(byDefault(creation, answer))
}

/** Without what the operations did not create, and what an object on the way to the rule's place denies. */
function ofRule(creation: SeenCreation, rule: Rule, answer: SeenAnswer, operations: Operations | undefined): Created {
  const { body, left } = createdOnTheWay(operations ? operations.body : answer.body, rule, answer.sent)
  const { sets, doubt } = byRule(creation, rule, answerWith(answer, body))
  const keys = sets.flatMap((set) => set.keys)
  if (!doubt && keys.length === 0 && left === 'found') return { sets: [], none: 'updated-existing' }
  if (!doubt && keys.length === 0 && operations?.isFailed) return { sets: [], none: 'rejected' }
  const denied = left === 'denied' ? doubts.refused : undefined
  const why = doubt ?? denied ?? (isInBody(rule) && left === undefined ? operations?.doubtFor(keys) : undefined)
  return withKeys(why ? { sets, doubt: why } : { sets })
}

/** The other fields may be getters. */
const answerWith = (answer: SeenAnswer, body: Json | undefined): SeenAnswer =>
  body === answer.body ? answer : Object.create(answer, { body: { value: body } })

function withKeys({ sets, doubt }: Created): Created {
  const filled = sets.filter(({ keys }) => keys.length > 0)
  const why = doubt ?? (filled.length === 0 ? doubts.noId : undefined)
  return why ? { sets: filled, doubt: why } : { sets: filled }
}

const isInBody = ({ id, many = {} }: Rule): boolean =>
  [...(id ? [id] : []), ...Object.values(many)].every((place) => place.in === 'body')

const hasSeveral = ({ many, entities, id }: Rule): boolean =>
  many !== undefined || entities !== undefined || (id?.in === 'body' && id.steps.includes('[]'))

const hasPlace = ({ many, entities, id }: Rule): boolean => (many ?? entities ?? id) !== undefined

function byDefault(creation: SeenCreation, answer: SeenAnswer): Created {
  const type = announcedType(creation)
  const certain = certainIds(creation, answer, type)
  const { ids } = certain
  // `/users?id=eq.6`, as of PostgREST.
  const isInQuery = certain.doubt === doubts.noId && answer.header('location')?.includes('?')
  const doubt = isInQuery ? doubts.inQuery : certain.doubt
  const { method, path } = creation
  const url = method === 'PUT' ? withId(path) : `${literal(basePath(path))}/{id}`
  const remove = { method: 'DELETE', url: url + (method === 'PUT' ? creation.slash : trailingSlash(answer, creation)) }
  return { sets: createdSets(creation, answer, type, ids, remove), ...(doubt ? { doubt } : {}) }
}

function byRule(creation: SeenCreation, rule: Rule, answer: SeenAnswer): Created {
  if (rule.many || rule.entities)
    return withItemDoubt(
      withLocationDoubt(severalTypes(creation, rule, answer), rule, answer),
      doubtOfItems(rule, answer),
    )
  const { location } = answer
  const type = announcedType(creation)
  const { ids: keys, doubt } = idsOfRule(creation, rule, answer, type)
  if (!rule.remove && isOfOther(creation, location, keys, type)) return { sets: [], doubt: doubts.notOfRule }
  const remove = rule.remove ?? defaultRemoval(creation, location, keys)
  const sets = createdSets(creation, answer, type, keys, remove, rule.id)
  const created = doubt ? { sets, doubt } : withLocationDoubt(sets, rule, answer)
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
  const keyed = location === undefined ? undefined : keyedSet(location)
  if (keyed && isKey(keyed.id))
    return { method: 'DELETE', url: `${literal(keyed.set)}(${keyed.quote}{id}${keyed.quote})` }
  if (location === undefined || !isKey(lastSegment(location))) return collection
  return { method: 'DELETE', url: withId(trimmed(location)) + slashOf(location) }
}

function withId(path: string): string {
  return `${literal(path.slice(0, path.lastIndexOf('/')))}/{id}`
}
