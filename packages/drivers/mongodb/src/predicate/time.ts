/**
 * Filters for a document's creation time. A value without a definite time is neither old nor new; nor is a list, which
 * has several.
 */
import { type Condition, clock } from '@dustpan/core/driver'
import type { Key } from '../keys.ts'
import type { Document, Ejson } from '../mongo.ts'
import { partsOf } from '../object-id.ts'

type Than = '$lt' | '$gt'

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]

/** Earlier values are not times: zeros, numbers like 20261122, and years like 1. */
const earliest = 1e12

/** More than the offset of any time zone from UTC. */
const maxOffset = 15 * hour

const dayText = String.raw`^\d{4}-\d\d-\d\d`
const clockText = String.raw`\d\d:\d\d(:\d\d(\.\d+)?)?`
const zoneText = String.raw`([+-]\d\d(:?\d\d)?)?`

/** Handles dates, ISO 8601 strings, numbers (milliseconds or seconds, by size) and, for `_id`, the time in an ObjectId. */
export function timeFilter(column: string, than: Than, at: number, ejson: Ejson): Document {
  if (column === '_id') return { _id: between(than, objectIdAt(at, ejson), objectIdAt(earliest, ejson)) }
  const text = (form: string, bound: string) => ({ [column]: { $regex: form, ...between(than, bound, '2001') } })
  // A string may lack its seconds, and a day ends at midnight in the last time zone.
  const [inZone, anywhere] = than === '$lt' ? [at, at - maxOffset] : [at + minute, at + maxOffset]
  const days = than === '$lt' ? anywhere - day : anywhere
  const latest = clock.now() + day
  const any = [
    { [column]: between(than, new Date(at), new Date(1)) },
    text(`${dayText}T${clockText}Z$`, iso(inZone)),
    text(`${dayText}T${clockText}${zoneText}$`, iso(anywhere).slice(0, 19)),
    text(`${dayText} ${clockText}${zoneText}$`, iso(anywhere).slice(0, 19).replace('T', ' ')),
    text(`${dayText}$`, iso(days).slice(0, 10)),
    { [column]: { ...between(than, at, earliest), $lt: than === '$lt' ? at : latest } },
    { [column]: { ...between(than, at / 1000, earliest / 1000), $lt: (than === '$lt' ? at : latest) / 1000 } },
  ]
  return { $and: [{ $or: any }, ...withoutLists(column)] }
}

const between = (than: Than, bound: unknown, least: unknown): Document =>
  than === '$lt' ? { $lt: bound, $gte: least } : { $gt: bound }

const iso = (at: number): string => new Date(at).toISOString()

function objectIdAt(at: number, ejson: Ejson): unknown {
  const seconds = Math.floor(at / 1000).toString(16)
  return ejson.deserialize({ $oid: `${seconds.padStart(8, '0')}0000000000000000` }, { relaxed: true })
}

/** Requires that no field on the path is a list. */
function withoutLists(column: string): readonly Document[] {
  const names = column.split('.')
  return names.map((_, i) => ({ [`${names.slice(0, i + 1).join('.')}.0`]: { $exists: false } }))
}

/** Whether the conditions use the time in the ObjectId. */
export function usesObjectIdTime(conditions: readonly Condition[]): boolean {
  return conditions.some((one) => {
    if (one.test === 'any') return one.of.some(usesObjectIdTime)
    return (one.test === 'before' || one.test === 'after') && one.column === '_id'
  })
}

/** Whether a client generated the ObjectId: one written by hand, or made from a time alone, may have any time. */
export const hasObjectIdTime = ({ json, idType }: Key): boolean => idType === 'objectId' && partsOf(json) !== undefined
