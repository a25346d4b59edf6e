/** Where answers have the ids of what they created, when no rule says it. */
import type { Json } from '../resource/resource.ts'
import { isId } from './place.ts'

const names = ['id', '_id', 'uuid'] as const

/** The ids in a body: of the thing itself, of one that is wrapped (`{data: {id}}`), or of each in a list. */
export function idsInBody(body: Json | undefined): Json[] {
  if (Array.isArray(body)) return idsOfAll(body)
  if (!isObject(body)) return []
  const own = idOf(body)
  if (own !== undefined) return [own]
  const wrapped = wrappedIn(body)
  return Array.isArray(wrapped) ? idsOfAll(wrapped) : [idOf(wrapped)].filter((id) => id !== undefined)
}

/** The id of one thing. */
export function idOf(thing: Json | undefined): Json | undefined {
  if (!isObject(thing)) return undefined
  const name = names.find((candidate) => isId(thing[candidate]))
  return name === undefined ? undefined : thing[name]
}

/** `data`, or the only property that could be a wrapped thing or list. */
function wrappedIn(body: { readonly [key: string]: Json }): Json | undefined {
  if (typeof body.data === 'object') return body.data
  const candidates = Object.values(body).filter((value) =>
    Array.isArray(value) ? value.length > 0 && value.every(isObject) : isObject(value),
  )
  return candidates.length === 1 ? candidates[0] : undefined
}

function idsOfAll(list: readonly Json[]): Json[] {
  return list.map(idOf).filter((id) => id !== undefined)
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
