/** Finds the ids of created resources in an answer, if no rule gives their place. */

import { singular } from '../resource/plural.ts'
import type { Json } from '../resource/resource.ts'
import { isId } from './place.ts'

const names = ['id', '_id', 'uuid'] as const

/** The resource in a body: the body itself, or what it wraps as `data` or under the type's name. Other parts existed before. */
export function unwrapped(body: Json | undefined, type: string): Json | undefined {
  if (!isObject(body) || idOf(body) !== undefined) return body
  const [wrapped, ...others] = Object.keys(body).filter(
    (name) => isWrapping(body, name) && (singular(name) === type || isEnvelope(body, name)),
  )
  return wrapped === undefined || others.length > 0 ? undefined : body[wrapped]
}

/** The content of an answer that a rule vouches for: one resource (`{data: {id}}`, `{user: {id}}` for a user), or a list of them. */
export function wrappedResources(body: Json | undefined, type: string): Json | undefined {
  return isObject(body) ? wrappedIn(body, type) : body
}

/** The id of one resource. */
export function idOf(resource: Json | undefined): Json | undefined {
  if (!isObject(resource) || isRpcAnswer(resource)) return undefined
  const name = names.find((candidate) => isId(resource[candidate]))
  return name === undefined ? undefined : resource[name]
}

/**
 * The id of a JSON-RPC call is not the resource's. Version 1 has no field of its own: `{ id, result, error }`. Without `error`
 * it may also be an exam with its result, unless that has an id too.
 */
function isRpcAnswer(body: { readonly [key: string]: Json }): boolean {
  if ('jsonrpc' in body) return true
  const isVersion1 = 'error' in body || idOf(body.result) !== undefined
  return 'result' in body && isVersion1 && Object.keys(body).every((name) => /^(id|result|error)$/.test(name))
}

const wrappings = ['data', 'result', 'results']
const envelopes = new Set([...wrappings, 'items'])

/** Fields that describe the answer, not the resource. */
const aboutAnswers =
  /^(meta|links|_links|included|jsonapi|success|ok|status|statusCode|status_code|code|msg|messages?|errors?|warnings?|timestamp|took|duration|request_?id|trace_?id|api_?version|count)$/i

/** Beside other fields it is an ordinary field: the data of a document, the result of an exam. */
function isEnvelope(body: { readonly [key: string]: Json }, name: string): boolean {
  return wrappings.includes(name) && Object.keys(body).every((other) => other === name || aboutAnswers.test(other))
}

/** The content under a wrapping name; any other object in an answer existed before (`customer`). */
function wrappedIn(body: { readonly [key: string]: Json }, type: string): Json | undefined {
  const found = Object.entries(body).filter(
    ([name]) => isWrapping(body, name) && (envelopes.has(name) || singular(name) === type),
  )
  return found.length === 1 ? found[0]?.[1] : undefined
}

function isWrapping(body: { readonly [key: string]: Json }, name: string): boolean {
  return typeof body[name] === 'object' && body[name] !== null
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
