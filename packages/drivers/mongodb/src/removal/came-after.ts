/**
 * Whether a document certainly came after another, by the ObjectIds of both: four bytes of the second in which it was made, five of who made it,
 * three that its maker counts on. https://www.mongodb.com/docs/manual/reference/bson-types/#objectid
 */
import { clock, type Json } from '@dustpan/core/driver'

interface Parent {
  readonly key: Json
  readonly createdAt: number
}

/** An ObjectId that was written by hand says nothing: it may be anybody's, and name any time. */
export function cameAfter(child: Json, { key, createdAt }: Parent): boolean {
  const [one, other] = [partsOf(child), partsOf(key)]
  if (!one || !other || Math.abs(other.at - createdAt) > madeBefore || one.at > clock.now()) return false
  if (one.maker !== other.maker) return one.at >= createdAt
  return one.at > other.at || (one.at === other.at && countedOn(other.count, one.count))
}

/** An id is made when a document is, which may be some time before that is sent: in milliseconds. */
const madeBefore = 60_000

function partsOf(id: Json) {
  const hex = String(id).toLowerCase()
  const maker = hex.slice(8, 18)
  if (maker === nobody) return undefined
  return { at: Number.parseInt(hex.slice(0, 8), 16) * 1000, maker, count: Number.parseInt(hex.slice(18), 16) }
}

/** Of ids that are made of a time alone, or counted from one on. */
const nobody = '0000000000'

/** At its end the count begins again: nobody makes half of all in one second. */
function countedOn(from: number, to: number): boolean {
  const by = (to - from + counts) % counts
  return by > 0 && by < counts / 2
}

const counts = 2 ** 24
