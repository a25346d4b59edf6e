/** Recognises 201 answers for a resource that existed before: found and not created, or older than the request. */
import { wrappedResources } from '../http-rules/default-ids.ts'
import type { Json } from '../resource/resource.ts'
import { type Doubt, doubts } from './doubts.ts'
import { foundSign } from './found-sign.ts'
import type { SeenAnswer } from './seen-creation.ts'

/** @param resource the resource in the body, unwrapped. A word such as `created: false` within a list applies to its item only. */
export function existedBefore(resource: Json | undefined, answer: SeenAnswer): Doubt | undefined {
  const objects = [answer.body, Array.isArray(resource) ? undefined : resource].map(fieldsOf)
  const found = objects.map((fields) => foundSign(fields, answer.sent)).find((one) => one !== undefined)
  if (found) return found
  const isOlder = [answer.body, ...[resource].flat()].some((one) =>
    Object.entries(fieldsOf(one)).some(([name, value]) => isOld(name, value, answer)),
  )
  return isOlder ? doubts.existed : undefined
}

/** `created: false`, which has no other meaning: honoured even if a rule vouches for the answer. */
export function isFound(body: Json | undefined, type: string): boolean {
  return [body, wrappedResources(body, type)].some((one) => (fieldsOf(one) as { created?: Json }).created === false)
}

/** A resource's fields, including nested ones: attributes (JSON:API), or metadata. */
function fieldsOf(resource: Json | undefined): object {
  if (typeof resource !== 'object' || resource === null || Array.isArray(resource)) return {}
  const parts = Object.entries(resource).flatMap(([name, part]) =>
    nested.has(name) && typeof part === 'object' && part !== null && !Array.isArray(part) ? [part] : [],
  )
  return Object.assign({}, ...parts, resource)
}

const nested = new Set(['attributes', 'meta', '_meta', 'metadata', 'timestamps', 'sys', 'audit'])

const dates =
  /^((created?|inserted|registered)([-_]?(at|on|date|time|timestamp))?|creation[-_]?(date|time|timestamp)|(date|time|when)[-_]?(created|inserted|registered|joined)|registration[-_]?date)$/i

/** A date that was sent is data of the resource. */
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
