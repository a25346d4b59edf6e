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
