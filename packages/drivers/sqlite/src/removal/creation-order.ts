/** Compares the creation times that rows contain. */
import type { SqlValue } from '../client.ts'

/**
 * Whether a row was created after another. Compares text with text of the same length, and numbers with numbers. Equal times are
 * proof only if they are finer than a second: within one second a row may have been created first, and made to refer to the other
 * later.
 */
export function isAfter(child: SqlValue, parent: SqlValue): boolean {
  if (typeof child === 'number' && typeof parent === 'number') {
    return child > parent || (child === parent && (!Number.isInteger(child) || child > maxSeconds))
  }
  if (typeof child !== 'string' || typeof parent !== 'string' || child.length !== parent.length) return false
  return child > parent || (child === parent && fractionOfSecond.test(child))
}

/** An integer above this is a number of milliseconds. */
const maxSeconds = 1e11
const fractionOfSecond = /\d:\d\d:\d\d\.\d/

/**
 * The time in milliseconds since the epoch, from a text in UTC as SQLite writes it, or from seconds, milliseconds or a Julian
 * day. Whole seconds are truncated. Undefined: not a recognised time.
 */
export function timeOf(value: SqlValue): number | undefined {
  if (typeof value === 'string') return timeIn(value)
  if (typeof value !== 'number') return undefined
  if (value > maxSeconds) return value
  return value < maxJulianDay ? (value - julianEpoch) * 86_400_000 : value * 1000
}

const maxJulianDay = 1e7
/** 1970-01-01, as a Julian day. */
const julianEpoch = 2_440_587.5

function timeIn(text: string): number | undefined {
  const [, day, time] = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)Z?$/.exec(text) ?? []
  const at = Date.parse(`${day}T${time}Z`)
  return Number.isNaN(at) ? undefined : at
}
