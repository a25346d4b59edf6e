/** The part of an answer that is about one of its resources: lists that contain its id are reduced to its own item. */

import { idOf, wrappedResources } from '../http-rules/default-ids.ts'
import type { Place } from '../http-rules/place.ts'
import type { Json } from '../resource/resource.ts'

/** @param place of the ids, if the rule gives one */
export function bodiesByKey(body: Json | undefined, type: string, place: Place | undefined): ReadonlyMap<Json, Json> {
  const bodies = new Map<Json, Json>()
  if (body === undefined || (place !== undefined && place.in !== 'body')) return bodies
  for (const [key, own] of reduced(body, place?.steps ?? wrapperOf(body, type))) {
    const other = bodies.get(key)
    bodies.set(key, other === undefined ? own : [other, own])
  }
  return bodies
}

/** Where the resources are if the rule does not say it. */
function wrapperOf(body: Json, type: string): readonly string[] {
  const wrapped = wrappedResources(body, type)
  if (wrapped === undefined || wrapped === body || idOf(body) !== undefined) return []
  return Object.entries(body as object).flatMap(([name, part]) => (part === wrapped ? [name] : []))
}

function reduced(value: Json | undefined, steps: readonly string[]): readonly (readonly [key: Json, own: Json])[] {
  if (value === undefined) return []
  const [first, ...rest] = steps
  if (Array.isArray(value)) {
    const below = first === '[]' ? rest : steps
    return value.flatMap((item: Json) => reduced(item, below).map(([key, own]) => [key, [own]] as const))
  }
  if (first === undefined) return [[idOf(value) ?? value, value]]
  if (typeof value !== 'object' || value === null) return []
  const fields = value as { readonly [name: string]: Json }
  return reduced(fields[first], rest).map(([key, own]) => [key, { ...fields, [first]: own }] as const)
}
