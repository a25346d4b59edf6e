/** Whether a document was certainly created after another, judging by both ObjectIds. */
import { clock, type Json } from '@dustpan/core/driver'
import { isCountedAfter, partsOf } from '../object-id.ts'

interface Parent {
  readonly key: Json
  readonly createdAt: number
}

/** False for ObjectIds that were written by hand. */
export function cameAfter(child: Json, { key, createdAt }: Parent): boolean {
  const [one, other] = [partsOf(child), partsOf(key)]
  if (!one || !other || Math.abs(other.at - createdAt) > maxGapMs || one.at > clock.now()) return false
  if (one.maker !== other.maker) return one.at >= createdAt
  return one.at > other.at || (one.at === other.at && isCountedAfter(other.count, one.count))
}

/** An id is generated with the document object, which may be some time before the insert. */
const maxGapMs = 60_000
