/**
 * The parts of an ObjectId: four bytes for the second of its creation, five for the process that generated it, three for a counter.
 * https://www.mongodb.com/docs/manual/reference/bson-types/#objectid
 */
import type { Json } from '@dustpan/core/driver'

export interface ObjectIdParts {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly maker: string
  readonly count: number
}

/** The parts of the 24 digits. Undefined: written by hand, so that the time may be any. */
export function partsOf(id: Json): ObjectIdParts | undefined {
  const hex = String(id).toLowerCase()
  const maker = hex.slice(8, 18)
  if (maker === noMaker) return undefined
  return { at: Number.parseInt(hex.slice(0, 8), 16) * 1000, maker, count: Number.parseInt(hex.slice(18), 16) }
}

/** The process part of ids made from a time alone, or counted up from one. */
const noMaker = '0000000000'

/** Whether `to` comes after `from`. The counter wraps around; a gap of less than half its range counts as later. */
export function isCountedAfter(from: number, to: number): boolean {
  const by = (to - from + counts) % counts
  return by > 0 && by < counts / 2
}

const counts = 2 ** 24
