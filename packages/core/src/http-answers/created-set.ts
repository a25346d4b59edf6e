/** Builds the set of created resources: their keys, and how each is removed. */

import { holds } from '../http-rules/condition.ts'
import { isId, valuesAt } from '../http-rules/place.ts'
import { fillRequest, type RequestTemplate, requestRemoval } from '../http-rules/request-template.ts'
import { decodeSegment, trimmed } from '../http-rules/route.ts'
import type { MatchedRule } from '../http-rules/rules.ts'
import type { CreatedSet } from '../resource/capture.ts'
import type { Json } from '../resource/resource.ts'
import type { Values } from '../resource/template.ts'

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

export function createdSet(
  creation: Creation,
  answer: CreationAnswer,
  type: string,
  keys: readonly Json[],
  remove: RequestTemplate,
): CreatedSet {
  const { rule, params } = creation.matched ?? {}
  const values: Values = (name) => {
    if (later.has(name)) return undefined
    return name.startsWith('body.') ? fieldOf(answer, name) : params?.[name]
  }
  const filled = fillRequest({ ...remove, ...rule?.parts }, values)
  const fallbacks = rule?.fallback?.map((one) => fillRequest(one, values)) ?? []
  return {
    type,
    keys: unique(keys.filter(isId)),
    steps: [filled, ...fallbacks].map((one) => requestRemoval('$driver', withCondition(one, answer.body))),
    proof: { strength: 'key-only' },
  }
}

/** Filled in at removal. */
const later = new Set(['id', 'each.id', 'ids', 'job'])

/** The value of a name such as `body.slug`; dots would lead to another path, and do not count as a value. */
function fieldOf({ body }: CreationAnswer, name: string): Json | undefined {
  const [value] = valuesAt(body, name.split('.').slice(1))
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
