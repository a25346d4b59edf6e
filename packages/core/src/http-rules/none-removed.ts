/** Answers of success to a removal that count what it has removed: `{ affected: 0 }` of an ORM, `{ deletedCount: 0 }` of a database. */
import type { Json } from '../resource/resource.ts'
import { idOf } from './default-ids.ts'

/** What says that it was nothing, in words; undefined: nothing does. A thing that is shown may have such a field itself. */
export function noneRemoved(body: Json | undefined): string | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body) || idOf(body) !== undefined) return undefined
  const fields = Object.entries(body)
  const zero = fields.find(([name, value]) => value === 0 && counts(name, fields.length))
  return zero && `${zero[0]} is 0`
}

/** A `count` beside other things may be of what is left. */
const counts = (name: string, fields: number): boolean =>
  /^(affected([-_]?rows)?|deleted([-_]?count)?|removed([-_]?count)?|row[-_]?count)$/i.test(name) ||
  (name === 'count' && fields === 1)
