/** What a rule or a default found, as a set: the keys, and how each is removed. */

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
  /** The path of `Location`, when it is on the same origin, or goes on from the request's. */
  readonly location: string | undefined
  /** Undefined when there is none, or none that is JSON. */
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
    steps: [filled, ...fallbacks].map((one) => requestRemoval('$driver', lookedAt(one, answer.body))),
    proof: { strength: 'key-only' },
  }
}

/** Filled in when it is removed. */
const later = new Set(['id', 'each.id', 'ids', 'job'])

/** What a name such as `body.slug` stands for; dots lead to another path, and are no value. */
function fieldOf({ body }: CreationAnswer, name: string): Json | undefined {
  const [value] = valuesAt(body, name.split('.').slice(1))
  return value === '.' || value === '..' || value === '' || value === null ? undefined : value
}

/** A path as it was, in which nothing is to be filled in. */
export function literal(path: string): string {
  return path.replace(/[{}]/g, encodeURIComponent)
}

/** What a path ends with, decoded. */
export function lastSegment(path: string): string {
  return decodeSegment(trimmed(path).split('/').at(-1) ?? '')
}

/** What a condition says of the answer is decided here: bodies are not on record. */
function lookedAt(template: RequestTemplate, body: Json | undefined): RequestTemplate {
  const { when } = template
  if (typeof when?.answer !== 'string') return template
  return { ...template, when: { ...when, answer: holds(when.answer, body) } }
}

function unique(keys: readonly Json[]): Json[] {
  return [...new Set(keys)]
}
