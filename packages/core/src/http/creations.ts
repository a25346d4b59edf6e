/** What an answer says was created: pure, from the rule or by default. */
import type { CreatedSet } from '../resource/capture.ts'
import type { Json } from '../resource/resource.ts'
import { idOf, idsInBody } from './default-ids.ts'
import { looksLikeId, plural, routeOfPath, singular, typeOfPath } from './noun.ts'
import { isId, type Place, valuesAt } from './place.ts'
import { fillRequest, type RequestTemplate, requestRemoval } from './request-template.ts'
import { decodeSegment, trimmed } from './route.ts'
import type { MatchedRule, Rule } from './rules.ts'

export interface Creation {
  readonly method: string
  /** Without query. */
  readonly path: string
  readonly matched: MatchedRule | undefined
}

export interface CreationAnswer {
  header(name: string): string | undefined
  /** The path of `Location`, when it is on the same origin. */
  readonly location: string | undefined
  /** Undefined when there is none, or none that is JSON. */
  readonly body: Json | undefined
}

/** Whether an answer with this status tells of a creation. */
export function tellsOfCreation({ matched }: Creation, status: number): boolean {
  return matched ? matched.rule.status.includes(status) : status === 201
}

/** The type that is announced before the answer is known. */
export function announcedType({ path, matched }: Creation): string {
  return matched?.rule.type ?? typeOfPath(matched ? matched.route.pattern.replace(/\{\w+\}|\*/g, '0') : path)
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

function keysOf(creation: Creation, answer: CreationAnswer): Json[] {
  const { matched, method, path } = creation
  if (matched?.rule.id) return keysAt(matched.rule.id, creation, answer)
  if (matched?.params.id !== undefined && matched.route.pattern.endsWith('/{id}')) return [matched.params.id]
  if (!matched && method === 'PUT') return [lastSegment(path)]
  const inBody = idsInBody(answer.body)
  if (inBody.length > 0) return inBody
  return answer.location !== undefined && leadsToNew(answer.location, path) ? [lastSegment(answer.location)] : []
}

function keysAt(place: Place, { matched }: Creation, answer: CreationAnswer): Json[] {
  if (place.in === 'location') return answer.location === undefined ? [] : [lastSegment(answer.location)]
  if (place.in === 'body')
    return valuesAt(answer.body, place.steps)
      .map((found) => idOf(found) ?? found)
      .filter(isId)
  const found = place.in === 'header' ? answer.header(place.name) : matched?.params[place.name]
  return isId(found) ? [found] : []
}

/** `Location` may also lead to a page that was there before (`/home`): that must never be deleted. */
function leadsToNew(location: string, createPath: string): boolean {
  return location.startsWith(`${createPath}/`) || looksLikeId(lastSegment(location))
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

function severalTypes(creation: Creation, rule: Rule, answer: CreationAnswer): CreatedSet[] {
  const lists = [
    ...Object.entries(rule.many ?? {}).map(([type, place]) => [type, keysAt(place, creation, answer)] as const),
    ...entityLists(rule, answer),
  ]
  return lists.map(([name, keys]) => {
    const type = singular(name)
    const remove = rule.removals[name] ?? rule.removals[type] ?? besides(creation.path, plural(name))
    return createdSet(creation, answer, type, keys, remove)
  })
}

function entityLists(rule: Rule, answer: CreationAnswer): (readonly [string, Json[]])[] {
  if (rule.entities?.in !== 'body') return []
  const [entities] = valuesAt(answer.body, rule.entities.steps)
  if (typeof entities !== 'object' || entities === null) return []
  return Object.entries(entities).map(
    ([type, list]) =>
      [
        type,
        [list]
          .flat()
          .map((item: Json) => idOf(item) ?? item)
          .filter(isId),
      ] as const,
  )
}

function besides(path: string, collection: string): RequestTemplate {
  return { method: 'DELETE', url: `${literal(path.slice(0, path.lastIndexOf('/')))}/${collection}/{id}` }
}

function createdSet(
  creation: Creation,
  answer: CreationAnswer,
  type: string,
  keys: readonly Json[],
  remove: RequestTemplate,
): CreatedSet {
  const { rule, params } = creation.matched ?? {}
  const { verify, gone } = rule ?? {}
  const whole = { ...remove, ...(verify === undefined ? {} : { verify }), ...(gone === undefined ? {} : { gone }) }
  const filled = fillRequest(whole, (name) => {
    if (name === 'id' || name === 'each.id') return undefined
    return name.startsWith('body.') ? valuesAt(answer.body, name.split('.').slice(1))[0] : params?.[name]
  })
  return { type, keys: unique(keys), steps: [requestRemoval('$driver', filled)], proof: { strength: 'key-only' } }
}

function withId(path: string): string {
  return `${literal(path.slice(0, path.lastIndexOf('/')))}/{id}`
}

/** A path as it was, in which nothing is to be filled in. */
function literal(path: string): string {
  return path.replace(/[{}]/g, encodeURIComponent)
}

function lastSegment(path: string): string {
  return decodeSegment(trimmed(path).split('/').at(-1) ?? '')
}

function unique(keys: readonly Json[]): Json[] {
  return [...new Set(keys)]
}
