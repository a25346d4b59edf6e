/** Where answers have the ids of what they created, when no rule says it. */

import { singular } from '../resource/plural.ts'
import type { Json } from '../resource/resource.ts'
import { isId } from './place.ts'

const names = ['id', '_id', 'uuid'] as const

/** What a body tells of: itself, or what it wraps as `data`, or under the thing's own name. Other parts of it were there before. */
export function unwrapped(body: Json | undefined, type: string): Json | undefined {
  if (!isObject(body) || idOf(body) !== undefined) return body
  const [wrapped, ...others] = Object.keys(body).filter(
    (name) => isWrapping(body, name) && (singular(name) === type || isEnvelope(body, name)),
  )
  return wrapped === undefined || others.length > 0 ? undefined : body[wrapped]
}

/** What an answer wraps where a rule vouches for it: one thing (`{data: {id}}`, `{user: {id}}` for a user), or a list of them. */
export function wrappedThings(body: Json | undefined, type: string): Json | undefined {
  return isObject(body) ? wrappedIn(body, type) : body
}

/** The id of one thing. */
export function idOf(thing: Json | undefined): Json | undefined {
  // The id of a JSON-RPC call is not the thing's.
  if (!isObject(thing) || 'jsonrpc' in thing) return undefined
  const name = names.find((candidate) => isId(thing[candidate]))
  return name === undefined ? undefined : thing[name]
}

const wrappings = ['data', 'result', 'results']
const envelopes = new Set([...wrappings, 'items'])

/** What tells of an answer, and not of a thing. */
const aboutAnswers =
  /^(meta|links|_links|included|jsonapi|success|ok|status|statusCode|status_code|code|msg|messages?|errors?|warnings?|timestamp|took|duration|request_?id|trace_?id|api_?version|count)$/i

/** Beside other fields it is one of them: the data of a document, the result of an exam. */
function isEnvelope(body: { readonly [key: string]: Json }, name: string): boolean {
  return wrappings.includes(name) && Object.keys(body).every((other) => other === name || aboutAnswers.test(other))
}

/** What stands under a name that says so; any other object in an answer is something else, which was there before (`customer`). */
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
