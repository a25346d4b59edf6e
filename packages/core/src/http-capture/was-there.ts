/** Answers of 201 that say of a thing that it was there before: found and not created, or older than the request. */
import { wrappedThings } from '../http-rules/default-ids.ts'
import type { Json } from '../resource/resource.ts'
import { type Doubt, doubts } from './doubts.ts'
import { foundSign } from './found-sign.ts'
import type { SeenAnswer } from './seen-creation.ts'

/** @param thing what the body tells of: itself, or what it wraps. What one of a list says by a word, as `created: false`, is its own. */
export function wasThere(thing: Json | undefined, answer: SeenAnswer): Doubt | undefined {
  const told = [answer.body, Array.isArray(thing) ? undefined : thing].map(fieldsOf)
  const said = told.map((fields) => foundSign(fields, answer.sent)).find((one) => one !== undefined)
  if (said) return said
  const isOlder = [answer.body, ...[thing].flat()].some((one) =>
    Object.entries(fieldsOf(one)).some(([name, value]) => isOld(name, value, answer)),
  )
  return isOlder ? doubts.wasThere : undefined
}

/** `created: false`, which is no other field's name: said also where a rule vouches for the answer. */
export function isFound(body: Json | undefined, type: string): boolean {
  return [body, wrappedThings(body, type)].some((one) => (fieldsOf(one) as { created?: Json }).created === false)
}

/** What tells of a thing may stand apart: as attributes (JSON:API), or as what is known about it. */
function fieldsOf(thing: Json | undefined): object {
  if (typeof thing !== 'object' || thing === null || Array.isArray(thing)) return {}
  const parts = Object.entries(thing).flatMap(([name, part]) =>
    apart.has(name) && typeof part === 'object' && part !== null && !Array.isArray(part) ? [part] : [],
  )
  return Object.assign({}, ...parts, thing)
}

const apart = new Set(['attributes', 'meta', '_meta', 'metadata', 'timestamps', 'sys', 'audit'])

const dates =
  /^((created?|inserted|registered)([-_]?(at|on|date|time|timestamp))?|creation[-_]?(date|time|timestamp)|(date|time|when)[-_]?(created|inserted|registered|joined)|registration[-_]?date)$/i

/** A date that was sent is the thing's own. */
function isOld(name: string, value: Json, { at, sent }: SeenAnswer): boolean {
  if (at === undefined || !dates.test(name)) return false
  return timeOf(value) < at - day && !JSON.stringify(sent ?? null).includes(`"${name}"`)
}

const day = 86_400_000

/** Seconds or milliseconds since the epoch, or an ISO date; NaN: none of these. */
function timeOf(value: Json): number {
  if (typeof value === 'string') return /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(value) : Number.NaN
  if (typeof value !== 'number' || value < 1e9) return Number.NaN
  return value < 1e11 ? value * 1000 : value
}
