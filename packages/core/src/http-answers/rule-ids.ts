/** The ids of created resources by a rule. A rule vouches for the answer, even if it does not specify everything. */

import { idOf, wrappedResources } from '../http-rules/default-ids.ts'
import { looksLikeId, typeOfPath } from '../http-rules/noun.ts'
import { isId, type Place, valuesAt } from '../http-rules/place.ts'
import type { RequestTemplate } from '../http-rules/request-template.ts'
import { trimmed } from '../http-rules/route.ts'
import type { Rule } from '../http-rules/rules.ts'
import type { Json } from '../resource/resource.ts'
import type { CertainIds } from './certain-ids.ts'
import type { Creation } from './created-set.ts'
import { lastSegment } from './created-set.ts'
import { type Doubt, doubts } from './doubts.ts'
import { noCreation } from './items.ts'
import { linkReader, type ReadLinks } from './linked-id.ts'
import { resourceAt } from './location.ts'
import type { SeenAnswer } from './seen-creation.ts'

/** Anything that looks like an id is accepted if the rule gives no place. @param type of the created resource */
export function idsOfRule(creation: Creation, rule: Rule, answer: SeenAnswer, type: string): CertainIds {
  const { matched } = creation
  const nouns = nounsOf(type, rule.remove)
  if (rule.id) return { ids: keysAt(rule.id, creation, answer, nouns) }
  if (matched?.params.id !== undefined && matched.route.pattern.endsWith('/{id}')) return { ids: [matched.params.id] }
  const readLinks = linkReader(creation, answer)
  const idsShown = (one: Json | undefined) => shownIds(one, creation, rule, readLinks)
  if (idOf(answer.body) !== undefined) return idsShown(answer.body)
  const place = resourceAt(answer.location, creation.path, nouns)
  if (place?.isBelow) return { ids: [place.id] }
  const wrapped = wrappedResources(answer.body, type)
  const shown = Array.isArray(wrapped)
    ? wrapped.filter((one) => noCreation(one, answer, nouns) === undefined)
    : [wrapped]
  const found = shown.map(idsShown)
  const ids = found.flatMap((one) => one.ids)
  if (ids.length === 0 && place && looksLikeId(place.id)) return { ids: [place.id] }
  return { ids, doubt: found.find(({ doubt }) => doubt)?.doubt }
}

/** A rule that removes from the request's path needs the id of that path. */
function shownIds(one: Json | undefined, { matched }: Creation, { remove }: Rule, readLinks: ReadLinks): CertainIds {
  const own = idOf(one)
  if (own === undefined) return { ids: [] }
  const isBelow = remove === undefined || trimmed(remove.url) === `${matched?.route.pattern}/{id}`
  const linked = readLinks(own, one)
  return isBelow && linked.doubt !== doubts.linked ? linked : { ids: [own] }
}

/** The ids at a place. @param nouns possible names of the collection in `Location` */
export function keysAt(place: Place, creation: Creation, answer: SeenAnswer, nouns: readonly string[]): Json[] {
  if (place.in === 'location') {
    const found = resourceAt(answer.location, creation.path, nouns)?.id
    return isId(found) ? [found] : []
  }
  if (place.in === 'body') return idsIn(answer.body, place.steps, answer, nouns)
  const found = place.in === 'header' ? answer.header(place.name) : creation.matched?.params[place.name]
  return isId(found) ? [found] : []
}

/** The ids in a value, or those of its objects; of a list only created items. */
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

/** Why some items at the rule's places are skipped. @param type undefined: the rule has several types */
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

/** Names of a rule's resources: the type, and the segment before the id in its removal. */
export function nounsOf(type: string, remove: RequestTemplate | undefined): string[] {
  const [collection = ''] = remove?.url.split(/\/\{(?:each\.)?ids?\}|[?#]/) ?? []
  return remove ? [type, typeOfPath(collection.replace(/\{[\w.]+\}/g, '0'))] : [type]
}

/** Whether `Location` ends in the only id, but is another resource's path: then the id may be the other's too. */
export function isOfOther(
  { method, path }: Creation,
  location: string | undefined,
  keys: readonly Json[],
  type: string,
): boolean {
  if (method === 'PUT' || location === undefined || keys.length !== 1) return false
  return lastSegment(location) === String(keys[0]) && resourceAt(location, path, [type]) === undefined
}
