/** When a document was made, by what a field holds. What tells no certain time is neither old nor new; a list tells several. */
import { type Condition, clock } from '@dustpan/core/driver'
import type { Key } from '../keys.ts'
import type { Document, Ejson } from '../mongo.ts'
import { partsOf } from '../object-id.ts'

type Than = '$lt' | '$gt'

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]

/** Before this one nothing was made: zeros, numbers like 20261122, and years like 1 mean no time. */
const earliest = 1e12

/** More than any zone is away from UTC. */
const anyZone = 15 * hour

const dayText = String.raw`^\d{4}-\d\d-\d\d`
const clockText = String.raw`\d\d:\d\d(:\d\d(\.\d+)?)?`
const zoneText = String.raw`([+-]\d\d(:?\d\d)?)?`

/** Dates; texts in ISO 8601; numbers of milliseconds or seconds by their size; of `_id` the second that an ObjectId begins with. */
export function isTime(column: string, than: Than, at: number, ejson: Ejson): Document {
  if (column === '_id') return { _id: between(than, objectIdAt(at, ejson), objectIdAt(earliest, ejson)) }
  const text = (form: string, bound: string) => ({ [column]: { $regex: form, ...between(than, bound, '2001') } })
  // A text may leave out its seconds, and a day ends where its last place on earth has its midnight.
  const [inZone, anywhere] = than === '$lt' ? [at, at - anyZone] : [at + minute, at + anyZone]
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
  return { $and: [{ $or: any }, ...listsIn(column)] }
}

const between = (than: Than, bound: unknown, least: unknown): Document =>
  than === '$lt' ? { $lt: bound, $gte: least } : { $gt: bound }

const iso = (at: number): string => new Date(at).toISOString()

function objectIdAt(at: number, ejson: Ejson): unknown {
  const seconds = Math.floor(at / 1000).toString(16)
  return ejson.deserialize({ $oid: `${seconds.padStart(8, '0')}0000000000000000` }, { relaxed: true })
}

/** None on the way to the field. */
function listsIn(column: string): readonly Document[] {
  const names = column.split('.')
  return names.map((_, i) => ({ [`${names.slice(0, i + 1).join('.')}.0`]: { $exists: false } }))
}

/** Whether a document's age is that of its ObjectId. */
export function goesById(conditions: readonly Condition[]): boolean {
  return conditions.some((one) => {
    if (one.test === 'any') return one.of.some(goesById)
    return (one.test === 'before' || one.test === 'after') && one.column === '_id'
  })
}

/** Whether a client has made it: one that was written by hand, or of a time alone, names any time. */
export const tellsTime = ({ json, idType }: Key): boolean => idType === 'objectId' && partsOf(json) !== undefined
