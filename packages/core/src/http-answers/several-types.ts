/** Reads resources of several types from one answer. */

import { type Place, valuesAt } from '../http-rules/place.ts'
import type { RequestTemplate } from '../http-rules/request-template.ts'
import type { Rule } from '../http-rules/rules.ts'
import type { CreatedSet } from '../resource/capture.ts'
import { plural, singular } from '../resource/plural.ts'
import type { Json } from '../resource/resource.ts'
import { createdSets, literal } from './created-set.ts'
import { idsIn, keysAt, nounsOf } from './rule-ids.ts'
import type { SeenAnswer, SeenCreation } from './seen-creation.ts'

export function severalTypes(creation: SeenCreation, rule: Rule, answer: SeenAnswer): CreatedSet[] {
  const lists = [
    ...Object.entries(rule.many ?? {}).map(
      ([type, place]) => [type, keysAt(place, creation, answer, nounsOf(type, removalOf(rule, type))), place] as const,
    ),
    ...entityLists(rule, answer),
  ]
  return lists.flatMap(([name, keys, place]) => {
    const type = singular(name)
    const remove = removalOf(rule, name) ?? siblingRemoval(creation, plural(name))
    return createdSets(creation, answer, type, keys, remove, place)
  })
}

function removalOf({ removals }: Rule, name: string): RequestTemplate | undefined {
  // An answer may name any type: `constructor`.
  const own = [name, singular(name)].find((one) => Object.hasOwn(removals, one))
  return own === undefined ? undefined : removals[own]
}

function entityLists(rule: Rule, answer: SeenAnswer): (readonly [string, Json[], Place])[] {
  if (rule.entities?.in !== 'body') return []
  const { steps } = rule.entities
  const [entities] = valuesAt(answer.body, steps)
  if (typeof entities !== 'object' || entities === null) return []
  return Object.entries(entities).map(
    ([type, list]) => [type, idsIn(list as Json, [], answer, []), { in: 'body', steps: [...steps, type] }] as const,
  )
}

function siblingRemoval({ path, slash }: SeenCreation, collection: string): RequestTemplate {
  return { method: 'DELETE', url: `${literal(path.slice(0, path.lastIndexOf('/')))}/${collection}/{id}${slash}` }
}
