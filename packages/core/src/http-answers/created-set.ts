/** Builds the set of created resources: their keys, and how each is removed. */

import { holds } from '../http-rules/condition.ts'
import { isId, type Place, valuesAt } from '../http-rules/place.ts'
import { fillRequest, type RequestTemplate, requestRemoval } from '../http-rules/request-template.ts'
import { decodeSegment, trimmed } from '../http-rules/route.ts'
import type { MatchedRule, Rule } from '../http-rules/rules.ts'
import type { CreatedSet } from '../resource/capture.ts'
import type { Json } from '../resource/resource.ts'
import type { Values } from '../resource/template.ts'
import { bodiesByKey } from './item-values.ts'

export interface Creation {
  readonly method: string
  /** Without query. */
  readonly path: string
  readonly matched: MatchedRule | undefined
}

export interface CreationAnswer {
  header(name: string): string | undefined
  /** The path of `Location`, if it is on the same origin, or continues the request's path. */
  readonly location: string | undefined
  /** Undefined if there is no JSON body. */
  readonly body: Json | undefined
}

/** One set, or several if the removals of the keys differ. @param place of the ids, if the rule gives one */
export function createdSets(
  creation: Creation,
  answer: CreationAnswer,
  type: string,
  keys: readonly Json[],
  remove: RequestTemplate,
  place?: Place,
): CreatedSet[] {
  const all = unique(keys.filter(isId))
  const set = (body: Json | undefined, own: readonly Json[]) => ({
    ...{ type, keys: own, proof: { strength: 'key-only' } as const },
    steps: stepsOf(creation, body, remove),
  })
  if (!usesAnswer(creation.matched?.rule, remove)) return [set(answer.body, all)]
  const bodies = bodiesByKey(answer.body, type, place)
  const sets = all.map((key) => set(bodies.get(key) ?? answer.body, [key]))
  return Object.values(Object.groupBy(sets, ({ steps }) => JSON.stringify(steps))).flatMap((alike = []) =>
    alike.slice(0, 1).map((one) => ({ ...one, keys: alike.flatMap((other) => other.keys) })),
  )
}

const usesAnswer = (rule: Rule | undefined, remove: RequestTemplate): boolean =>
  rule !== undefined && /\{body\.|"answer":/.test(JSON.stringify([remove, rule.parts, rule.fallback]))

function stepsOf({ matched }: Creation, body: Json | undefined, remove: RequestTemplate): CreatedSet['steps'] {
  const { rule, params } = matched ?? {}
  const values: Values = (name) => {
    if (later.has(name)) return undefined
    return name.startsWith('body.') ? fieldOf(body, name) : params?.[name]
  }
  const filled = fillRequest({ ...remove, ...rule?.parts }, values)
  const fallbacks = rule?.fallback?.map((one) => fillRequest(one, values)) ?? []
  return [filled, ...fallbacks].map((one) => requestRemoval('$driver', withCondition(one, body)))
}

/** Filled in at removal. */
const later = new Set(['id', 'each.id', 'ids', 'job'])

/** The value of a name such as `body.slug`, unless several items have different ones; dots would lead to another path, and do not count as a value. */
function fieldOf(body: Json | undefined, name: string): Json | undefined {
  const [value, ...others] = valuesAt(body, name.split('.').slice(1))
  if (others.some((other) => JSON.stringify(other) !== JSON.stringify(value))) return undefined
  return value === '.' || value === '..' || value === '' || value === null ? undefined : value
}

/** Escapes a path, so that nothing in it is filled in. */
export function literal(path: string): string {
  return path.replace(/[{}]/g, encodeURIComponent)
}

/** The last segment of a path, decoded. */
export function lastSegment(path: string): string {
  return decodeSegment(trimmed(path).split('/').at(-1) ?? '')
}

/** A condition on the answer is evaluated here: bodies are not recorded. */
function withCondition(template: RequestTemplate, body: Json | undefined): RequestTemplate {
  const { when } = template
  if (typeof when?.answer !== 'string') return template
  return { ...template, when: { ...when, answer: holds(when.answer, body) } }
}

function unique(keys: readonly Json[]): Json[] {
  return [...new Set(keys)]
}
