/** A clock that a test sets: `clock.now()` gives it for as long as a test of the file is under way. */
import { afterEach, beforeEach, vi } from 'vitest'
import { clock } from '../src/clock/clock.ts'

export const begun = Date.UTC(2026, 10, 21, 5, 12)

/** Set to `begun` before each test of the file that calls this. */
export function mockClock(): { now: number } {
  const time = { now: begun }
  beforeEach(() => {
    time.now = begun
    vi.spyOn(clock, 'now').mockImplementation(() => time.now)
  })
  afterEach(() => vi.restoreAllMocks())
  return time
}
