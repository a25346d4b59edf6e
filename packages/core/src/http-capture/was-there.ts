/** Answers of 201 that say of a thing that it was there before: found and not created, or older than the request. */
import type { Json } from '../resource/resource.ts'
import type { SeenAnswer } from './seen-creation.ts'

/** @param thing what the body tells of: itself, or what it wraps */
export function wasThere(thing: Json | undefined, answer: SeenAnswer): boolean {
  return [answer.body, ...[thing].flat()].some((one) =>
    Object.entries(fieldsOf(one)).some(([name, value]) => isFound(name, value) || isOld(name, value, answer)),
  )
}

/** JSON:API has them apart. */
function fieldsOf(thing: Json | undefined): object {
  if (typeof thing !== 'object' || thing === null || Array.isArray(thing)) return {}
  const { attributes } = thing as { readonly attributes?: Json }
  return typeof attributes === 'object' ? { ...thing, ...attributes } : thing
}

const isFound = (name: string, value: Json): boolean => name === 'created' && value === false

/** A date that was sent is the thing's own. */
function isOld(name: string, value: Json, { at, sent }: SeenAnswer): boolean {
  if (at === undefined || !/^(created([-_]?(at|on|date))?|creation[-_]?date|date[-_]?created)$/i.test(name))
    return false
  return timeOf(value) < at - day && !JSON.stringify(sent ?? null).includes(`"${name}"`)
}

const day = 86_400_000

/** Seconds or milliseconds since the epoch, or an ISO date; NaN: none of these. */
function timeOf(value: Json): number {
  if (typeof value === 'string') return /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(value) : Number.NaN
  if (typeof value !== 'number' || value < 1e9) return Number.NaN
  return value < 1e11 ? value * 1000 : value
}
