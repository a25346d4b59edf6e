/** Whether a row came after another, by the times that their tables noted. */
import type { SqlValue } from '../client.ts'

/**
 * Text is compared with text of the same length, numbers with numbers. A tie is proof only where the times are finer than a second:
 * within one second a row may have been created first, and made to refer to the other later.
 */
export function isAfter(child: SqlValue, parent: SqlValue): boolean {
  if (typeof child === 'number' && typeof parent === 'number') {
    return child > parent || (child === parent && (!Number.isInteger(child) || child > secondsNeverReach))
  }
  if (typeof child !== 'string' || typeof parent !== 'string' || child.length !== parent.length) return false
  return child > parent || (child === parent && fractionOfSecond.test(child))
}

/** A whole number above this counts milliseconds. */
const secondsNeverReach = 1e11
const fractionOfSecond = /\d:\d\d:\d\d\.\d/

/**
 * In milliseconds since the epoch, of a text in UTC as SQLite writes it, of seconds, milliseconds or a Julian day. Whole seconds are cut.
 * Undefined: nobody can tell what time it is.
 */
export function timeOf(value: SqlValue): number | undefined {
  if (typeof value === 'string') return timeIn(value)
  if (typeof value !== 'number') return undefined
  if (value > secondsNeverReach) return value
  return value < daysNeverReach ? (value - julianEpoch) * 86_400_000 : value * 1000
}

const daysNeverReach = 1e7
/** 1970-01-01, as a Julian day. */
const julianEpoch = 2_440_587.5

function timeIn(text: string): number | undefined {
  const [, day, time] = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)Z?$/.exec(text) ?? []
  const at = Date.parse(`${day}T${time}Z`)
  return Number.isNaN(at) ? undefined : at
}
