/** Where answers have the ids of what they created, when no rule says it. */

import { singular } from '../resource/plural.ts'
import type { Json } from '../resource/resource.ts'
import { isId } from './place.ts'

const names = ['id', '_id', 'uuid'] as const

/** The ids of what an answer wraps: of one thing (`{data: {id}}`, `{user: {id}}` for a user), or of each in a list. */
export function wrappedIds(body: Json | undefined, type: string): Json[] {
  if (Array.isArray(body)) return idsOfAll(body)
  if (!isObject(body)) return []
  const wrapped = wrappedIn(body, type)
  return Array.isArray(wrapped) ? idsOfAll(wrapped) : [idOf(wrapped)].filter((id) => id !== undefined)
}

/** The id of one thing. */
export function idOf(thing: Json | undefined): Json | undefined {
  if (!isObject(thing)) return undefined
  const name = names.find((candidate) => isId(thing[candidate]))
  return name === undefined ? undefined : thing[name]
}

const envelopes = new Set(['data', 'result', 'results', 'items'])

/** What stands under a name that says so; any other object in an answer is something else, which was there before (`customer`). */
function wrappedIn(body: { readonly [key: string]: Json }, type: string): Json | undefined {
  const found = Object.entries(body).filter(
    ([name, value]) => typeof value === 'object' && value !== null && (envelopes.has(name) || singular(name) === type),
  )
  return found.length === 1 ? found[0]?.[1] : undefined
}

function idsOfAll(list: readonly Json[]): Json[] {
  return list.map(idOf).filter((id) => id !== undefined)
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
