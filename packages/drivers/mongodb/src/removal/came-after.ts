/** Whether a document certainly came after another, by the ObjectIds of both. */
import { clock, type Json } from '@dustpan/core/driver'
import { countedOn, partsOf } from '../object-id.ts'

interface Parent {
  readonly key: Json
  readonly createdAt: number
}

/** An ObjectId that was written by hand says nothing. */
export function cameAfter(child: Json, { key, createdAt }: Parent): boolean {
  const [one, other] = [partsOf(child), partsOf(key)]
  if (!one || !other || Math.abs(other.at - createdAt) > madeBefore || one.at > clock.now()) return false
  if (one.maker !== other.maker) return one.at >= createdAt
  return one.at > other.at || (one.at === other.at && countedOn(other.count, one.count))
}

/** An id is made when a document is, which may be some time before that is sent: in milliseconds. */
const madeBefore = 60_000
