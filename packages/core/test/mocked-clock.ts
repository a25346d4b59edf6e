/** A clock that a test sets: `clock.now()` returns it while a test of the file runs. */
import { afterEach, beforeEach, vi } from 'vitest'
import { clock } from '../src/clock/clock.ts'

export const begun = Date.UTC(2026, 10, 21, 5, 12)

/** Sets the clock to `begun` before each test of the calling file. */
export function mockClock(): { now: number } {
  const time = { now: begun }
  beforeEach(() => {
    time.now = begun
    vi.spyOn(clock, 'now').mockImplementation(() => time.now)
  })
  afterEach(() => vi.restoreAllMocks())
  return time
}
