/** The ids of what was created, as a rule says where they are. A rule vouches for the answer, also where it does not say all. */

import { idOf, wrappedThings } from '../http-rules/default-ids.ts'
import { looksLikeId, typeOfPath } from '../http-rules/noun.ts'
import { isId, type Place, valuesAt } from '../http-rules/place.ts'
import type { RequestTemplate } from '../http-rules/request-template.ts'
import type { Rule } from '../http-rules/rules.ts'
import type { Json } from '../resource/resource.ts'
import type { Creation } from './created-set.ts'
import { lastSegment } from './created-set.ts'
import { type Doubt, doubts } from './doubts.ts'
import { noCreation } from './items.ts'
import { oneOf } from './location.ts'
import type { SeenAnswer } from './seen-creation.ts'

/** What looks like an id is one, where the rule does not say where it is. @param type of what is created */
export function idsOfRule(creation: Creation, rule: Rule, answer: SeenAnswer, type: string): Json[] {
  const { matched } = creation
  const nouns = nounsOf(type, rule.remove)
  if (rule.id) return keysAt(rule.id, creation, answer, nouns)
  if (matched?.params.id !== undefined && matched.route.pattern.endsWith('/{id}')) return [matched.params.id]
  const own = idOf(answer.body)
  if (own !== undefined) return [own]
  const place = oneOf(answer.location, creation.path, nouns)
  if (place?.isBelow) return [place.id]
  const wrapped = wrappedThings(answer.body, type)
  const things = Array.isArray(wrapped)
    ? wrapped.filter((one) => noCreation(one, answer, nouns) === undefined)
    : [wrapped]
  const ids = things.map(idOf).filter((id) => id !== undefined)
  if (ids.length > 0) return ids
  return place && looksLikeId(place.id) ? [place.id] : []
}

/** The ids that stand at a place. @param nouns what the collection in `Location` may be called */
export function keysAt(place: Place, creation: Creation, answer: SeenAnswer, nouns: readonly string[]): Json[] {
  if (place.in === 'location') {
    const found = oneOf(answer.location, creation.path, nouns)?.id
    return isId(found) ? [found] : []
  }
  if (place.in === 'body') return idsIn(answer.body, place.steps, answer, nouns)
  const found = place.in === 'header' ? answer.header(place.name) : creation.matched?.params[place.name]
  return isId(found) ? [found] : []
}

/** Ids, or things that have one: of a list those that were created. */
export function idsIn(
  value: Json | undefined,
  steps: readonly string[],
  answer: SeenAnswer,
  nouns: readonly string[],
): Json[] {
  return valuesAt(value, steps, (item) => noCreation(item, answer, nouns) === undefined)
    .map((found) => idOf(found) ?? found)
    .filter(isId)
}

/** Why not each item at the rule's places is taken. @param type undefined: it is for several */
export function doubtOfItems(
  { id, many = {}, remove, removals }: Rule,
  answer: SeenAnswer,
  type?: string,
): Doubt | undefined {
  const nouns =
    type === undefined ? Object.keys(many).flatMap((name) => nounsOf(name, removals[name])) : nounsOf(type, remove)
  const seen = new Set<ReturnType<typeof noCreation>>()
  for (const place of id ? [id] : Object.values(many))
    if (place.in === 'body')
      valuesAt(answer.body, place.steps, (item) => {
        const why = noCreation(item, answer, nouns)
        seen.add(why)
        return why === undefined
      })
  return seen.has('other') ? doubts.otherType : seen.has('changed') ? doubts.changed : undefined
}

/** What a rule's things are called: the type, and what its removal has before the id. */
export function nounsOf(type: string, remove: RequestTemplate | undefined): string[] {
  const [collection = ''] = remove?.url.split(/\/\{(?:each\.)?ids?\}|[?#]/) ?? []
  return remove ? [type, typeOfPath(collection.replace(/\{[\w.]+\}/g, '0'))] : [type]
}

/** Whether `Location` ends in the only id, and is another's: then that may be the other's too. */
export function isAnothers(
  { method, path }: Creation,
  location: string | undefined,
  keys: readonly Json[],
  type: string,
): boolean {
  if (method === 'PUT' || location === undefined || keys.length !== 1) return false
  return lastSegment(location) === String(keys[0]) && oneOf(location, path, [type]) === undefined
}
