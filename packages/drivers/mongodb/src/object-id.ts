/**
 * What an ObjectId tells: four bytes of the second in which it was made, five of who made it, three that its maker counts on.
 * https://www.mongodb.com/docs/manual/reference/bson-types/#objectid
 */
import type { Json } from '@dustpan/core/driver'

export interface ObjectIdParts {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly maker: string
  readonly count: number
}

/** Of its 24 digits. Undefined: it was written by hand, which may be anybody's, and name any time. */
export function partsOf(id: Json): ObjectIdParts | undefined {
  const hex = String(id).toLowerCase()
  const maker = hex.slice(8, 18)
  if (maker === nobody) return undefined
  return { at: Number.parseInt(hex.slice(0, 8), 16) * 1000, maker, count: Number.parseInt(hex.slice(18), 16) }
}

/** Of ids that are made of a time alone, or counted from one on. */
const nobody = '0000000000'

/** At its end the count begins again: nobody makes half of all in one go. */
export function countedOn(from: number, to: number): boolean {
  const by = (to - from + counts) % counts
  return by > 0 && by < counts / 2
}

const counts = 2 ** 24
